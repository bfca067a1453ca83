"""Later work in the process itself: a doorbell, and a look at the rows when it stays silent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.core.errors import BotError, Transient
from bot.core.ports import Clock, Work
from bot.core.stored import Job, Jobs

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
SWEEP = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
AGAIN = timedelta(seconds=1)
AT_ONCE = 16


@dataclass(slots=True)
class InProcessQueue:
    """Implements `bot.core.ports.Queue` over the job rows; `lease` is how long a job may take."""

    jobs: Jobs
    clock: Clock
    lease: timedelta = LEASE
    sweep: timedelta = SWEEP
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Jobs have changed; the next look at the rows finds them."""
        self._bell.set()

    async def serve(self, work: Work) -> None:
        """Run due jobs until cancelled, a few at a time."""
        running: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                self._bell.clear()
                running = {task for task in running if not task.done()}
                leased = await self._lease(AT_ONCE - len(running))
                for job in leased or ():
                    task = group.create_task(self._run(job, work))
                    task.add_done_callback(lambda _: self._bell.set())
                    running.add(task)
                if leased is None:
                    await asyncio.sleep(min(self.sweep, AGAIN).total_seconds())
                else:
                    await self._wait(full=len(running) == AT_ONCE)

    async def _lease(self, free: int) -> list[Job] | None:
        """None while the database cannot be used."""
        now = self.clock()
        try:
            return await self.jobs.lease(now, now + self.lease, free) if free else []
        except Transient as error:
            log.warning("jobs wait", reason=str(error))
            return None

    async def _run(self, job: Job, work: Work) -> None:
        try:
            async with asyncio.timeout(self.lease.total_seconds()):
                await work(job)
        except asyncio.CancelledError:
            # Whoever runs next need not wait for the lease to end.
            await self._give_back(job, self.clock())
            raise
        except (BotError, TimeoutError) as error:
            await self._again(job, str(error) or type(error).__name__)
        except Exception as error:  # boundary: a broken job must not stop the others
            log.exception("job failed", job=job.name)
            await self._again(job, type(error).__name__)

    async def _again(self, job: Job, reason: str) -> None:
        pause = min(timedelta(seconds=2.0 ** min(job.attempts, 12)), LONGEST_PAUSE)
        log.warning("job postponed", job=job.name, seconds=pause.total_seconds(), reason=reason)
        await self._give_back(job, self.clock() + pause)

    async def _give_back(self, job: Job, at: datetime) -> None:
        try:
            await self.jobs.retry(job, at)
        except Transient as error:
            log.warning("job comes back when its lease ends", job=job.name, reason=str(error))

    async def _next(self) -> datetime | None:
        try:
            return await self.jobs.next_due()
        except Transient:
            return None

    async def _wait(self, *, full: bool) -> None:
        due = None if full else await self._next()
        wait = self.sweep if due is None else min(max(due - self.clock(), timedelta()), self.sweep)
        # Not wait_for: until Python 3.12 it forgets that it was cancelled when the bell rings at that moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds() + 0.001):
                await self._bell.wait()
