"""Ask Discord who we are and what we may do, for `parley check`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.core.address import Address
from bot.core.capability import Need
from bot.core.errors import BotError
from bot.core.ports import Needs
from connectors.discord.account import Account
from connectors.discord.guilds import CATEGORY, Channel, Guild
from connectors.discord.memory import PLATFORM, Memory
from connectors.discord.permissions import READING, Permission, add_up, named
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


NEEDED = {
    Need.READ: READING,
    Need.SPEAK: Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES,
    Need.REMOVE: Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.MANAGE_NICKNAMES,
    Need.RESTRICT: Permission.MODERATE_MEMBERS | Permission.KICK_MEMBERS | Permission.BAN_MEMBERS,
    Need.CONVERSE: Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS | Permission.SEND_POLLS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacks:
    """What the settings of a server take in all, what of it we lack `everywhere`, and what only in some channels."""

    guild: Guild
    wanted: Permission
    everywhere: Permission
    there: Sequence[tuple[Channel, Permission]]
    filters: bool

    @classmethod
    async def of(cls, account: Account, guild_id: str, needs: Needs) -> Lacks:
        """Look at every channel that is no thread."""
        guild, me = await account.guild(guild_id), await account.member(guild_id, account.me)
        roles = me.roles if me else ()
        channels = [each for each in guild.channels.values() if each.kind != CATEGORY and not each.is_thread]
        wanted = {each.id: _wanted(guild, each, needs) for each in channels}
        whole = guild.permissions(account.me, roles)
        everywhere = add_up(list(wanted.values())) & ~whole
        there = [
            (each, wanted[each.id] & ~IN_THE_SERVER & ~everywhere & ~guild.permissions(account.me, roles, each.id))
            for each in channels
        ]
        return cls(
            guild=guild,
            wanted=add_up(list(wanted.values())),
            everywhere=everywhere,
            # Nothing else can be done in a channel that we do not see.
            there=[(each, lacks & Permission.VIEW_CHANNEL or lacks) for each, lacks in there if lacks],
            filters=Permission.MANAGE_GUILD in whole,
        )


def _wanted(guild: Guild, channel: Channel, needs: Needs) -> Permission:
    """Where members may not talk nobody waits for answers and polls."""
    taken = needs(Address(PLATFORM, guild.id, channel.id))
    if Permission.SEND_MESSAGES not in guild.permissions("", (), channel.id):
        taken -= {Need.CONVERSE}
    return permitting(taken)


def permitting(needs: Collection[Need]) -> Permission:
    """The permissions for all of it."""
    return add_up([NEEDED[need] for need in needs])


async def probe(settings: DiscordSettings, needs: Needs) -> list[Probe]:
    """One line about the account, one for each intent, and one for each server and channel that lacks something."""
    wire = Wire(settings.api_base, settings.secret)
    account = Account(wire, Memory(allowed=settings.guilds, trusted=settings.moderator_roles))
    try:
        return await _ask(account, needs)
    except BotError as error:
        return [Probe("account", ok=False, detail=str(error))]
    finally:
        await wire.close()


def invitation(application: str, permissions: Permission) -> str:
    """The link that brings the bot into a server, with exactly these permissions."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={int(permissions)}"
    )


async def _ask(account: Account, needs: Needs) -> list[Probe]:
    me = await account.identify()
    application = await account.wire.get(path("oauth2", "applications", "@me"))
    servers = await account.wire.get_all(path("users", "@me", "guilds"))
    ours = [snowflake(each.get("id")) for each in servers if account.memory.is_ours(snowflake(each.get("id")))]
    lacks = [await Lacks.of(account, guild_id, needs) for guild_id in ours[:SHOWN_SERVERS]]
    # A server that we are not in yet has no settings of its own.
    usual = permitting(needs(Address(PLATFORM)))
    invite = f"Invite me with {invitation(account.application, add_up([each.wanted for each in lacks] or [usual]))}"
    found = [Probe("account", ok=True, detail=f"I am {words(application.get('name')) or me}. {invite}")]
    found += _intents(application)
    if not ours:
        return [*found, Probe("servers", ok=False, detail=f"I am in none that I listen to. {invite}")]
    found += [line for each in lacks for line in _server(each, invite)]
    if ours[SHOWN_SERVERS:]:
        found.append(Probe("servers", ok=True, detail=f"{len(ours) - SHOWN_SERVERS} more were not looked at."))
    return found


async def lacking(account: Account, guild_id: str, needs: Needs) -> list[str]:
    """What settings take and we may not: in the server, in each channel, and of the intents."""
    lacks = await Lacks.of(account, guild_id, needs)
    found = [f"In the whole server I lack {named(lacks.everywhere)}."] if lacks.everywhere else []
    found += [
        f"In <#{each.id}> I lack {named(missing)}: mend the channel’s permissions." for each, missing in lacks.there
    ]
    application = await account.wire.get(path("oauth2", "applications", "@me"))
    found += [f"{one.what}: {one.detail}" for one in _intents(application) if not one.ok]
    invite = invitation(account.application, lacks.wanted)
    return [*found, f"This invitation has all that your settings take: <{invite}>"] if found else []


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


def _server(lacks: Lacks, invite: str) -> list[Probe]:
    missing, guild = lacks.everywhere, lacks.guild
    detail = f"I lack {named(missing)}. {invite}" if missing else "I have every permission that your settings take."
    lines = [Probe(guild.name or guild.id, ok=not missing, detail=detail)]
    if not lacks.filters:
        lines.append(Probe(f"{guild.name} AutoMod", ok=True, detail=WITHOUT_AUTOMOD))
    return lines + [
        Probe(
            f"{guild.name} #{each.name}",
            ok=False,
            detail=f"I lack {named(there)} there: mend the channel's permissions.",
        )
        for each, there in lacks.there[:SHOWN_CHANNELS]
    ]
