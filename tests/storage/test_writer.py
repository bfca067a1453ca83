"""Writes share transactions, wait out what passes, and never take each other down."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import Transient
from storage.engine import open_engine
from storage.writer import Writer
from tests.storage.build import eventually
from tests.storage.conftest import LASTING, Kind, Migrated

BUSY_MS = 10


class Bench:
    """A writer over a table of words, which counts its transactions."""

    def __init__(self, engine: Engine, thread: ThreadPoolExecutor) -> None:
        self.engine = engine
        self.writer = Writer(engine, thread, pause=0.01)
        self.commits = 0
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE word (seq INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)"))
        self._numbers = count(1)
        event.listen(engine, "commit", self._count)

    def words(self) -> list[str]:
        """What is on disk, in the order it was written."""
        with self.engine.begin() as connection:
            found = list(connection.scalars(text("SELECT word FROM word ORDER BY seq")))
        self.commits -= 1
        return found

    def put(self, connection: Connection, words: list[str]) -> list[str]:
        """Write the words; each answers itself in capitals."""
        for word in words:
            row = {"seq": next(self._numbers), "word": word}
            connection.execute(text("INSERT INTO word (seq, word) VALUES (:seq, :word)"), row)
        return [word.upper() for word in words]

    def _count(self, _: Connection) -> None:
        self.commits += 1


@pytest.fixture(params=LASTING)
def engine(request: pytest.FixtureRequest, migrated: Migrated) -> Iterator[Engine]:
    with migrated(request.param) as url, _opened(url) as engine:
        yield engine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words.db"


@pytest.fixture
def bench(engine: Engine) -> Iterator[Bench]:
    with ThreadPoolExecutor(1) as thread:
        yield Bench(engine, thread)


@pytest.fixture
def filed(file: Path) -> Iterator[Bench]:
    """A bench over a SQLite file that other connections can lock."""
    with _opened(f"sqlite:///{file}") as engine, ThreadPoolExecutor(1) as thread:
        yield Bench(engine, thread)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    yield engine
    engine.dispose()


def _hurry(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.cursor().execute(f"PRAGMA busy_timeout = {BUSY_MS}")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else is writing to the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


class Failing:
    """Does what `put` does, unless one of the words is `bad`; then it raises what `error` makes, `times` times."""

    def __init__(self, bench: Bench, error: Callable[[], Exception], times: int = 1_000_000) -> None:
        self._bench, self._error, self._times = bench, error, times
        self.tried: list[list[str]] = []

    def __call__(self, connection: Connection, words: list[str]) -> list[str]:
        self.tried.append(words)
        written = self._bench.put(connection, words)
        if "bad" in words and self._times > 0:
            self._times -= 1
            raise self._error()
        return written


def _lost() -> Exception:
    return OperationalError("INSERT", None, sqlite3.OperationalError("database is locked"))


def _wordless() -> Exception:
    return OperationalError("INSERT", None, sqlite3.OperationalError())


async def _outcomes(writes: Sequence[asyncio.Task[str]]) -> list[str]:
    """What each write answered, or the name of its error."""
    results = await asyncio.gather(*writes, return_exceptions=True)
    return [type(result).__name__ if isinstance(result, BaseException) else result for result in results]


def _all(bench: Bench, words: Sequence[str], work: Failing | None = None) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(bench.writer.write(work or bench.put, word)) for word in words]


async def test_a_write_is_answered_once_it_is_on_disk(bench: Bench) -> None:
    assert await bench.writer.write(bench.put, "a") == "A"
    assert bench.words() == ["a"]


async def test_writes_at_the_same_time_share_transactions(bench: Bench) -> None:
    words = [f"{n:03}" for n in range(300)]
    assert await _outcomes(_all(bench, words)) == words
    assert bench.words() == words
    assert bench.commits <= 2


async def test_writes_that_come_while_one_runs_go_into_the_next_transaction(bench: Bench) -> None:
    first = _all(bench, ["a"])
    await asyncio.sleep(0)
    assert await _outcomes(first + _all(bench, ["b", "c", "d"])) == ["A", "B", "C", "D"]
    assert (bench.words(), bench.commits) == (["a", "b", "c", "d"], 2)


async def test_works_of_different_kinds_share_a_transaction(bench: Bench) -> None:
    def length(connection: Connection, words: list[str]) -> list[int]:
        return [len(word) for word in words]

    letters = asyncio.create_task(bench.writer.write(length, "abc"))
    assert await _outcomes(_all(bench, ["a"])) == ["A"]
    assert (await letters, bench.commits) == (3, 1)


async def test_a_bad_item_fails_alone(bench: Bench) -> None:
    await bench.writer.write(bench.put, "twice")
    outcomes = await _outcomes(_all(bench, ["a", "twice", "b", "c"]))
    assert outcomes == ["A", "IntegrityError", "B", "C"]
    assert (sorted(bench.words()), bench.writer.degraded) == (["a", "b", "c", "twice"], "")


async def test_an_item_the_database_will_never_take_fails_alone(bench: Bench) -> None:
    def never(connection: Connection, words: list[str]) -> list[str]:
        # Both databases call these operational errors, like a lock that passes.
        wrong = "SELECT no_such_function()" if connection.dialect.name == "sqlite" else LONG_KEY
        connection.execute(text(wrong))
        return words

    bad = asyncio.create_task(bench.writer.write(never, "x"))
    async with asyncio.timeout(10):
        assert await _outcomes([*_all(bench, ["a", "b"]), bad]) == ["A", "B", "OperationalError"]
    assert (sorted(bench.words()), bench.writer.degraded) == (["a", "b"], "")


# More than an index of PostgreSQL takes, and nothing that it could compress.
LONG_KEY = "INSERT INTO word SELECT 0, string_agg(md5(n::text), '') FROM generate_series(1, 1000) AS n"


async def test_what_was_written_alone_is_not_written_again(bench: Bench) -> None:
    """After a bad item each goes by itself; a lock in the middle of that must not repeat the first ones."""
    errors = iter([ValueError(), _lost()])
    work = Failing(bench, lambda: next(errors), times=2)
    assert await _outcomes(_all(bench, ["a", "bad", "b"], work)) == ["A", "BAD", "B"]
    assert work.tried == [["a", "bad", "b"], ["a"], ["bad"], ["bad", "b"]]
    assert bench.words() == ["a", "bad", "b"]


async def test_an_error_without_words_is_waited_out_too(bench: Bench) -> None:
    async with asyncio.timeout(10):
        outcomes = await _outcomes(_all(bench, ["bad"], Failing(bench, _wordless, times=1)))
    assert outcomes == ["BAD"]


async def test_writes_wait_while_somebody_else_writes(filed: Bench, file: Path) -> None:
    with locked(file):
        writes = _all(filed, ["a", "b"])
        await eventually(lambda: filed.writer.degraded != "")
        assert filed.writer.degraded == "database is locked"
        writes += _all(filed, ["c"])
        assert not any(write.done() for write in writes)
    assert await _outcomes(writes) == ["A", "B", "C"]
    assert (filed.words(), filed.writer.degraded) == (["a", "b", "c"], "")


async def test_a_database_that_stays_locked_is_no_reason_to_wait_forever(filed: Bench, file: Path) -> None:
    filed.writer.patience = 0.05
    with locked(file):
        with pytest.raises(Transient, match=r"^the database cannot be written: database is locked$"):
            await filed.writer.write(filed.put, "a")
        assert filed.writer.degraded == "database is locked"
    assert await filed.writer.write(filed.put, "b") == "B"
    assert (filed.words(), filed.writer.degraded) == (["b"], "")


async def test_without_patience_it_is_still_said_what_is_wrong(filed: Bench, file: Path) -> None:
    filed.writer.patience = -1
    with locked(file), pytest.raises(Transient):
        await filed.writer.write(filed.put, "a")
    assert filed.writer.degraded == "database is locked"


async def test_a_transaction_whose_server_dies_is_tried_again(migrated: Migrated) -> None:
    with migrated(Kind.POSTGRES) as url, _opened(url) as engine, ThreadPoolExecutor(1) as thread:
        bench, deaths = Bench(engine, thread), iter([True])

        def dying(connection: Connection, words: list[str]) -> list[str]:
            written = bench.put(connection, words)
            if next(deaths, False):
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return written

        assert await bench.writer.write(dying, "a") == "A"
        assert bench.words() == ["a"]


async def test_a_caller_who_leaves_does_not_take_the_write_along(bench: Bench) -> None:
    early, late, other = _all(bench, ["a", "b", "c"])
    early.cancel()
    await asyncio.sleep(0)
    late.cancel()
    assert await _outcomes([early, late, other]) == ["CancelledError", "CancelledError", "C"]
    assert await bench.writer.write(bench.put, "d") == "D"
    assert bench.words()[-1] == "d"
    assert {"b", "c"} <= set(bench.words())


async def test_a_caller_who_leaves_a_locked_database_does_not_take_the_write_along(filed: Bench, file: Path) -> None:
    with locked(file):
        (write,) = _all(filed, ["a"])
        await eventually(lambda: filed.writer.degraded != "")
        write.cancel()
        assert await _outcomes([write]) == ["CancelledError"]
    await filed.writer.close()
    assert filed.words() == ["a"]


async def test_closing_waits_for_what_was_asked(bench: Bench) -> None:
    writes = _all(bench, ["a", "b"])
    await asyncio.sleep(0)
    await bench.writer.close()
    assert (bench.words(), await _outcomes(writes)) == (["a", "b"], ["A", "B"])


async def test_a_write_after_the_end_fails_instead_of_waiting(filed: Bench) -> None:
    filed.writer.thread.shutdown()
    async with asyncio.timeout(5):
        assert await _outcomes(_all(filed, ["a"])) == ["RuntimeError"]
        assert await _outcomes(_all(filed, ["b"])) == ["RuntimeError"]
        await filed.writer.close()
