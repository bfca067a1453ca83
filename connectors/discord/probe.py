"""Ask Discord who we are and what we may do, for `parley check`."""

from __future__ import annotations

from collections.abc import Collection

from bot.core.address import Address
from bot.core.capability import Need
from bot.core.errors import BotError
from bot.core.ports import Needs
from connectors.discord.account import Account
from connectors.discord.guilds import CATEGORY, Channel, Guild
from connectors.discord.memory import PLATFORM, Memory
from connectors.discord.permissions import READING, WANTED, Permission, add_up, named
from connectors.discord.reading import Json, snowflake, whole, words
from connectors.discord.settings import DiscordSettings
from connectors.discord.wire import Wire, path
from connectors.spec import Probe

SHOWN_SERVERS = 10
# Too much power to ask everybody for.
WITHOUT_AUTOMOD = "Without the permission Manage Server Discord does not tell me what its own AutoMod did."
SHOWN_CHANNELS = 30
# What the developer portal grants: to bots in many servers, and to those in few.
MEMBERS_INTENT = 1 << 14 | 1 << 15
CONTENT_INTENT = 1 << 18 | 1 << 19
# Nothing in one channel decides about these.
IN_THE_SERVER = (
    Permission.KICK_MEMBERS | Permission.BAN_MEMBERS | Permission.MODERATE_MEMBERS | Permission.MANAGE_NICKNAMES
)


async def probe(settings: DiscordSettings) -> list[Probe]:
    """One line about the account, one for each intent, and one for each server and channel that lacks something."""
    wire = Wire(settings.api_base, settings.secret)
    account = Account(wire, Memory(allowed=settings.guilds, trusted=settings.moderator_roles))
    try:
        return await _ask(account)
    except BotError as error:
        return [Probe("account", ok=False, detail=str(error))]
    finally:
        await wire.close()


def invitation(application: str) -> str:
    """The link that brings the bot into a server, with the permissions it uses and no others."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={int(WANTED)}"
    )


async def _ask(account: Account) -> list[Probe]:
    me = await account.identify()
    application = await account.wire.get(path("oauth2", "applications", "@me"))
    invite = f"Invite me with {invitation(account.application)}"
    found = [Probe("account", ok=True, detail=f"I am {words(application.get('name')) or me}. {invite}")]
    found += _intents(application)
    servers = await account.wire.get_all(path("users", "@me", "guilds"))
    ours = [snowflake(each.get("id")) for each in servers if account.memory.is_ours(snowflake(each.get("id")))]
    if not ours:
        return [*found, Probe("servers", ok=False, detail=f"I am in none that I listen to. {invite}")]
    for guild_id in ours[:SHOWN_SERVERS]:
        found += await _server(account, guild_id, invite)
    if ours[SHOWN_SERVERS:]:
        found.append(Probe("servers", ok=True, detail=f"{len(ours) - SHOWN_SERVERS} more were not looked at."))
    return found


NEEDED = {
    Need.READ: READING,
    Need.SPEAK: Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES,
    Need.REMOVE: Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.MANAGE_NICKNAMES,
    Need.RESTRICT: Permission.MODERATE_MEMBERS | Permission.KICK_MEMBERS | Permission.BAN_MEMBERS,
}


async def lacking(account: Account, guild_id: str, needs: Needs) -> list[str]:
    """What settings take and we may not: in the server, in each channel, and of the intents."""
    guild, me = await account.guild(guild_id), await account.member(guild_id, account.me)
    roles = me.roles if me else ()
    channels = [each for each in guild.channels.values() if each.kind != CATEGORY and not each.is_thread]
    wanted = {each.id: _wanted(needs(Address(PLATFORM, guild_id, each.id))) for each in channels}
    everywhere = add_up(list(wanted.values())) & ~guild.permissions(account.me, roles)
    found = [f"In the whole server I lack {named(everywhere)}."] if everywhere else []
    for each in channels:
        lacks = wanted[each.id] & ~IN_THE_SERVER & ~guild.permissions(account.me, roles, each.id) & ~everywhere
        shown = Permission.VIEW_CHANNEL if Permission.VIEW_CHANNEL in lacks else lacks
        found += [f"In <#{each.id}> I lack {named(shown)}: mend the channel’s permissions."] if shown else []
    application = await account.wire.get(path("oauth2", "applications", "@me"))
    found += [f"{one.what}: {one.detail}" for one in _intents(application) if not one.ok]
    return [*found, f"This invitation has all I use: <{invitation(account.application)}>"] if found else []


def _wanted(needs: Collection[Need]) -> Permission:
    return add_up([NEEDED[need] for need in needs])


def _intents(application: Json) -> list[Probe]:
    flags = whole(application.get("flags"))
    named_bits = (("Server Members Intent", MEMBERS_INTENT), ("Message Content Intent", CONTENT_INTENT))
    return [
        Probe(
            name,
            ok=bool(flags & bits),
            detail="is on." if flags & bits else "Turn it on in the developer portal (Bot).",
        )
        for name, bits in named_bits
    ]


async def _server(account: Account, guild_id: str, invite: str) -> list[Probe]:
    guild = await account.guild(guild_id)
    me = await account.member(guild_id, account.me)
    roles = me.roles if me else ()
    everywhere = WANTED & ~guild.permissions(account.me, roles)
    detail = f"I lack {named(everywhere)}. {invite}" if everywhere else "I have every permission I use."
    lines = [Probe(guild.name or guild_id, ok=not everywhere, detail=detail)]
    if Permission.MANAGE_GUILD not in guild.permissions(account.me, roles):
        lines.append(Probe(f"{guild.name} AutoMod", ok=True, detail=WITHOUT_AUTOMOD))
    channels = [each for each in guild.channels.values() if each.holds_messages or each.is_forum]
    lacking = [(each, _lacking(guild, account.me, roles, each) & ~everywhere) for each in channels]
    lines += [
        Probe(
            f"{guild.name} #{each.name}",
            ok=False,
            detail=f"I lack {named(lacks)} there: mend the channel's permissions.",
        )
        for each, lacks in lacking[:SHOWN_CHANNELS]
        if lacks
    ]
    return lines


def _lacking(guild: Guild, me: str, roles: tuple[str, ...], channel: Channel) -> Permission:
    held = guild.permissions(me, roles, channel.id)
    if Permission.VIEW_CHANNEL not in held:
        return Permission.VIEW_CHANNEL
    return WANTED & ~IN_THE_SERVER & ~held
