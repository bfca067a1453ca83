"""A workspace with its people, and the bot in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import SecretStr

from bot.assembly import commands
from bot.core.address import Address
from bot.core.event import Event
from bot.core.stored import Cursor, Heard
from connectors.slack.client import SlackConnector, Timing
from connectors.slack.settings import SlackSettings
from connectors.spec import Page, Wiring
from tests.connectors.slack.mini import ADMIN_TOKEN, APP_TOKEN, BOT_TOKEN, TEAM, Channel, Emulator

PATIENCE_S = 10.0
Found = TypeVar("Found")


@dataclass(slots=True)
class Inbox:
    """Keeps what a connector hands over, as a store would: every event once; `fails` as often as told."""

    heard: list[Heard] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    fails: int = 0
    slow_s: float = 0.0
    _known: set[str] = field(default_factory=set)

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        await asyncio.sleep(self.slow_s)
        if self.fails and heard:
            self.fails -= 1
            raise OSError("the disk is full")
        for one in heard:
            if one.event.key in self._known:
                self.repeated += 1
            else:
                self._known.add(one.event.key)
                self.heard.append(one)
        if cursor:
            self.cursors[cursor.stream] = cursor.position

    async def position(self, stream: str) -> str:
        return self.cursors.get(stream, "")

    def of(self, kind: type[Found]) -> list[Found]:
        return [one.event for one in self.heard if isinstance(one.event, kind)]

    @property
    def events(self) -> list[Event]:
        return [one.event for one in self.heard]


@dataclass(slots=True)
class Town:
    """A workspace: Olga owns it, Mo is an admin, Bea and Eve are members."""

    slack: Emulator
    olga: str
    mo: str
    bea: str
    eve: str
    garden: Channel
    mods: Channel

    @classmethod
    def found(cls, slack: Emulator) -> Town:
        olga = slack.user("olga", is_owner=True, is_admin=True)
        mo = slack.user("mo", is_admin=True)
        bea, eve = slack.user("bea"), slack.user("eve")
        garden = slack.channel("garden", [olga, mo, bea, eve])
        return cls(slack, olga, mo, bea, eve, garden, slack.channel("mods", [olga, mo], private=True))

    @property
    def here(self) -> Address:
        return self.address(self.garden)

    def address(self, channel: Channel, thread: str = "") -> Address:
        return Address("slack", TEAM, channel.id, thread)


@dataclass(slots=True)
class Sleep:
    """Waits no longer than it must for others to go on, and remembers for how long it should have."""

    pauses: list[float] = field(default_factory=list)

    async def __call__(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        await asyncio.sleep(min(pause_s, 0.01))


def bot(
    slack: Emulator, inbox: Inbox, *, timing: Timing | None = None, page: Page | None = None, **settings: object
) -> SlackConnector:
    """Advisory, unless an admin's token is among the settings."""
    wish = {
        "bot_token": SecretStr(BOT_TOKEN),
        "app_token": SecretStr(APP_TOKEN),
        "api_base": slack.api_base,
        **settings,
    }
    wiring = Wiring(commands=commands(), position=inbox.position, clock=lambda: datetime.now(UTC), page=page)
    quick = Timing(random=lambda: 0.0, sleep=Sleep(), ping_s=0.4)
    return SlackConnector(SlackSettings.model_validate(wish), wiring, timing or quick)


def armed(slack: Emulator, inbox: Inbox) -> SlackConnector:
    """Enforcing: Olga gave it her token."""
    return bot(slack, inbox, admin_token=SecretStr(ADMIN_TOKEN))


@asynccontextmanager
async def running(connector: SlackConnector, inbox: Inbox, slack: Emulator) -> AsyncIterator[asyncio.Task[None]]:
    """The bot, listening inside the block, from when it knows how far each channel was read."""
    task = asyncio.create_task(connector.run(inbox))
    ours = [f"slack:{TEAM}:{each.id}" for each in slack.channels.values()]
    sockets = 0 if slack.http_to else 2
    await until(lambda: task.done() or (len(slack.sockets) >= sockets and all(name in inbox.cursors for name in ours)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(found: Callable[[], Found], patience_s: float = PATIENCE_S) -> Found:
    """What `found` gives once it is true; fails after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not (result := found()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)
    return result
