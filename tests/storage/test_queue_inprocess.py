"""The queue in the process keeps the contract of queues, and outlives a database that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.core.action import Later
from bot.core.errors import Transient
from bot.core.ports import Clock, Queue
from bot.core.stored import Job, Jobs, Store
from storage.queue_inprocess import AT_ONCE, LONGEST_PAUSE, InProcessQueue
from storage.store import SqlStore
from tests.storage.build import NOON, Hands, eventually, settle
from tests.storage.contract_queue import OFTEN, QueueContract, Worker, serving, waits

MINUTE = timedelta(minutes=1)


class TestInProcessQueue(QueueContract):
    at_once = AT_ONCE

    def queue(self, store: Store, clock: Clock, *, lease: timedelta, sweep: timedelta) -> Queue:
        return InProcessQueue(store, clock, lease, sweep)


class Flaky:
    """Job rows whose database fails at the first call of each kind."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs, self._failed = jobs, set[str]()

    async def lease(self, now: datetime, until: datetime, limit: int) -> list[Job]:
        self._fail("lease")
        return await self._jobs.lease(now, until, limit)

    async def finish(self, job: Job) -> None:
        self._fail("finish")
        await self._jobs.finish(job)

    async def retry(self, job: Job, at: datetime) -> None:
        self._fail("retry")
        await self._jobs.retry(job, at)

    async def next_due(self) -> datetime | None:
        self._fail("next_due")
        return await self._jobs.next_due()

    def _fail(self, kind: str) -> None:
        if kind not in self._failed:
            self._failed.add(kind)
            raise Transient("the database cannot be written: database is locked")


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    store = await SqlStore.open("sqlite://")
    yield store
    await store.close()


async def test_a_database_that_fails_does_not_end_the_queue(store: SqlStore) -> None:
    clock, worker = Hands(), Worker(store, fails=[ValueError()])
    await settle(store, jobs=[Later(job="index", key=key, at=NOON) for key in "abc"])
    async with serving(InProcessQueue(Flaky(store), clock, MINUTE, OFTEN), worker):
        await eventually(lambda: len(worker.done) == 2)
        clock.move(MINUTE)
        await eventually(lambda: sorted(worker.done) == ["a", "b", "c"])


async def test_pauses_grow_to_an_hour_and_no_further(store: SqlStore) -> None:
    clock, pauses = Hands(), []
    queue = InProcessQueue(store, clock, timedelta(days=1), OFTEN)
    await settle(store, jobs=[Later(job="index", key="a", at=NOON)])
    for _ in range(15):
        worker = Worker(store, fails=[ValueError()])
        async with serving(queue, worker):
            await eventually(partial(worker.has_started, 1))
            pauses.append(await waits(store, clock))
        clock.move(pauses[-1])
    seconds = [pause.total_seconds() for pause in pauses]
    assert seconds == [min(2.0**n, LONGEST_PAUSE.total_seconds()) for n in range(15)]
