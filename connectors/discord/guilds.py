"""What is known of servers: who owns them, their roles, channels and threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.core.event import Role
from connectors.discord.permissions import ALL, MODERATING, NONE, Overwrite, Permission, add_up, narrow
from connectors.discord.reading import Json, later, mapping, objects, snowflake, snowflakes, whole, words

THREADS = frozenset({10, 11, 12})
PRIVATE_THREAD = 12
FORUMS = frozenset({15, 16})
CATEGORY = 4
VOICE = frozenset({2, 13})
MAX_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel or a thread. `last` is its newest message; a thread's `parent` is its channel."""

    id: str
    kind: int
    name: str
    parent: str = ""
    overwrites: tuple[Overwrite, ...] = ()
    last: str = ""

    @property
    def is_thread(self) -> bool:
        """Whether it hangs in another channel and has its permissions."""
        return self.kind in THREADS

    @property
    def is_forum(self) -> bool:
        """Whether it holds threads only."""
        return self.kind in FORUMS

    @property
    def holds_messages(self) -> bool:
        """Whether anything can be said right in it."""
        return self.kind != CATEGORY and not self.is_forum


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """A role: what it is called, what it grants, and how high it stands."""

    name: str
    grants: Permission
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a server, by the ids of their roles."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    joined: str = ""
    is_bot: bool = False


@dataclass(slots=True, kw_only=True)
class Guild:
    """A server; its id is also the id of the role that everyone has. `trusted` are moderator roles by name or id."""

    id: str
    name: str = ""
    owner: str = ""
    trusted: Collection[str] = ()
    roles: dict[str, Rank] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    def learn(self, raw: Json) -> None:
        """Take over what is said of the server itself; channels stay where they are."""
        self.name = words(raw.get("name"))[:MAX_NAME] or self.name
        self.owner = snowflake(raw.get("owner_id")) or self.owner
        roles = {snowflake(role.get("id")): rank_of(role) for role in objects(raw.get("roles"))}
        self.roles = {role_id: rank for role_id, rank in roles.items() if role_id} or self.roles

    def place(self, raw: Json) -> Channel | None:
        """Take over a channel or a thread, which keeps the newest message that is known."""
        channel = channel_of(raw)
        if channel is None:
            return None
        before = self.channels.get(channel.id)
        if before and not channel.last:
            channel = channel_of({**raw, "last_message_id": before.last}) or channel
        self.channels[channel.id] = channel
        return channel

    def drop(self, channel_id: str) -> None:
        """The channel is gone, with the threads in it."""
        self.channels.pop(channel_id, None)
        for thread in [each.id for each in self.channels.values() if each.is_thread and each.parent == channel_id]:
            del self.channels[thread]

    def permissions(self, user_id: str, roles: Collection[str], channel_id: str = "") -> Permission:
        """What somebody may do in a channel, in the whole server without one."""
        if user_id and user_id == self.owner:
            return ALL
        held = (self.id, *roles)
        grants = tuple(self.roles[role].grants for role in held if role in self.roles)
        channel = self._ruling(channel_id)
        if channel is None:
            return add_up(grants)
        # Whoever no overwrite names may do what everybody with these roles may.
        named = user_id if any(each.id == user_id for each in channel.overwrites) else ""
        return _allowed(grants, channel.overwrites, self.id, named, tuple(roles))

    def role(self, user_id: str, roles: Collection[str], channel_id: str = "") -> Role:
        """Nobody is a moderator by a permission that everyone has."""
        if user_id and user_id == self.owner:
            return Role.OWNER
        if any(role in self.trusted or self._called(role) in self.trusted for role in roles):
            return Role.MODERATOR
        usual = self.permissions("", (), channel_id)
        held = self.permissions(user_id, roles, channel_id)
        return Role.MODERATOR if held & MODERATING & ~usual else Role.MEMBER

    def is_open(self, channel_id: str) -> bool:
        """Whether everyone in the server can read there."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.kind == PRIVATE_THREAD:
            return False
        return Permission.VIEW_CHANNEL in self.permissions("", (), channel_id)

    def title(self, channel_id: str) -> str:
        """What people call the channel."""
        channel = self.channels.get(channel_id)
        return f"#{channel.name}" if channel and channel.name else channel_id

    def _called(self, role_id: str) -> str:
        return self.roles[role_id].name if role_id in self.roles else ""

    def _ruling(self, channel_id: str) -> Channel | None:
        channel = self.channels.get(channel_id)
        return self.channels.get(channel.parent) if channel and channel.is_thread else channel


@lru_cache(maxsize=4096)
def _allowed(
    grants: tuple[Permission, ...], overwrites: tuple[Overwrite, ...], everyone: str, user: str, roles: tuple[str, ...]
) -> Permission:
    """Asked for every message, and bits are slow to add up."""
    return narrow(add_up(grants), overwrites, everyone, user, roles)


def channel_of(raw: Json) -> Channel | None:
    """A channel as Discord tells it, None without an id."""
    channel_id = snowflake(raw.get("id"))
    if not channel_id:
        return None
    return Channel(
        id=channel_id,
        kind=whole(raw.get("type")),
        name=words(raw.get("name"))[:MAX_NAME],
        parent=snowflake(raw.get("parent_id")),
        overwrites=tuple(_overwrite(each) for each in objects(raw.get("permission_overwrites"))),
        last=later(snowflake(raw.get("last_message_id")), ""),
    )


def rank_of(raw: Json) -> Rank:
    """A role as Discord tells it."""
    name, grants = words(raw.get("name"))[:MAX_NAME], _bits(raw.get("permissions"))
    return Rank(name=name, grants=grants, position=whole(raw.get("position")))


def member_of(raw: Json, user: Json) -> Member:
    """A member and the user behind it, who come apart in some payloads."""
    user_id = snowflake(user.get("id"))
    names = (words(name) for name in (raw.get("nick"), user.get("global_name"), user.get("username"), user_id))
    return Member(
        id=user_id,
        name=next(filter(None, names), "somebody")[:MAX_NAME],
        roles=snowflakes(raw.get("roles")),
        joined=words(raw.get("joined_at")),
        is_bot=user.get("bot") is True,
    )


def guild_of(raw: Json, trusted: Collection[str] = ()) -> Guild | None:
    """A server with its channels and threads, None when it is not there at the moment."""
    guild_id = snowflake(raw.get("id"))
    if not guild_id or raw.get("unavailable") is True:
        return None
    guild = Guild(id=guild_id, trusted=trusted)
    guild.learn(raw)
    for channel in (*objects(raw.get("channels")), *objects(raw.get("threads"))):
        guild.place(channel)
    return guild


def _overwrite(raw: Mapping[str, object]) -> Overwrite:
    return Overwrite(snowflake(raw.get("id")), _bits(raw.get("allow")), _bits(raw.get("deny")))


def _bits(value: object) -> Permission:
    return Permission(whole(value) & ALL) if value else NONE


def user_of(raw: Json) -> Json:
    """The user in a payload that has one."""
    return mapping(raw.get("user"))
