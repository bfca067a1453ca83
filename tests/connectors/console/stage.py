"""A console driven by a script: what is typed, and everything that was shown."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console as Paper

from bot.core.command import CommandSpec, Kind, Option
from bot.core.effect import Effect, Penalty
from bot.core.event import Event
from bot.core.stored import Cursor, Heard, Receipt
from connectors.console.client import Console
from connectors.console.house import GENERAL, House
from connectors.spec import Wiring

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
COUNT = Option(name="count", summary="How many", kind=Kind.NUMBER)
COMMANDS = (
    CommandSpec(name="help", summary="What I can do"),
    CommandSpec(name="summary", summary="Sum up", options=(COUNT,)),
    CommandSpec(name="why", summary="Explain", options=(Option(name="message", summary="Which", required=True),)),
)


async def start_of_time(_: str) -> str:
    return ""


class Session:
    """A console, its screen and its clock; `reply` answers what Parley heard, `tells` says when that is done."""

    def __init__(
        self, width: int = 0, reply: Callable[[Event], Sequence[Effect]] = lambda _: (), *, tells: bool = True
    ) -> None:
        self.now = NOON
        self.heard: list[Event] = []
        self.room = GENERAL
        self.member = "ada"
        self.moderator = "mo"
        self.house = House("s")
        self._screen = io.StringIO()
        self._reply = reply
        self._answers: set[asyncio.Task[None]] = set()
        # A width makes it a terminal, though one without colours.
        paper = Paper(file=self._screen, width=width or 80, force_terminal=bool(width), color_system=None)
        wiring = Wiring(COMMANDS, start_of_time, lambda: self.now, self._settled if tells else None)
        self._lines: list[str] = []
        self.connector = Console(wiring, self.house, self._keyboard, paper, patient=True)

    async def type(self, *lines: str) -> list[str]:
        """Type lines until there are none; what the screen shows after the greeting, line by line."""
        self._lines = list(lines)
        before = len(self._screen.getvalue())
        await self.connector.run(self.ingest)
        return self._screen.getvalue()[before:].splitlines()[3:]

    async def ingest(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        for one in heard:
            self.heard.append(one.event)
            task = asyncio.create_task(self._answer(one.event))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def perform(self, effect: Effect, key: str = "") -> Receipt:
        return await self.connector.perform(effect, key=key or f"key-{id(effect)}", cookie="")

    async def say(self, text: str) -> str:
        await self.type(f"/as {self.member}", text)
        return self.house.entries[-1].id

    async def texts(self) -> list[str]:
        return [entry.text for entry in self.house.entries if not entry.gone]

    async def overhears(self, text: str) -> bool:
        return any(entry.text == text and not entry.whisper_to for entry in self.house.entries)

    async def restricted(self, penalty: Penalty) -> bool:
        found = self.house.punished(self.member, self.now + timedelta(seconds=1))
        return found is not None and found[0] is penalty

    async def _keyboard(self, _: Callable[[], str]) -> AsyncGenerator[str, None]:
        for line in self._lines:
            yield line

    async def _answer(self, event: Event) -> None:
        await asyncio.sleep(0)
        for number, effect in enumerate(self._reply(event)):
            await self.connector.perform(effect, key=f"{event.key}:{number}", cookie="")

    async def _settled(self) -> None:
        while self._answers:
            await asyncio.wait(self._answers)
