"""The contract of job rows: leased by one, until done or given back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.core.action import Later
from bot.core.stored import Job, Store
from tests.storage.build import NOON, Opening, settle

SECOND = timedelta(seconds=1)
UNTIL = NOON + timedelta(minutes=5)


def _later(key: str, seconds: int = 0, job: str = "index") -> Later:
    return Later(job=job, key=key, at=NOON + seconds * SECOND)


def _job(key: str, attempts: int = 0, name: str = "index") -> Job:
    return Job(name=name, key=key, attempts=attempts)


class JobContract:
    """Inherit, and give the fixtures `store` and `opening`."""

    async def test_due_jobs_are_leased_oldest_first(self, store: Store) -> None:
        await settle(store, jobs=[_later("c", 2), _later("a", 0), _later("b", 1), _later("d", 3)])
        assert await store.lease(NOON - SECOND, UNTIL, 9) == []
        assert await store.lease(NOON + 2 * SECOND, UNTIL, 2) == [_job("a"), _job("b")]
        assert await store.lease(NOON + 2 * SECOND, UNTIL, 2) == [_job("c")]
        assert await store.lease(NOON + 2 * SECOND, UNTIL, 2) == []

    async def test_a_job_is_stored_once(self, store: Store) -> None:
        await settle(store, jobs=[_later("a"), _later("a", 5), _later("a", job="remind")])
        await settle(store, jobs=[_later("a", 5)])
        leased = await store.lease(NOON, UNTIL, 9)
        assert sorted(leased, key=lambda job: job.name) == [_job("a"), _job("a", name="remind")]

    async def test_a_leased_job_is_nobody_elses_until_the_lease_ends(self, store: Store) -> None:
        await settle(store, jobs=[_later("a")])
        assert await store.lease(NOON, UNTIL, 9) == [_job("a")]
        assert await store.lease(UNTIL - timedelta(microseconds=1), UNTIL, 9) == []
        assert await store.lease(UNTIL, UNTIL + SECOND, 9) == [_job("a", 1)]
        assert await store.lease(UNTIL + SECOND, UNTIL + 2 * SECOND, 9) == [_job("a", 2)]

    async def test_a_job_asked_for_while_it_runs_is_the_one_that_runs(self, store: Store) -> None:
        await settle(store, jobs=[_later("a")])
        await store.lease(NOON, UNTIL, 9)
        await settle(store, jobs=[_later("a")])
        assert await store.lease(NOON, UNTIL, 9) == []

    async def test_a_job_that_is_finished_is_forgotten(self, store: Store) -> None:
        await settle(store, jobs=[_later("a"), _later("b"), _later("a", job="remind")])
        await store.lease(NOON, UNTIL, 9)
        await store.finish(_job("a"))
        await settle(store, finished=("index", "b"))
        assert await store.lease(UNTIL, UNTIL + SECOND, 9) == [_job("a", 1, "remind")]

    async def test_a_job_that_asks_for_itself_again_is_kept(self, store: Store) -> None:
        await settle(store, jobs=[_later("a")])
        await store.lease(NOON, UNTIL, 9)
        await settle(store, finished=("index", "a"), jobs=[_later("a", 7)])
        assert await store.next_due() == NOON + 7 * SECOND
        assert await store.lease(NOON + 7 * SECOND, UNTIL, 9) == [_job("a")]

    async def test_a_job_given_back_is_taken_again_later(self, store: Store) -> None:
        await settle(store, jobs=[_later("a")])
        (job,) = await store.lease(NOON, UNTIL, 9)
        await store.retry(job, NOON + SECOND)
        assert await store.lease(NOON, UNTIL, 9) == []
        assert await store.lease(NOON + SECOND, UNTIL, 9) == [_job("a", 1)]

    async def test_who_lost_the_lease_cannot_give_the_job_away(self, store: Store) -> None:
        await settle(store, jobs=[_later("a")])
        (lost,) = await store.lease(NOON, NOON + SECOND, 9)
        (held,) = await store.lease(NOON + SECOND, UNTIL, 9)
        await store.retry(lost, NOON)
        assert await store.lease(NOON + 2 * SECOND, UNTIL, 9) == []
        await store.retry(held, NOON)
        assert await store.lease(NOON + 2 * SECOND, UNTIL, 9) == [_job("a", 2)]

    async def test_the_next_job_may_be_taken_when_it_is_due_or_its_lease_ends(self, store: Store) -> None:
        assert await store.next_due() is None
        await settle(store, jobs=[_later("a"), _later("b", 3600)])
        assert await store.next_due() == NOON
        await store.lease(NOON, UNTIL, 9)
        assert await store.next_due() == UNTIL
        await store.finish(_job("a"))
        assert await store.next_due() == NOON + timedelta(hours=1)
        await store.finish(_job("b"))
        assert await store.next_due() is None

    async def test_jobs_outlast_a_restart(self, opening: Opening) -> None:
        async with opening() as store:
            await settle(store, jobs=[_later("a"), _later("b", 1)])
            await store.lease(NOON, UNTIL, 9)
        async with opening() as store:
            assert await store.lease(NOON + SECOND, UNTIL, 9) == [_job("b")]
            assert await store.lease(UNTIL, UNTIL + SECOND, 9) == [_job("a", 1), _job("b", 1)]

    async def test_two_processes_never_lease_the_same_job(self, opening: Opening) -> None:
        async with opening() as one, opening() as other:
            keys = [f"{n:02}" for n in range(40)]
            await settle(one, jobs=[_later(key) for key in keys])
            asked = [store.lease(NOON, UNTIL, 3) for _ in range(15) for store in (one, other)]
            leased = await asyncio.gather(*asked)
            assert sorted(job.key for jobs in leased for job in jobs) == keys
