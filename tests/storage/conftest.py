"""Databases that are migrated once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy.engine import make_url

from storage.engine import open_engine
from storage.migrate import upgrade
from tests.servers.postgres import Postgres


class Kind(StrEnum):
    """Where a store may keep its rows."""

    MEMORY = "memory"
    FILE = "file"
    POSTGRES = "postgres"


LASTING = (Kind.FILE, Kind.POSTGRES)
Migrated: TypeAlias = Callable[[Kind], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no rows."""
    path = tmp_path_factory.mktemp("template") / "parley.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with every table and no rows."""
    with postgres.database() as url:
        _migrate(url)
        yield make_url(url).database or ""


@pytest.fixture
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Migrated:
    """Makes a migrated database of one `Kind` that only this test sees; its URL, until the block ends."""

    @contextmanager
    def database(kind: Kind) -> Iterator[str]:
        match kind:
            case Kind.MEMORY:
                yield "sqlite://"
            case Kind.FILE:
                shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "parley.db")
                yield f"sqlite:///{tmp_path / 'parley.db'}"
            case Kind.POSTGRES:
                template: str = request.getfixturevalue("migrated_postgres")
                server: Postgres = request.getfixturevalue("postgres")
                with server.database(template=template) as url:
                    yield url

    return database


def _migrate(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
