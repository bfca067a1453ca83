"""A database comes to the schema this code knows, whole or not at all."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from bot.core.errors import ConfigError
from storage.engine import masked, open_engine
from storage.migrate import HEAD, upgrade, version
from storage.store import SqlStore
from storage.tables import Base
from tests.storage.build import heard, posted

SECRET = "hunter2"
# Dies before the statement whose number it is given.
DYING = """
import os, signal, sys
from sqlalchemy import event
from storage.engine import open_engine
from storage.migrate import upgrade

left = int(sys.argv[2])

def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

engine = open_engine(sys.argv[1])
event.listen(engine, "before_cursor_execute", count)
event.listen(engine, "commit", count)
upgrade(engine)
print(int(sys.argv[2]) - left)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parley.db'}"
    empty: str = request.getfixturevalue("postgres_url")
    return empty


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with opened(url) as engine:
        yield engine


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _at(engine: Engine) -> str:
    with engine.begin() as connection:
        return version(connection)


def _differences(engine: Engine) -> list[object]:
    """What a migration would still have to change."""
    with engine.begin() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """What the search index keeps for itself is no model of ours."""
    return not (name or "").startswith(("passage_words", "ix_passage_words"))


def _migrate_dying(url: str, statement: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", DYING, url, str(statement)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_an_empty_database_is_brought_up_once(engine: Engine) -> None:
    assert _at(engine) == ""
    assert [upgrade(engine), upgrade(engine)] == [True, False]
    assert _at(engine) == HEAD


def test_what_is_stored_outlasts_the_next_start(url: str) -> None:
    async def start() -> list[str]:
        store = await SqlStore.open(url)
        await store.accept(heard(posted("1")), None)
        events = await store.unhandled()
        await store.close()
        return [event.id for event in events]

    assert [asyncio.run(start()), asyncio.run(start())] == [["1"], ["1"]]


def test_tables_and_migrations_agree(engine: Engine) -> None:
    upgrade(engine)
    assert _differences(engine) == []


def test_several_processes_may_start_at_once(url: str) -> None:
    def start(_: int) -> bool:
        with opened(url) as engine:
            return upgrade(engine)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(start, range(4))) == [False, False, False, True]


def test_a_newer_schema_is_refused(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError) as refused:
        upgrade(engine)
    sentence = "The database was made by a newer Parley (schema 9999): update Parley, or restore a backup."
    assert refused.value.problems == (sentence,)


@pytest.mark.parametrize("statement", [1, 4, 7, 10, 13, 16, 17])
def test_a_migration_that_is_killed_is_completed_by_the_next(url: str, statement: int) -> None:
    assert _migrate_dying(url, statement).returncode == -signal.SIGKILL
    with opened(url) as engine:
        assert _at(engine) == ""
        assert inspect(engine).get_table_names() == []
        assert upgrade(engine)
        assert _differences(engine) == []


def test_the_last_kill_comes_before_the_commit(url: str) -> None:
    assert int(_migrate_dying(url, 1000).stdout) >= 17


def _directory(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}"


def _missing(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/missing/parley.db"


def _letter(tmp_path: Path) -> str:
    (tmp_path / "letter.txt").write_text("Dear Fern, " * 1000)
    return f"sqlite:///{tmp_path}/letter.txt"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (_directory, "store.url cannot be opened: unable to open database file."),
        (_missing, "store.url cannot be opened: unable to open database file."),
        (_letter, "store.url cannot be opened: file is not a database."),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, url: Callable[[Path], str], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused, opened(url(tmp_path)) as engine:
        upgrade(engine)
    assert refused.value.problems == (sentence,)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "store.url is no database address: "),
        ("parley.db", "store.url is no database address: "),
        (f"postgresql://fern:{SECRET}@host:port/parley", "store.url is no database address: "),
        (f"postgresql://fern:{SECRET}@[::1/parley", "store.url is no database address: "),
        (f"mysql://fern:{SECRET}@host/parley", "store.url names mysql, but Parley keeps its store in sqlite or "),
        (f"postgresql://fern:{SECRET}@127.0.0.1:1/parley", "store.url cannot be opened: connection failed: "),
        (f"postgresql://fern:{SECRET}@127.0.0.1:1/parley?colour=red", "store.url cannot be opened: invalid connection"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused, opened(url) as engine:
        upgrade(engine)
    (problem,) = refused.value.problems
    assert problem.startswith(sentence)
    assert "\n" not in problem
    assert SECRET not in problem


def test_a_database_that_does_not_exist_is_refused_with_a_sentence(postgres_url: str) -> None:
    with pytest.raises(ConfigError) as refused, opened(f"{postgres_url}-missing") as engine:
        upgrade(engine)
    (problem,) = refused.value.problems
    assert problem.startswith("store.url cannot be opened: ")
    assert "does not exist." in problem


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(postgres_url: str, scheme: str) -> None:
    with opened(postgres_url.replace("postgresql+psycopg", scheme)) as engine:
        assert upgrade(engine)


def test_an_address_is_shown_without_its_password() -> None:
    assert masked(f"postgresql://fern:{SECRET}@host/parley") == "postgresql://fern:***@host/parley"
