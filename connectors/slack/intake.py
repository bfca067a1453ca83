"""From what was heard to what is stored: once each, in the order of each channel, with how far it was read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.core.ports import Ingest
from bot.core.stored import Cursor, Heard
from connectors.slack.memory import Mark
from connectors.slack.reading import order

# Connections overtake each other by so little; what comes within this time is put in order.
GATHER_S = 0.01
# Slack repeats what it thinks was not heard at once, after one minute and after five.
REMEMBERED_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one payload says of a channel; `ts` is when, `said` is the message that it reads us up to."""

    team: str
    channel: str
    ts: str
    heard: Sequence[Heard] = ()
    said: str = ""
    thread: str = ""


def stream(team: str, channel: str) -> str:
    """The cursor of a channel."""
    return f"slack:{team}:{channel}"


@dataclass(slots=True)
class Marks:
    """How far each channel was read, by its cursor. While a gap is being read its mark must not jump: it is held."""

    positions: dict[str, Mark] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    _seen: dict[str, Mark] = field(default_factory=dict)

    def advance(self, name: str, ts: str, thread: str) -> Cursor | None:
        """Something was said; the cursor to store with it, if any."""
        known = self._seen if name in self.held else self.positions
        known[name] = known.get(name, Mark()).advance(ts, thread)
        return Cursor(name, str(known[name])) if known is self.positions else None

    def release(self, name: str, mark: Mark) -> Cursor:
        """The gap was read up to there; what was heard meanwhile counts again."""
        self.held.discard(name)
        seen = self._seen.pop(name, Mark())
        for newer in (seen, self.positions.get(name, Mark())):
            mark = mark.advance(newer.ts)
            for thread in reversed(newer.threads):
                mark = mark.advance("", thread)
        self.positions[name] = mark
        return Cursor(name, str(mark))


@dataclass(slots=True)
class Intake:
    """Hands over what was heard. `clock` counts seconds."""

    ingest: Ingest
    marks: Marks = field(default_factory=Marks)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _waiting: dict[str, list[tuple[Part, asyncio.Future[None]]]] = field(default_factory=dict)
    _known: dict[str, tuple[float, asyncio.Future[None]]] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def once(self, event_id: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Do it unless it was done under that id, or wait while it is; whether it was for the first time."""
        if not event_id:
            await work()
            return True
        if event_id in self._known:
            await asyncio.shield(self._known[event_id][1])
            return False
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._remember(event_id, done)
        try:
            await work()
        except BaseException as error:
            self._known.pop(event_id, None)
            done.set_exception(error if isinstance(error, Exception) else RuntimeError("stopped"))
            # Whoever waits for it is told; nobody has to.
            done.exception()
            raise
        done.set_result(None)
        return True

    async def store(self, part: Part) -> None:
        """Returns when it is on disk; raises what storing it raises."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(stream(part.team, part.channel), []).append((part, future))
        self._bell.set()
        await future

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._bell.wait()
            await self.sleep(GATHER_S)
            self._bell.clear()
            waiting, self._waiting = self._waiting, {}
            await asyncio.gather(*(self._keep(name, parts) for name, parts in waiting.items()))

    async def _keep(self, name: str, parts: list[tuple[Part, asyncio.Future[None]]]) -> None:
        parts.sort(key=lambda entry: order(entry[0].ts))
        cursor = None
        for part, _ in parts:
            cursor = self.marks.advance(name, part.said, part.thread) if part.said else cursor
        try:
            await self.ingest([heard for part, _ in parts for heard in part.heard], cursor)
        except Exception as error:  # noqa: BLE001  # boundary: whoever waits is told, and Slack will send it again
            _tell(parts, error)
        except BaseException:
            _tell(parts, RuntimeError("stopped"))
            raise
        else:
            _tell(parts, None)

    def _remember(self, event_id: str, done: asyncio.Future[None]) -> None:
        now = self.clock()
        while self._known and now - next(iter(self._known.values()))[0] > REMEMBERED_S:
            del self._known[next(iter(self._known))]
        self._known[event_id] = now, done


def _tell(parts: Sequence[tuple[Part, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, future in parts:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
