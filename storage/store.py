"""The store: one writer with group commit, a few readers, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import orjson
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import OperationalError

from bot.core.action import Configure
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import OpenPoll, Post
from bot.core.errors import Transient
from bot.core.event import Event, Message
from bot.core.evidence import Record
from bot.core.learning import Calibrated, Label
from bot.core.passage import Fact, Passage, Wordy
from bot.core.poll import Poll
from bot.core.privacy import Forgotten, Member, Remembered
from bot.core.settlement import Settlement
from bot.core.stored import Backlog, Cursor, Found, Heard, Job, Pending, Receipt
from bot.core.wave import Known, Part
from storage import (
    calibrations,
    cases,
    facts,
    inbox,
    jobs,
    labels,
    meanings,
    outbox,
    passages,
    polls,
    spending,
    waves,
)
from storage.backlog import backlog
from storage.engine import in_memory, open_engine, reading
from storage.erasing import erase
from storage.migrate import upgrade
from storage.remembered import remembered
from storage.scrubbing import scrub
from storage.settle import settle
from storage.tables import SETTING, TALLY
from storage.writer import Writer, sentence

if TYPE_CHECKING:
    from storage.vectors import Vectors

T = TypeVar("T")
READERS = 2
SCAN = 2_000
Change = Callable[[Connection], object]


def _apply(connection: Connection, changes: list[Change]) -> list[object]:
    return [change(connection) for change in changes]


class SqlStore:
    """Implements `bot.core.ports.Store`. Reads see every write that was answered, or raise `Transient`."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._reader = engine, reading(engine)
        self._thread = ThreadPoolExecutor(1, "store-writer")
        # A database in memory has one connection, and one thread to use it.
        self._readers = self._thread if in_memory(engine) else ThreadPoolExecutor(READERS, "store-reader")
        self._writer = Writer(engine, self._thread)

    @classmethod
    async def open(cls, url: str) -> SqlStore:
        """Open and migrate; raises `ConfigError` when that cannot be done."""
        engine = open_engine(url)
        await asyncio.to_thread(upgrade, engine)
        return cls(engine)

    @cached_property
    def _vectors(self) -> Vectors:
        # Here, so that whoever looks for nothing by its meaning never pays for numpy.
        from storage.vectors import Vectors

        return Vectors()

    @property
    def degraded(self) -> str:
        """Why nothing can be written at the moment, '' when all is well."""
        return self._writer.degraded

    async def _read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._query, query)

    def _query(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._reader.begin() as connection:
                return query(connection)
        except OperationalError as error:
            raise Transient(f"the database cannot be read: {sentence(error)}") from error

    async def _change(self, change: Change) -> object:
        return await self._writer.write(_apply, change)

    async def accept(self, heard: Sequence[Heard], cursor: Cursor | None) -> list[Event]:
        return await self._writer.write(inbox.accept, (heard, cursor))

    async def settle(self, settlement: Settlement) -> None:
        await self._writer.write(settle, settlement)

    async def unhandled(self) -> list[Event]:
        return await self._read(inbox.unhandled)

    async def superseded(self, limit: int) -> list[Event]:
        return await self._read(partial(inbox.superseded, limit=limit))

    async def position(self, stream: str) -> str:
        return await self._read(partial(inbox.position, stream=stream))

    async def message(self, platform: str, message_id: str) -> Found | None:
        return await self._read(partial(inbox.message, platform=platform, message_id=message_id))

    async def record(self, community: Address, user_id: str) -> Record:
        return await self._read(partial(inbox.record, community=community, user_id=user_id))

    async def scan(self) -> AsyncIterator[Found]:
        """Every message with its verdict, in the order they were heard; for reports."""
        after = 0
        while page := await self._read(partial(inbox.scan, after=after, limit=SCAN)):
            for _, found in page:
                yield found
            after = page[-1][0]

    async def approved(self, where: Address) -> int:
        query = select(TALLY.c.approved).where(TALLY.c.place == str(where))
        return await self._read(lambda connection: connection.scalar(query) or 0)

    async def case(self, number: int) -> Case | None:
        return await self._read(partial(cases.case, number=number))

    async def open_case(self, where: Address, message_id: str) -> Case | None:
        return await self._read(partial(cases.open_case, platform=where.platform, message_id=message_id))

    async def case_about(self, where: Address, message_id: str) -> Case | None:
        return await self._read(partial(cases.case_about, platform=where.platform, message_id=message_id))

    async def open_cases(self, under: Address | None, limit: int) -> list[Case]:
        return await self._read(partial(cases.open_cases, under=under, limit=limit))

    async def known_wave(self, name: str) -> Known | None:
        return await self._read(partial(waves.known, name=name))

    async def wave_case(self, name: str) -> Case | None:
        return await self._read(partial(cases.wave_case, name=name))

    async def wave(self, case: int) -> list[Part]:
        return await self._read(partial(waves.parts, number=case))

    async def lately(self, since: datetime, limit: int) -> list[Message]:
        return await self._read(partial(inbox.lately, since=since, limit=limit))

    async def waiting(self, room: Address) -> tuple[int, datetime | None]:
        return await self._read(partial(cases.waiting, room=room))

    async def card_shown(self, case: int, message_id: str) -> None:
        await self._change(partial(cases.card_shown, number=case, message_id=message_id))

    async def poll_opened(self, asked: OpenPoll, message_id: str, ends_at: datetime) -> None:
        await self._change(partial(polls.opened, asked=asked, message_id=message_id, ends_at=ends_at))

    async def gone(self, platform: str, message_id: str) -> bool:
        return await self._read(partial(inbox.gone, platform=platform, message_id=message_id))

    async def event(self, key: str) -> Event | None:
        return await self._read(partial(inbox.event, key=key))

    async def passages(self, community: Address, words: Sequence[str], limit: int) -> list[Passage]:
        return await self._read(partial(passages.search, community=community, words=words, limit=limit))

    async def alike(self, community: Address, vector: bytes, limit: int) -> list[Passage]:
        query = partial(passages.alike, vectors=self._vectors, community=community, vector=vector, limit=limit)
        return await self._read(query)

    async def around(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        return await self._read(partial(passages.around, platform=platform, message_ids=message_ids))

    async def standing(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        return await self._read(partial(passages.standing, platform=platform, message_ids=message_ids))

    async def latest(self, where: Address, limit: int) -> list[Passage]:
        return await self._read(partial(passages.latest, where=where, limit=limit))

    async def posted(self, platform: str, message_id: str) -> Post | None:
        return await self._read(partial(outbox.posted, platform=platform, message_id=message_id))

    async def spent(self, day: str, scopes: Collection[str]) -> Mapping[str, int]:
        return await self._read(partial(spending.spent, day=day, scopes=scopes))

    async def facts(self, community: Address, member: str) -> list[Fact]:
        return await self._read(partial(facts.of, community=community, member=member))

    async def wordy(self, limit: int) -> list[Wordy]:
        return await self._read(partial(meanings.wordy, limit=limit, vectors=self._vectors))

    async def poll(self, poll_id: str) -> Poll | None:
        return await self._read(partial(polls.by_id, poll_id=poll_id))

    async def poll_shown_as(self, where: Address, message_id: str) -> Poll | None:
        return await self._read(partial(polls.shown_as, platform=where.platform, message_id=message_id))

    async def open_polls(self, under: Address) -> list[Poll]:
        return await self._read(partial(polls.open_below, under=under))

    async def pending(self, now: datetime, busy: Collection[str], limit: int) -> list[Pending]:
        return await self._read(partial(outbox.pending, now=now, busy=busy, limit=limit))

    async def next_delivery(self, now: datetime) -> datetime | None:
        return await self._read(partial(outbox.next_delivery, now=now))

    async def attempted(self, keys: Sequence[str]) -> None:
        await self._change(partial(outbox.attempted, keys=keys))

    async def delivered(self, keys: Sequence[str], receipt: Receipt) -> None:
        await self._change(partial(outbox.delivered, keys=keys, receipt=receipt))

    async def postpone(self, keys: Sequence[str], until: datetime) -> None:
        await self._change(partial(outbox.postpone, keys=keys, until=until))

    async def abandon(self, keys: Sequence[str], reason: str) -> None:
        await self._change(partial(outbox.abandon, keys=keys, reason=reason))

    async def lease(self, now: datetime, until: datetime, limit: int) -> list[Job]:
        return await self._writer.write(_lease, (now, until, limit))

    async def finish(self, job: Job) -> None:
        await self._change(partial(jobs.finish, job=job))

    async def retry(self, job: Job, at: datetime) -> None:
        await self._change(partial(jobs.retry, job=job, at=at))

    async def next_due(self) -> datetime | None:
        return await self._read(jobs.next_due)

    async def labels(self, community: Address) -> list[Label]:
        return await self._read(partial(labels.labels, community=community))

    async def audits(self, community: Address, since: datetime) -> int:
        return await self._read(partial(labels.audits, community=community, since=since))

    async def calibration(self, number: int) -> Calibrated | None:
        return await self._read(partial(calibrations.calibration, number=number))

    async def calibrations(self, community: Address) -> list[Calibrated]:
        return await self._read(partial(calibrations.calibrations, community=community))

    async def taught(self) -> list[Address]:
        return await self._read(labels.communities)

    async def passed(self, community: Address, model: str, limit: int) -> list[float]:
        return await self._read(partial(labels.passed, community=community, model=model, limit=limit))

    async def keep(self, made: Calibrated) -> int:
        return await self._writer.write(_keep, made)

    async def settings(self) -> list[Configure]:
        return await self._read(_settings)

    async def erase(self, member: Member) -> Forgotten:
        return await self._writer.write(_erase, member)

    async def scrub(self) -> None:
        # In the writer's thread, so that no transaction of ours stands in its way.
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, scrub, self._engine)
        except OperationalError as error:
            raise Transient(f"the database is busy: {sentence(error)}") from error

    async def remembered(self, member: Member) -> list[Remembered]:
        return await self._read(partial(remembered, member=member))

    async def backlog(self) -> Backlog:
        return await self._read(backlog)

    async def close(self) -> None:
        """Finish what was asked, then let go of the database."""
        await self._writer.close()
        self._thread.shutdown()
        self._readers.shutdown()
        self._reader.dispose()
        self._engine.dispose()


def _lease(connection: Connection, asked: list[tuple[datetime, datetime, int]]) -> list[list[Job]]:
    return [jobs.lease(connection, *request) for request in asked]


def _keep(connection: Connection, made: list[Calibrated]) -> list[int]:
    return [calibrations.keep(connection, one) for one in made]


def _erase(connection: Connection, members: list[Member]) -> list[Forgotten]:
    return [erase(connection, member) for member in members]


def _settings(connection: Connection) -> list[Configure]:
    rows = connection.execute(select(SETTING)).mappings()
    return [
        Configure(scope=row["scope"], key=row["key"], value=orjson.loads(row["value"]), by=row["changed_by"])
        for row in rows
    ]
