"""The store keeps the contract of stores on every database it runs on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine, event

from bot.core.errors import Transient
from bot.core.event import Event
from bot.core.evidence import Record
from bot.core.settlement import Outcome, Settlement
from bot.core.stored import Store
from storage.store import SqlStore
from tests.storage.build import FERN, GENERAL, INSULT, Opening, edited, heard, judged, posted, settle
from tests.storage.conformance import StoreContract
from tests.storage.conftest import LASTING, Kind, Migrated


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStore]:
    """A store that is closed after the block."""
    store = await SqlStore.open(url)
    try:
        yield store
    finally:
        await store.close()


class TestSqlStore(StoreContract):
    @pytest.fixture(params=Kind)
    async def store(self, request: pytest.FixtureRequest, migrated: Migrated) -> AsyncIterator[Store]:
        with migrated(request.param) as url:
            async with opened(url) as store:
                yield store

    @pytest.fixture(params=LASTING)
    def opening(self, request: pytest.FixtureRequest, migrated: Migrated) -> Iterator[Opening]:
        with migrated(request.param) as url:
            yield lambda: opened(url)


async def test_a_scan_gives_every_message_in_the_order_it_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.store.SCAN", 2)
    async with opened("sqlite://") as store:
        events: list[Event] = [posted("2"), posted("1"), edited("2"), posted("3"), posted("0")]
        await store.accept(heard(*events), None)
        await settle(store, events[1], verdict=judged(Outcome.ACTED, INSULT))
        found = [(one.event, one.verdict) async for one in store.scan()]
    verdicts = [None, judged(Outcome.ACTED, INSULT), None, None, None]
    assert found == list(zip(events, verdicts, strict=True))


@pytest.fixture
def as_released() -> Iterator[None]:
    """SQLite takes as few values in a statement as its own releases do; some distributions allow more."""

    def limit(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


@pytest.mark.parametrize(("kind", "limit"), [(Kind.FILE, 32_766), (Kind.POSTGRES, 2_000)])
async def test_more_events_than_one_statement_takes_are_accepted(
    migrated: Migrated, as_released: None, kind: Kind, limit: int
) -> None:
    with migrated(kind) as url:
        async with opened(url) as store:
            events = [posted(str(number)) for number in range(limit + 1)]
            assert await store.accept(heard(*events), None) == events
            assert await store.accept(heard(*events), None) == []


async def test_what_cannot_be_read_may_be_read_later(migrated: Migrated) -> None:
    with migrated(Kind.POSTGRES) as url:
        store = await SqlStore.open(url)
    with pytest.raises(Transient, match=r"^the database cannot be read: .*does not exist"):
        await store.unhandled()
    await store.close()


async def test_a_long_record_counts_the_newest_messages() -> None:
    async with opened("sqlite://") as store:
        events = [posted(str(number)) for number in range(10_001)]
        await store.accept(heard(*events), None)
        fates = [Outcome.ACTED, *[Outcome.APPROVED] * 9_999, Outcome.ASKED]
        verdicts = [Settlement(event_key=e.key, verdict=judged(fate)) for e, fate in zip(events, fates, strict=True)]
        await asyncio.gather(*map(store.settle, verdicts))
        assert await store.record(GENERAL.community, FERN.id) == Record(judged=10_000, asked=1)
