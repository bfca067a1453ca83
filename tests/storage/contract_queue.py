"""The contract of every queue: jobs run when they may, until they are done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import pytest

from bot.core.action import Later
from bot.core.errors import Transient
from bot.core.ports import Clock, Queue, Work
from bot.core.stored import Job, Store
from storage.store import SqlStore
from tests.storage.build import NOON, PATIENCE, Hands, eventually, settle

NEVER = timedelta(hours=1)
OFTEN = timedelta(milliseconds=10)


class QueueContract:
    """Inherit, and make the queue; `at_once` is how many jobs it runs at a time."""

    at_once = 4

    def queue(self, store: Store, clock: Clock, *, lease: timedelta, sweep: timedelta) -> Queue:
        """A queue over the rows of `store`, which looks for itself every `sweep`."""
        raise NotImplementedError

    @pytest.fixture
    async def store(self) -> AsyncIterator[SqlStore]:
        store = await SqlStore.open("sqlite://")
        yield store
        await store.close()

    @pytest.fixture
    def clock(self) -> Hands:
        return Hands()

    async def test_a_job_runs_at_once_when_the_bell_rings(self, store: Store, clock: Hands) -> None:
        queue, worker = self.queue(store, clock, lease=NEVER, sweep=NEVER), Worker(store)
        async with serving(queue, worker):
            for keys in ("a", "abc"):
                await settle(store, jobs=[_later(key) for key in keys if key not in worker.done])
                queue.ring()
                await eventually(partial(worker.has_done, keys))
        assert sorted(worker.done) == ["a", "b", "c"]
        assert await store.next_due() is None

    async def test_a_job_that_was_there_before_runs(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("a")])
        worker = Worker(store)
        async with serving(self.queue(store, clock, lease=NEVER, sweep=NEVER), worker):
            await eventually(lambda: worker.done == ["a"])

    async def test_a_job_that_nobody_rang_for_is_found(self, store: Store, clock: Hands) -> None:
        worker = Worker(store)
        async with serving(self.queue(store, clock, lease=NEVER, sweep=OFTEN), worker):
            await settle(store, jobs=[_later("a")])
            await eventually(lambda: worker.done == ["a"])

    async def test_a_job_does_not_run_before_its_time(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("later", 60), _later("a")])
        queue, worker = self.queue(store, clock, lease=NEVER, sweep=OFTEN), Worker(store)
        async with serving(queue, worker):
            await eventually(lambda: worker.done == ["a"])
            clock.move(timedelta(seconds=59))
            await settle(store, jobs=[_later("b")])
            await eventually(lambda: worker.done == ["a", "b"])
            clock.move(timedelta(seconds=1))
            await eventually(lambda: worker.done == ["a", "b", "later"])

    @pytest.mark.parametrize("error", [Transient("no room"), ValueError("a bug"), TimeoutError()])
    async def test_a_job_that_fails_comes_back_after_growing_pauses(
        self, store: Store, clock: Hands, error: Exception
    ) -> None:
        await settle(store, jobs=[_later("a")])
        worker, pauses = Worker(store, fails=[error] * 5), list[timedelta]()
        async with serving(self.queue(store, clock, lease=timedelta(days=1), sweep=OFTEN), worker):
            for tries in range(1, 6):
                await eventually(partial(worker.has_started, tries))
                pauses.append(await waits(store, clock))
                clock.move(pauses[-1])
            await eventually(lambda: worker.done == ["a"])
        assert pauses == sorted(set(pauses))
        assert [job.attempts for job in worker.started] == [0, 1, 2, 3, 4, 5]
        assert await store.next_due() is None

    async def test_a_job_that_fails_takes_no_other_along(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("bad"), _later("a", 1), _later("b", 2)])
        clock.move(timedelta(seconds=2))
        worker = Worker(store, fails=[ValueError()])
        async with serving(self.queue(store, clock, lease=NEVER, sweep=NEVER), worker):
            await eventually(lambda: len(worker.done) == 2)
        assert sorted(worker.done) == ["a", "b"]

    async def test_a_job_that_outlives_its_lease_is_stopped_and_taken_again(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("a")])
        worker = Worker(store, hangs={"a"})
        async with serving(self.queue(store, clock, lease=timedelta(seconds=0.05), sweep=OFTEN), worker):
            await eventually(lambda: worker.stopped == ["a"])
            worker.hangs.clear()
            clock.move(timedelta(minutes=1))
            await eventually(lambda: worker.done == ["a"])
        assert [job.attempts for job in worker.started] == [0, 1]

    async def test_a_job_whose_process_died_is_taken_again(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("a")])
        await store.lease(clock(), clock() + timedelta(minutes=5), 1)
        worker = Worker(store)
        async with serving(self.queue(store, clock, lease=NEVER, sweep=OFTEN), worker):
            clock.move(timedelta(minutes=5))
            await eventually(lambda: worker.done == ["a"])
        assert [job.attempts for job in worker.started] == [1]

    async def test_a_few_jobs_run_at_a_time(self, store: Store, clock: Hands) -> None:
        keys = {f"{n:02}" for n in range(3 * self.at_once)}
        await settle(store, jobs=[_later(key) for key in keys])
        worker = Worker(store, hangs=set(keys))
        async with serving(self.queue(store, clock, lease=NEVER, sweep=OFTEN), worker):
            await eventually(lambda: worker.running == self.at_once)
            worker.release()
            await eventually(lambda: set(worker.done) == keys)
        assert (worker.most, len(worker.done)) == (self.at_once, len(keys))

    async def test_a_slow_job_does_not_hold_up_the_others(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("slow")])
        queue, worker = self.queue(store, clock, lease=NEVER, sweep=NEVER), Worker(store, hangs={"slow"})
        async with serving(queue, worker):
            await eventually(lambda: worker.running == 1)
            await settle(store, jobs=[_later(key) for key in "abcdef"])
            queue.ring()
            await eventually(lambda: sorted(worker.done) == list("abcdef"))

    async def test_a_queue_that_ends_stops_its_jobs_and_gives_them_back(self, store: Store, clock: Hands) -> None:
        await settle(store, jobs=[_later("a"), _later("b")])
        worker = Worker(store, hangs={"a", "b"})
        async with serving(self.queue(store, clock, lease=NEVER, sweep=NEVER), worker):
            await eventually(lambda: worker.running == 2)
        assert (sorted(worker.stopped), worker.running) == (["a", "b"], 0)
        leased = await store.lease(clock(), clock() + NEVER, 9)
        assert sorted(job.key for job in leased) == ["a", "b"]

    async def test_a_queue_can_be_ended_while_the_bell_rings(self, store: Store, clock: Hands) -> None:
        queue = self.queue(store, clock, lease=NEVER, sweep=NEVER)
        for turns in range(20):
            async with serving(queue, Worker(store)):
                for _ in range(turns):
                    await asyncio.sleep(0.0005)
                queue.ring()

    async def test_a_queue_with_nothing_to_do_can_be_ended(self, store: Store, clock: Hands) -> None:
        async with serving(self.queue(store, clock, lease=NEVER, sweep=NEVER), Worker(store)):
            await asyncio.sleep(0)
        assert await store.next_due() is None


class Worker:
    """Runs jobs: the first ones end with `fails`, those in `hangs` run until they are released or stopped."""

    def __init__(self, store: Store, fails: list[Exception] | None = None, hangs: set[str] | None = None) -> None:
        self.hangs = hangs or set()
        self.started: list[Job] = []
        self.done: list[str] = []
        self.stopped: list[str] = []
        self.running = self.most = 0
        self._store, self._fails, self._released = store, fails or [], asyncio.Event()

    def release(self) -> None:
        self._released.set()

    def has_done(self, keys: str) -> bool:
        return sorted(self.done) == sorted(keys)

    def has_started(self, times: int) -> bool:
        return len(self.started) == times

    async def __call__(self, job: Job) -> None:
        self.started.append(job)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._work(job)
        except asyncio.CancelledError:
            self.stopped.append(job.key)
            raise
        finally:
            self.running -= 1

    async def _work(self, job: Job) -> None:
        if self._fails:
            raise self._fails.pop()
        if job.key in self.hangs:
            await self._released.wait()
        await settle(self._store, finished=(job.name, job.key))
        self.done.append(job.key)


@asynccontextmanager
async def serving(queue: Queue, work: Work) -> AsyncIterator[None]:
    """The queue at work inside the block, and ended when it is left."""
    task = asyncio.create_task(queue.serve(work))
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            with suppress(asyncio.CancelledError):
                await task


def _later(key: str, seconds: int = 0) -> Later:
    return Later(job="index", key=key, at=NOON + timedelta(seconds=seconds))


async def waits(store: Store, clock: Clock) -> timedelta:
    """How long the only job waits, once it was given back: until then it is leased for a day."""

    async def given_back() -> bool:
        due = await store.next_due()
        return due is not None and timedelta() < due - clock() < timedelta(days=1)

    await eventually(given_back)
    due = await store.next_due()
    assert due is not None
    return due - clock()
