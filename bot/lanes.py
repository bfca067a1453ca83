"""What keeps the path moving: the now lane, the courier, and who rings whom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.core.errors import Transient
from bot.core.event import Event, subject
from bot.core.meter import Unmetered
from bot.core.ports import Clock
from bot.core.stored import Pending, Store
from bot.merging import RESTRICT, kind, runs

log = structlog.get_logger(__name__)

AGAIN = 1.0
SWEEP = 30.0
QUIET = 0.05
ROWS = 500
# So long cleaning up lets the restrictions of the same community go first.
HEAD_START = 2.0


@dataclass(slots=True)
class NowLane:
    """Judges events concurrently; those with one subject in the order they came. `room` bounds what is under way."""

    decide: Callable[[Event], Awaitable[None]]
    limit: int = 512
    decided: Callable[[float], object] = Unmetered().decided
    _last: dict[Hashable, asyncio.Task[None]] = field(default_factory=dict)
    _since: dict[asyncio.Task[None], float] = field(default_factory=dict)
    _less: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: Event) -> None:
        """Start on it; returns at once."""
        key = subject(event)
        task = asyncio.create_task(self._handle(event, self._last.get(key)))
        self._last[key] = task
        self._since[task] = time.monotonic()
        task.add_done_callback(partial(self._done, key))

    async def room(self, *, urgent: bool = False) -> None:
        """Wait until less than `limit` events are under way; what is urgent waits only for four times as many."""
        while len(self._since) >= self.limit * (4 if urgent else 1):
            self._less.clear()
            await self._less.wait()

    @property
    def oldest(self) -> float:
        """For how many seconds the event has been under way that has been so the longest; 0 where there is none."""
        return time.monotonic() - min(self._since.values()) if self._since else 0.0

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._since:
            self._less.clear()
            await self._less.wait()

    async def _handle(self, event: Event, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        while True:
            try:
                await self.decide(event)
            except Transient as error:
                log.warning("event waits", event_id=event.key, reason=str(error))
                await asyncio.sleep(AGAIN)
            else:
                return

    def _done(self, key: Hashable, task: asyncio.Task[None]) -> None:
        self.decided(time.monotonic() - self._since.pop(task))
        self._less.set()
        if self._last.get(key) is task:
            del self._last[key]
        if not task.cancelled() and (error := task.exception()):
            # It stays unhandled in the inbox, and is judged at the next start.
            log.error("event not handled", exc_info=error)


@dataclass(slots=True)
class Courier:
    """Hands outbox rows to `deliver`: deletions and restrictions at once, posts of one line one at a time."""

    store: Store
    deliver: Callable[[list[Pending]], Coroutine[None, None, None]]
    clock: Clock
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _busy: set[str] = field(default_factory=set)
    _urgent: set[str] = field(default_factory=set)
    _soon: asyncio.TimerHandle | None = None
    _containing: dict[asyncio.Task[None], str] = field(default_factory=dict)

    def ring(self) -> None:
        """There is something new in the outbox."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._bell.clear()
            try:
                now = self.clock()
                await self._pass(now)
                await self._until_next(now)
            except Transient as error:
                log.warning("outbox cannot be read", reason=str(error))
                await asyncio.sleep(AGAIN)

    async def idle(self) -> bool:
        """Whether nothing that is due remains, once what is under way has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        return not await self.store.pending(self.clock(), (), 1)

    async def _pass(self, now: datetime) -> None:
        # What ends while the outbox is read may still look there as if it had to be done.
        before = self._urgent | self._busy
        rows = await self.store.pending(now, self._busy, ROWS)
        under_way = before | self._urgent | self._busy
        for run in runs(row for row in rows if _holder(row) not in under_way):
            self._start(run)

    def _start(self, run: list[Pending]) -> None:
        if run[0].note.urgent:
            self._urgent.update(row.note.key for row in run)
        else:
            self._busy.add(run[0].note.line)
        task = asyncio.create_task(self._deliver(run))
        self._tasks.add(task)
        if kind(run[0])[0] == RESTRICT:
            self._containing[task] = str(run[0].note.effect.to.community)
        task.add_done_callback(partial(self._done, run))

    async def _deliver(self, run: list[Pending]) -> None:
        """Whoever does harm is stopped first, or there would be more to clean up."""
        first, place = run[0].note, str(run[0].note.effect.to.community)
        before = [task for task, where in self._containing.items() if where == place and kind(run[0])[0] != RESTRICT]
        if before and first.urgent:
            await asyncio.wait(before, timeout=HEAD_START)
        await self.deliver(run)

    def _done(self, run: list[Pending], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._containing.pop(task, None)
        self._urgent.difference_update(row.note.key for row in run)
        error = None if task.cancelled() else task.exception()
        if not run[0].note.urgent:
            self._busy.discard(run[0].note.line)
        if error is not None:
            # It is due as before, and must not be tried in a hot loop.
            asyncio.get_running_loop().call_later(AGAIN, self._bell.set)
            log.error("delivery failed", key=run[0].note.key, exc_info=error)
        elif run[0].note.urgent:
            self._ring_soon()
        else:
            # Only posts wait for their place.
            self._bell.set()

    def _ring_soon(self) -> None:
        """For what a deletion leaves behind: itself, postponed; an alert; more deletions than one look shows."""
        if self._soon is None or self._soon.when() < asyncio.get_running_loop().time():
            self._soon = asyncio.get_running_loop().call_later(QUIET, self._bell.set)

    async def _until_next(self, looked: datetime) -> None:
        # While it is busy the bell saves the question; what is due was started, or waits for what will ring.
        if await self._rings_within(QUIET):
            return
        # Since the last look, not since this moment: what fell due in between would wait for the sweep.
        due = await self.store.next_delivery(looked)
        wait = SWEEP if due is None else (due - self.clock()) / timedelta(seconds=1)
        await self._rings_within(min(max(wait, 0.0) + 0.001, SWEEP))

    async def _rings_within(self, seconds: float) -> bool:
        try:
            # Not `wait_for`: up to Python 3.11 it can lose a cancellation, and the house would never close.
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        return True


def _holder(row: Pending) -> str:
    """What tells that a row is under way: itself, or the line that it stands in."""
    return row.note.key if row.note.urgent else row.note.line
