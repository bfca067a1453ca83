"""Group commit: everything asked for while one transaction runs goes into the next one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.core.errors import Transient
from bot.failpoint import failpoint

log = structlog.get_logger(__name__)

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741
# One result per item, in order; all items of one call share a transaction.
Batched: TypeAlias = Callable[[Connection, list[I]], list[O]]

RETRY_SECONDS = 0.2
MAX_RETRY_SECONDS = 2.0
# PostgreSQL's class of errors for values that are too long or too many.
PROGRAM_LIMIT = "54"


@dataclass(slots=True)
class _Asked:
    work: Batched[Any, Any]
    item: object
    answer: asyncio.Future[Any]
    result: object = None
    error: Exception | None = None
    alone: bool = False


@dataclass(slots=True)
class Writer:
    """The one place that writes.

    `patience` is how many seconds a locked or full database is retried, `pause` how many pass before the first retry.
    """

    engine: Engine
    thread: ThreadPoolExecutor
    patience: float = 300.0
    pause: float = RETRY_SECONDS
    degraded: str = ""
    _waiting: list[_Asked] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    async def write(self, work: Batched[I, O], item: I) -> O:
        """The item's result, once it is on disk; raises `Transient` when the database stays unusable."""
        asked = _Asked(work, item, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        answer: O = await asked.answer
        return answer

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._until_done(loop, batch)
            except Exception as error:  # noqa: BLE001  # boundary: whoever waits must hear of it
                _fail(batch, error)
            for asked in batch:
                _answer(asked)
        self._task = None

    async def _until_done(self, loop: asyncio.AbstractEventLoop, batch: list[_Asked]) -> None:
        deadline, pause = time.monotonic() + self.patience, self.pause
        while True:
            try:
                await loop.run_in_executor(self.thread, self._commit, batch)
            except OperationalError as error:
                self._degrade(sentence(error))
                if time.monotonic() > deadline:
                    _fail(batch, Transient(f"the database cannot be written: {sentence(error)}"))
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, MAX_RETRY_SECONDS)
            else:
                self._degrade("")
                return

    def _commit(self, asked: list[_Asked]) -> None:
        # When a lock ended this half way, the next attempt must not repeat what is on disk.
        batch = [one for one in asked if not one.alone]
        try:
            self._transact(batch)
        except Exception as error:  # boundary: one bad item must not take the others down
            if isinstance(error, OperationalError) and _passes(error):
                raise
            if len(batch) == 1:
                batch[0].error = error
                return
            self._commit_singly(batch)

    def _commit_singly(self, batch: list[_Asked]) -> None:
        for asked in batch:
            self._commit([asked])
            asked.alone = True

    def _transact(self, batch: list[_Asked]) -> None:
        by_work: dict[Batched[Any, Any], list[_Asked]] = {}
        for asked in batch:
            by_work.setdefault(asked.work, []).append(asked)
        with self.engine.begin() as connection:
            for work, group in by_work.items():
                for asked, result in zip(group, work(connection, [asked.item for asked in group]), strict=True):
                    asked.result = result
            failpoint("before_commit")
        failpoint("after_commit")

    def _degrade(self, reason: str) -> None:
        if reason != self.degraded:
            log.warning("database degraded", reason=reason) if reason else log.info("database recovered")
        self.degraded = reason

    async def close(self) -> None:
        """Wait for what was asked."""
        while self._task is not None:
            await asyncio.wait([self._task])


def _answer(asked: _Asked) -> None:
    if asked.answer.cancelled():
        return
    if asked.error is not None:
        asked.answer.set_exception(asked.error)
    else:
        asked.answer.set_result(asked.result)


def _fail(batch: list[_Asked], error: Exception) -> None:
    for asked in batch:
        if not asked.alone:
            asked.error = error


def _passes(error: OperationalError) -> bool:
    """Whether the same statement may succeed later; both databases also call their limits operational errors."""
    name: str | None = getattr(error.orig, "sqlite_errorname", None)
    state: str | None = getattr(error.orig, "sqlstate", None)
    return name != "SQLITE_ERROR" and not (state or "").startswith(PROGRAM_LIMIT)


def sentence(error: DBAPIError) -> str:
    """The first line of what the database said."""
    return next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
