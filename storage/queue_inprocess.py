"""Later work in the process itself: a doorbell, and a look at the rows when it stays silent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.core.errors import BotError
from bot.core.ports import Clock, Job, Jobs, Work

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
SWEEP = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
AT_ONCE = 4


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
        while True:
            self._bell.clear()
            now = self.clock()
            leased = await self.jobs.lease(now, now + self.lease, AT_ONCE)
            await asyncio.gather(*(self._run(job, work) for job in leased))
            if not leased:
                await self._wait()

    async def _run(self, job: Job, work: Work) -> None:
        try:
            async with asyncio.timeout(self.lease.total_seconds()):
                await work(job)
        except (BotError, TimeoutError) as error:
            await self._again(job, str(error) or type(error).__name__)
        except Exception as error:  # boundary: a broken job must not stop the others
            log.exception("job failed", job=job.name)
            await self._again(job, type(error).__name__)

    async def _again(self, job: Job, reason: str) -> None:
        pause = min(timedelta(seconds=2.0 ** min(job.attempts, 12)), LONGEST_PAUSE)
        log.warning("job postponed", job=job.name, seconds=pause.total_seconds(), reason=reason)
        await self.jobs.retry(job, self.clock() + pause)

    async def _wait(self) -> None:
        due = await self.jobs.next_due()
        wait = self.sweep if due is None else min(max(due - self.clock(), timedelta()), self.sweep)
        try:
            # Not `wait_for`: up to Python 3.11 it can lose a cancellation, and the house would never close.
            async with asyncio.timeout(wait.total_seconds() + 0.001):
                await self._bell.wait()
        except TimeoutError:
            return
