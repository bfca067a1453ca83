"""From what was heard to what is stored: in the order of each channel, and with how far it was read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.ports import Cursor, Heard, Ingest
from connectors.discord.reading import later


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
    """Hands over what was heard, everything of a channel that waits at once."""

    ingest: Ingest
    marks: Marks = field(default_factory=Marks)
    _waiting: dict[str, list[tuple[Sequence[Heard], str]]] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, channel: str, heard: Sequence[Heard], message_id: str = "") -> None:
        """Something was heard in a channel; `message_id` is how far that reads it."""
        self._waiting.setdefault(channel, []).append((heard, message_id))
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled, or until what was heard cannot be stored."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            waiting, self._waiting = self._waiting, {}
            await asyncio.gather(*(self._store(channel, parts) for channel, parts in waiting.items()))

    async def _store(self, channel: str, parts: Sequence[tuple[Sequence[Heard], str]]) -> None:
        heard = [each for part, _ in parts for each in part]
        newest = ""
        for _, message_id in parts:
            newest = later(newest, message_id)
        cursor = self.marks.advance(channel, newest) if newest else None
        if heard or cursor:
            await self.ingest(heard, cursor)
