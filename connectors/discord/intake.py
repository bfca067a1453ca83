"""From what was heard to what is stored: in the order of each channel, and with how far it was read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from bot.core.errors import BotError
from bot.core.ports import Ingest
from bot.core.stored import Cursor, Heard
from connectors.discord.reading import later
from connectors.spec import Urgent

LONGEST_S = 2.0
AT_ONCE = MANY = 32
log = structlog.get_logger()


def stream(channel: str) -> str:
    """The cursor of a channel or thread."""
    return f"discord:{channel}"


@dataclass(slots=True)
class Marks:
    """How far each channel was read. While a gap is being read its mark must not jump over it: it is held.

    `seen` is the newest of what came meanwhile.
    """

    positions: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    seen: dict[str, str] = field(default_factory=dict)

    def advance(self, channel: str, message_id: str) -> Cursor | None:
        """A message was heard; the cursor to store with it, if any."""
        known = self.seen if channel in self.held else self.positions
        before = known.get(channel, "")
        known[channel] = later(before, message_id)
        return Cursor(stream(channel), message_id) if known is self.positions and known[channel] != before else None

    def release(self, channel: str, position: str) -> Cursor:
        """The gap was read up to `position`; what was heard meanwhile counts again."""
        self.held.discard(channel)
        newest = later(position, self.seen.pop(channel, ""))
        self.positions[channel] = later(self.positions.get(channel, ""), newest)
        return Cursor(stream(channel), self.positions[channel])


@dataclass(slots=True)
class Intake:
    """Hands over what was heard, in the order of each channel.

    While that takes its time, or more comes in than `MANY`, what is `urgent` goes ahead by itself; where it belongs it
    comes again, as a repetition.
    """

    ingest: Ingest
    urgent: Urgent = lambda _event: False
    marks: Marks = field(default_factory=Marks)
    _waiting: dict[str, list[tuple[Sequence[Heard], str]]] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _puts: int = 0
    _held: int = 0
    _storing: bool = False
    _hurried: list[Heard] = field(default_factory=list)
    _hurrying: asyncio.Task[None] | None = None

    def put(self, channel: str, heard: Sequence[Heard], message_id: str = "") -> None:
        """Something was heard in a channel; `message_id` is how far that reads it."""
        self._puts += 1
        self._held += 1
        self._waiting.setdefault(channel, []).append((heard, message_id))
        self._bell.set()
        if (self._storing or self._held > MANY) and heard and all(self.urgent(one.event) for one in heard):
            self._hurried += heard
            self._hurrying = self._hurrying or asyncio.create_task(self._hurry())

    async def run(self) -> None:
        """Until cancelled, or until what was heard cannot be stored."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            await self._lull()
            waiting, self._waiting, self._held = self._waiting, {}, 0
            self._storing = True
            await asyncio.gather(*(self._store(channel, parts) for channel, parts in waiting.items()))
            self._storing = False

    async def _lull(self) -> None:
        """Wait until nothing more comes in at once: what is urgent must be heard before it can go ahead."""
        began, puts = time.monotonic(), -1
        while puts != self._puts and time.monotonic() - began < LONGEST_S:
            puts = self._puts
            # A turn for whoever reads, and one for what it woke.
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    def close(self) -> None:
        """Stop what goes ahead; it is not lost."""
        if self._hurrying is not None:
            self._hurrying.cancel()

    async def _hurry(self) -> None:
        try:
            while self._hurried:
                heard, self._hurried = self._hurried, []
                await self.ingest(heard)
        except BotError as error:
            # `run` brings it again, and meets the same.
            log.warning("urgent_events_wait", problem=str(error))
        finally:
            self._hurrying = None

    async def _store(self, channel: str, parts: Sequence[tuple[Sequence[Heard], str]]) -> None:
        """A few at a time, or what is urgent would wait for one long transaction."""
        for first in range(0, len(parts), AT_ONCE):
            await self._few(channel, parts[first : first + AT_ONCE])

    async def _few(self, channel: str, parts: Sequence[tuple[Sequence[Heard], str]]) -> None:
        heard = [each for part, _ in parts for each in part]
        newest = ""
        for _, message_id in parts:
            newest = later(newest, message_id)
        cursor = self.marks.advance(channel, newest) if newest else None
        if heard or cursor:
            await self.ingest(heard, cursor)
