"""A small Slack for the day in a community."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.assembly import commands
from bot.core.address import Address
from bot.core.command import Kind
from connectors.slack.memory import Mark
from connectors.slack.reading import order
from tests.connectors.slack.mini import (
    ADMIN_TOKEN,
    APP_TOKEN,
    BOT_TOKEN,
    ME,
    TEAM,
    Channel,
    Emulator,
    Json,
    buttons,
    shown,
)
from tests.connectors.slack.world import until
from tests.day.stage import Said, Truth

# These are done, and nothing is said about it.
DEEDS = frozenset({"poll", "endpoll"})


@dataclass(slots=True)
class SlackDay:
    """One workspace, whose owner gave the bot a token; whoever moderates is an admin."""

    slack: Emulator
    people: dict[str, str] = field(default_factory=dict)
    moderators: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)

    @classmethod
    def found(cls, slack: Emulator) -> SlackDay:
        owner = slack.user("owner", is_owner=True, is_admin=True)
        return cls(slack, moderators={owner})

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_ADMIN_TOKEN": ADMIN_TOKEN,
            "PARLEY_CONNECTORS__SLACK__API_BASE": self.slack.api_base,
        }

    async def room(self, name: str, *, moderators_only: bool = False) -> Address:
        members = self.moderators if moderators_only else {*self.moderators, *self.people.values()}
        channel = self.slack.channel(name, sorted(members), private=moderators_only)
        if moderators_only:
            self.closed.add(channel.id)
        return _address(channel)

    async def join(self, name: str, *, moderator: bool = False) -> None:
        user = self.people[name] = self.slack.user(name, is_admin=moderator)
        if moderator:
            self.moderators.add(user)
        for channel in self.slack.channels.values():
            if channel.id.startswith("C") and (moderator or channel.id not in self.closed):
                channel.members.add(user)
        await self.slack.event({"type": "team_join", "user": self.slack.users[user]})

    async def say(self, who: str, where: Address, text: str, *, to_bot: bool = False) -> str:
        mention = f"<@{ME}> " if to_bot else ""
        return await self.slack.say(self.people[who], self._channel(where), mention + text, thread=where.thread)

    async def say_all(self, where: Address, said: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Ten under way at a time, as Slack does not wait for one before it sends the next."""
        found: list[str] = []
        for first in range(0, len(said), 10):
            part = said[first : first + 10]
            found += await asyncio.gather(*(self.say(who, where, text) for who, text in part))
        return found

    async def edit(self, who: str, where: Address, message_id: str, text: str) -> None:
        await self.slack.edit(message_id, text)

    async def thread(self, who: str, where: Address, message_id: str, title: str) -> Address:
        """Whoever answers a message is in its thread; there are no titles."""
        return Address(where.platform, where.space, where.channel, message_id.partition(":")[2])

    async def command(self, who: str, where: Address, name: str, **options: str) -> str:
        user = self.people[who]
        before = len(self._whispered(user))
        await self.slack.slash(user, self._channel(where), _typed(name, options))
        if name in DEEDS:
            return ""
        await until(lambda: len(self._whispered(user)) > before)
        return self._whispered(user)[-1]

    async def press(self, who: str, where: Address, message_id: str, label: str, reason: str = "") -> None:
        opened = len(self.slack.views)
        await self.slack.press(self.people[who], message_id, label)
        if len(self.slack.views) > opened:
            await self.slack.submit(self.people[who], reason)

    async def vote(self, who: str, where: Address, message_id: str, option: int) -> None:
        message = self._channel(where).messages[message_id.partition(":")[2]]
        label = buttons(message)[option - 1]["text"]["text"]
        await self.slack.press(self.people[who], message_id, label)

    async def reads(self, where: Address) -> Sequence[Said]:
        """The answers of the bot stand in threads, and whoever reads the room finds them there."""
        channel = self._channel(where)
        return [_said(channel, each) for each in channel.messages.values() if _is_in(each, where.thread)]

    async def told(self, who: str) -> Sequence[str]:
        return self.slack.seen(self.people[who])

    async def listening(self, position: Callable[[str], Awaitable[str]]) -> bool:
        if len(self.slack.sockets) < 2:
            return False
        rooms = [each for each in self.slack.channels.values() if each.id.startswith("C")]
        marks = [Mark.read(await position(f"slack:{TEAM}:{each.id}")) for each in rooms]
        return all(mark.ts and order(mark.ts) >= order(_newest(each)) for mark, each in zip(marks, rooms, strict=True))

    @asynccontextmanager
    async def unheard(self) -> AsyncIterator[None]:
        await self.slack.close()
        yield
        self.slack.closed = False

    async def truth(self) -> Truth:
        posts = [
            (_address(channel, each.get("thread_ts", "")), each.get("thread_ts", ""), shown(each))
            for channel in self.slack.channels.values()
            for each in channel.messages.values()
            if each["user"] == ME and channel.id.startswith("C")
        ]
        refused = [f"{method}: {code}" for method, code in self.slack.refused]
        return Truth(refused=refused, removed=self.slack.removed, posts=posts)

    def _whispered(self, user: str) -> list[str]:
        return [shown(each) for each in self.slack.whispers if each["user"] == user]

    def _channel(self, where: Address) -> Channel:
        return self.slack.channels[where.channel]


def _address(channel: Channel, thread: str = "") -> Address:
    return Address("slack", TEAM, channel.id, thread)


def _typed(name: str, options: Mapping[str, str]) -> str:
    """The command as a person types it: what goes by name first, for the rest of a line takes all that follows."""
    spec = next(spec for spec in commands() if spec.name == name)
    given = [option for option in spec.options if option.name in options]
    named = [f"{option.name}={options[option.name]}" for option in given if option.kind is Kind.NAMED]
    switches = [option.name for option in given if option.kind is Kind.SWITCH]
    plain = [options[option.name] for option in given if option.kind not in (Kind.NAMED, Kind.SWITCH)]
    return " ".join([name, *named, *switches, *plain])


def _is_in(message: Json, thread: str) -> bool:
    inside = message.get("thread_ts", "")
    if thread:
        return bool(inside == thread != message["ts"])
    return inside in ("", message["ts"]) or message["user"] == ME


def _said(channel: Channel, message: Json) -> Said:
    identity = f"{channel.id}:{message['ts']}"
    return Said(id=identity, text=shown(message), ours=message["user"] == ME, was=tuple(message.get("was", ())))


def _newest(channel: Channel) -> str:
    """When the last message was said that is not the bot's."""
    return max((each["ts"] for each in channel.messages.values() if each["user"] != ME), key=order, default="")
