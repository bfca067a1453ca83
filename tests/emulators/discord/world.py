"""The ground truth: everything there is, the clock it runs on, and who hears of what happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.emulators.discord import permissions
from tests.emulators.discord.model import AuditEntry, Channel, Guild, Id, Kind, Member, Message, Role, User
from tests.emulators.discord.permissions import ALL, IN_DM, NONE, Permission
from tests.emulators.discord.refusal import Json, Refusal

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
ISSUED_BITS = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, for every session that may see it: all of `intents` is needed, and `needs` where it happened."""

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None
    intents: int = 0
    needs: Permission = NONE


@dataclass(slots=True, kw_only=True)
class Application:
    """The bot's own application; without a token it is revoked."""

    user: User
    token: str | None
    # Presence, members and message content, as granted in the developer portal
    privileged: int = 1 << 1 | 1 << 8 | 1 << 15
    commands: dict[Id, Json] = field(default_factory=dict)
    guild_commands: dict[Id, dict[Id, Json]] = field(default_factory=dict)
    commands_created: dict[Id, int] = field(default_factory=dict)

    @property
    def id(self) -> Id:
        return self.user.id


class World:
    """Everything there is. `hear` is told of every event."""

    def __init__(self, *, token: str, hear: Callable[[Event], None], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._hear = hear
        self._ahead = timedelta()
        self._last_id = 0
        self.users: dict[Id, User] = {}
        self.guilds: dict[Id, Guild] = {}
        self.channels: dict[Id, Channel] = {}
        self.gone: dict[Id, Message] = {}
        self.open_polls: set[Message] = set()
        self.base_url = ""
        self.application = Application(user=self.user("Parley", bot=True), token=token)

    @property
    def me(self) -> User:
        """The bot."""
        return self.application.user

    def now(self) -> datetime:
        """The time here, which may be ahead of the time elsewhere."""
        return datetime.fromtimestamp(self._clock(), UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let time pass at once."""
        self._ahead += by

    def snowflake(self, at: datetime | None = None) -> Id:
        """A fresh id that says when it was made; later ones are greater, unless the time is given."""
        age = (at or self.now()) - EPOCH
        made = int(age / timedelta(milliseconds=1)) << ISSUED_BITS
        if at is not None:
            return self._unused(made)
        self._last_id = max(made, self._last_id + 1)
        return self._last_id

    def _unused(self, made: Id) -> Id:
        while made in self.gone or any(made in each.messages for each in self.channels.values()):
            made += 1
        return made

    def emit(self, event: Event) -> None:
        """Tell everybody who may know."""
        self._hear(event)

    # People and places

    def user(self, name: str, *, bot: bool = False) -> User:
        user = User(id=self.snowflake(), name=name, bot=bot)
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        return channel

    def add_role(self, guild: Guild, name: str, granted: Permission, *, position: int | None = None) -> Role:
        """A role; without a position it stands above all there are."""
        top = max(role.position for role in guild.roles.values()) + 1
        role = Role(id=self.snowflake(), name=name, permissions=granted, position=position or top)
        guild.roles[role.id] = role
        return role

    def dm(self, user: User) -> Channel:
        """The direct conversation of the bot and the user."""
        for channel in self.channels.values():
            if channel.is_dm and user.id in channel.people:
                return channel
        people = {user.id: user, self.me.id: self.me}
        return self.add_channel(Channel(id=self.snowflake(), kind=Kind.DM, people=people))

    # Look-ups that refuse as Discord does

    def guild_of(self, guild_id: Id) -> Guild:
        """The guild, if the bot is in it."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.me.id not in guild.members:
            raise Refusal(10004)
        return guild

    def member_of(self, guild: Guild, user_id: Id) -> Member:
        member = guild.members.get(user_id)
        if member is None:
            raise Refusal(10007 if user_id in self.users else 10013)
        return member

    def channel_of(self, channel_id: Id) -> Channel:
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refusal(10003)
        return channel

    def message_of(self, channel: Channel, message_id: Id) -> Message:
        message = channel.messages.get(message_id)
        if message is None or message.only_for is not None:
            raise Refusal(10008)
        return message

    # Permissions

    def allowed(self, user: User, channel: Channel) -> Permission:
        """What the user may do in the channel."""
        if channel.is_dm:
            return IN_DM if user.id in channel.people else NONE
        assert channel.guild is not None
        member = channel.guild.members.get(user.id)
        found = permissions.in_channel(channel, member, self.now()) if member else NONE
        hidden = channel.kind is Kind.PRIVATE_THREAD and user.id not in channel.people
        return NONE if hidden and Permission.MANAGE_THREADS not in found else found

    def allowed_in(self, user: User, guild: Guild) -> Permission:
        """What the user may do in the guild."""
        member = guild.members.get(user.id)
        return permissions.in_guild(guild, member, self.now()) if member else NONE

    def must(self, user: User, place: Channel | Guild, needed: Permission) -> None:
        """Refuse what the user may not do: without access 50001, without the permission 50013."""
        if isinstance(place, Guild):
            found = self.allowed_in(user, place)
        else:
            found = self.allowed(user, place)
            if Permission.VIEW_CHANNEL not in found:
                raise Refusal(50001)
        if found != ALL and needed not in found:
            raise Refusal(50013)

    def must_outrank(self, user: User, guild: Guild, other: Member) -> None:
        """Refuse what needs a higher role than the other's."""
        if not permissions.outranks(guild, self.member_of(guild, user.id), other):
            raise Refusal(50013)

    # The audit log

    def audit(self, guild: Guild, action: int, by: User, target: Id | None, reason: str | None) -> None:
        """Write a line into the guild's audit log."""
        entry = AuditEntry(id=self.snowflake(), action=action, user_id=by.id, target_id=target, reason=reason)
        guild.audit.append(entry)
        data: Json = {
            "id": str(entry.id),
            "guild_id": str(guild.id),
            "action_type": action,
            "user_id": str(by.id),
            "target_id": None if target is None else str(target),
            **({"reason": reason} if reason else {}),
        }
        name, needs = "GUILD_AUDIT_LOG_ENTRY_CREATE", Permission.VIEW_AUDIT_LOG
        self.emit(Event(name=name, data=data, guild=guild, intents=1 << 2, needs=needs))
