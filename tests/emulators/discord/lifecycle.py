"""How guilds, channels, roles and members come, change and go, and what time alone changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.emulators.discord import reacting, render
from tests.emulators.discord.hello import guild_create
from tests.emulators.discord.model import Channel, Guild, Id, Kind, Member, Role, User
from tests.emulators.discord.permissions import Overwrite, Permission
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.settings import Settings
from tests.emulators.discord.world import Event, World

GUILDS, GUILD_MEMBERS, GUILD_MODERATION = 1 << 0, 1 << 1, 1 << 2


def found_guild(world: World, name: str, *, bot: Permission, everyone: Permission) -> Guild:
    """A guild with an owner and the bot."""
    owner = world.user(f"owner of {name}")
    guild = Guild(id=world.snowflake(), name=name, owner_id=owner.id)
    guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=everyone, position=0)
    role = world.add_role(guild, world.me.name, bot)
    world.guilds[guild.id] = guild
    guild.members[owner.id] = Member(user=owner, joined_at=world.now())
    guild.members[world.me.id] = Member(user=world.me, joined_at=world.now(), role_ids={role.id})
    data = guild_create(world, guild, 0, 250)
    del data["unavailable"]  # it is missing where the bot has just been invited
    world.emit(Event(name="GUILD_CREATE", data=data, guild=guild, intents=GUILDS))
    return guild


def open_channel(
    world: World, guild: Guild, name: str, *, kind: Kind, overwrites: Sequence[Overwrite], tags: Sequence[str]
) -> Channel:
    """A channel of a guild."""
    described: list[Json] = [
        {"id": str(world.snowflake()), "name": tag, "moderated": False, "emoji_id": None, "emoji_name": None}
        for tag in tags
    ]
    channel = Channel(
        id=world.snowflake(), kind=kind, guild=guild, name=name, overwrites=list(overwrites), tags=described
    )
    world.add_channel(channel)
    _tell_channel(world, "CHANNEL_CREATE", channel)
    return channel


def tell_channel(world: World, channel: Channel) -> None:
    """Say that a channel is different from before."""
    _tell_channel(world, "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel)


def _tell_channel(world: World, name: str, channel: Channel) -> None:
    data = render.channel(channel)
    world.emit(Event(name=name, data=data, guild=channel.guild, intents=GUILDS))


def create_role(world: World, guild: Guild, name: str, granted: Permission, *, position: int | None) -> Role:
    role = world.add_role(guild, name, granted, position=position)
    _tell_role(world, "GUILD_ROLE_CREATE", guild, role)
    return role


def tell_role(world: World, guild: Guild, role: Role) -> None:
    """Say that a role is different from before."""
    _tell_role(world, "GUILD_ROLE_UPDATE", guild, role)


def _tell_role(world: World, name: str, guild: Guild, role: Role) -> None:
    data: Json = {"guild_id": str(guild.id), "role": render.role(role)}
    world.emit(Event(name=name, data=data, guild=guild, intents=GUILDS))


def join(world: World, guild: Guild, user: User, role_ids: set[Id]) -> Member:
    """A new member."""
    member = Member(user=user, joined_at=world.now(), role_ids=role_ids)
    guild.members[user.id] = member
    data = {**render.full_member(member), "guild_id": str(guild.id)}
    world.emit(Event(name="GUILD_MEMBER_ADD", data=data, guild=guild, intents=GUILD_MEMBERS))
    return member


def leave(world: World, guild: Guild, user: User) -> None:
    """A member who goes, whoever wanted it."""
    del guild.members[user.id]
    data: Json = {"guild_id": str(guild.id), "user": render.user(user)}
    world.emit(Event(name="GUILD_MEMBER_REMOVE", data=data, guild=guild, intents=GUILD_MEMBERS))


def tell_member(world: World, guild: Guild, member: Member) -> None:
    """Say that a member is different from before; of itself the bot hears without the intent."""
    data = {**render.full_member(member), "guild_id": str(guild.id)}
    intents = 0 if member.user is world.me else GUILD_MEMBERS
    world.emit(Event(name="GUILD_MEMBER_UPDATE", data=data, guild=guild, intents=intents))


def remove_bot(world: World, guild: Guild) -> None:
    """The bot is thrown out of a guild."""
    del guild.members[world.me.id]
    data: Json = {"id": str(guild.id)}
    world.emit(Event(name="GUILD_DELETE", data=data, guild=guild, intents=GUILDS))


def outage(world: World, guild: Guild, *, over: bool) -> None:
    """A guild cannot be reached for a while, or can again."""
    guild.unavailable = not over
    name = "GUILD_CREATE" if over else "GUILD_DELETE"
    data = guild_create(world, guild, 0, 250) if over else {"id": str(guild.id), "unavailable": True}
    world.emit(Event(name=name, data=data, guild=guild, intents=GUILDS))


def ban(world: World, guild: Guild, user: User, reason: str | None) -> None:
    """Somebody is banned, and goes if they were a member."""
    guild.bans[user.id] = reason
    if user.id in guild.members:
        leave(world, guild, user)
    _tell_ban(world, "GUILD_BAN_ADD", guild, user)


def unban(world: World, guild: Guild, user: User) -> None:
    del guild.bans[user.id]
    _tell_ban(world, "GUILD_BAN_REMOVE", guild, user)


def _tell_ban(world: World, name: str, guild: Guild, user: User) -> None:
    data: Json = {"guild_id": str(guild.id), "user": render.user(user)}
    needs = Permission.BAN_MEMBERS
    world.emit(Event(name=name, data=data, guild=guild, intents=GUILD_MODERATION, needs=needs))


def pass_time(world: World, settings: Settings) -> None:
    """Do what the clock alone makes happen: polls that ended are counted."""
    now = world.now()
    for message in list(world.open_polls):
        assert message.poll is not None
        if message.deleted or message.poll.finalized:
            world.open_polls.discard(message)
        elif now >= message.poll.expiry + max(settings.poll_count, timedelta(0)):
            world.open_polls.discard(message)
            reacting.finalise(world, message)
