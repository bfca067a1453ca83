"""What the gateway told so far, as far as later payloads refer to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from bot.core.address import Address
from connectors.discord.guilds import Guild, Member, guild_of, member_of, rank_of, user_of
from connectors.discord.reading import Json, later, mapping, objects, snowflake, whole
from connectors.recent import Recent

PLATFORM = "discord"
# Where Discord's own links have a server's id, conversations of two have this.
DIRECT = "@me"


@dataclass(slots=True, kw_only=True)
class Memory:
    """Servers and members as they stand; `allowed` servers only, all when it is empty."""

    me: str = ""
    allowed: Collection[str] = ()
    trusted: Collection[str] = ()
    guilds: dict[str, Guild] = field(default_factory=dict)
    members: Recent[tuple[str, str], Member] = field(default_factory=Recent)
    votes: Recent[tuple[str, str], frozenset[str]] = field(default_factory=Recent)

    def is_ours(self, guild_id: str) -> bool:
        """Whether the settings let us listen to that server; '' is a conversation of two."""
        return not guild_id or not self.allowed or guild_id in self.allowed

    def address(self, guild_id: str, channel_id: str) -> Address:
        """The place of a channel or thread; a thread that is not known counts as a channel."""
        guild = self.guilds.get(guild_id)
        channel = guild.channels.get(channel_id) if guild else None
        if channel and channel.is_thread:
            return Address(PLATFORM, guild_id, channel.parent, channel.id)
        return Address(PLATFORM, guild_id or DIRECT, channel_id)

    def member(self, guild_id: str, user_id: str) -> Member | None:
        """Somebody who was heard of."""
        return self.members.get((guild_id, user_id))

    def forget(self) -> None:
        """A session began: whatever was known may have changed meanwhile."""
        self.guilds.clear()
        self.members.clear()

    def learn(self, name: str, data: Json) -> None:
        """Take over what an event changes."""
        learn = LEARNING.get(name)
        if learn and self.is_ours(_guild_id(name, data)):
            learn(self, data)

    def take(self, raw: Json) -> None:
        """A server as it stands."""
        if guild := guild_of(raw, self.trusted):
            self.guilds[guild.id] = guild
            for member in objects(raw.get("members")):
                self.keep(guild.id, member, user_of(member))

    def keep(self, guild_id: str, member: Json, user: Json) -> None:
        """A member as it stands."""
        found = member_of(member, user)
        if found.id and guild_id:
            self.members.keep((guild_id, found.id), found)

    def of(self, data: Json) -> Guild:
        """The server that a payload is about; one that nobody knows changes nothing."""
        return self.guilds.get(snowflake(data.get("guild_id"))) or Guild(id="")


def _guild_id(name: str, data: Json) -> str:
    whole_guild = name in ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")
    return snowflake(data.get("id" if whole_guild else "guild_id"))


def _update(memory: Memory, data: Json) -> None:
    if guild := memory.guilds.get(snowflake(data.get("id"))):
        guild.learn(data)


def _leave(memory: Memory, data: Json) -> None:
    if data.get("unavailable") is not True:
        memory.guilds.pop(snowflake(data.get("id")), None)


def _role(memory: Memory, data: Json) -> None:
    role = mapping(data.get("role"))
    if role_id := snowflake(role.get("id")):
        memory.of(data).roles[role_id] = rank_of(role)


def _role_gone(memory: Memory, data: Json) -> None:
    memory.of(data).roles.pop(snowflake(data.get("role_id")), None)


def _channel(memory: Memory, data: Json) -> None:
    memory.of(data).place(data)


def _channel_gone(memory: Memory, data: Json) -> None:
    memory.of(data).drop(snowflake(data.get("id")))


def _threads(memory: Memory, data: Json) -> None:
    for thread in objects(data.get("threads")):
        memory.of(data).place(thread)


def _member(memory: Memory, data: Json) -> None:
    memory.keep(snowflake(data.get("guild_id")), data, user_of(data))


def _member_gone(memory: Memory, data: Json) -> None:
    memory.members.pop((snowflake(data.get("guild_id")), snowflake(user_of(data).get("id"))), None)


def _message(memory: Memory, data: Json) -> None:
    guild = memory.of(data)
    channel = guild.channels.get(snowflake(data.get("channel_id")))
    if channel:
        newest = later(channel.last, snowflake(data.get("id")))
        guild.channels[channel.id] = replace(channel, last=newest)
    if "member" in data:
        memory.keep(guild.id, mapping(data.get("member")), mapping(data.get("author")))


def _interaction(memory: Memory, data: Json) -> None:
    member = mapping(data.get("member"))
    memory.keep(memory.of(data).id, member, user_of(member))


def _vote(memory: Memory, data: Json) -> None:
    key = vote_key(data)
    memory.votes.keep(key, memory.votes.get(key, frozenset()) | {str(whole(data.get("answer_id")))})


def _unvote(memory: Memory, data: Json) -> None:
    key = vote_key(data)
    memory.votes.keep(key, memory.votes.get(key, frozenset()) - {str(whole(data.get("answer_id")))})


def vote_key(data: Json) -> tuple[str, str]:
    """Whose votes in which poll."""
    return snowflake(data.get("message_id")), snowflake(data.get("user_id"))


LEARNING: dict[str, Callable[[Memory, Json], None]] = {
    "GUILD_CREATE": Memory.take,
    "GUILD_UPDATE": _update,
    "GUILD_DELETE": _leave,
    "GUILD_ROLE_CREATE": _role,
    "GUILD_ROLE_UPDATE": _role,
    "GUILD_ROLE_DELETE": _role_gone,
    "CHANNEL_CREATE": _channel,
    "CHANNEL_UPDATE": _channel,
    "CHANNEL_DELETE": _channel_gone,
    "THREAD_CREATE": _channel,
    "THREAD_UPDATE": _channel,
    "THREAD_DELETE": _channel_gone,
    "THREAD_LIST_SYNC": _threads,
    "GUILD_MEMBER_ADD": _member,
    "GUILD_MEMBER_UPDATE": _member,
    "GUILD_MEMBER_REMOVE": _member_gone,
    "MESSAGE_CREATE": _message,
    "INTERACTION_CREATE": _interaction,
    "MESSAGE_POLL_VOTE_ADD": _vote,
    "MESSAGE_POLL_VOTE_REMOVE": _unvote,
}
