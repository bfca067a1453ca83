"""Fixtures for everyone: real servers, each started when the first test asks for it and stopped after the last."""

import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest
import structlog

from tests.servers.postgres import Postgres
from tests.servers.process import NotInstalledError
from tests.servers.synapse import Homeserver
from tests.servers.valkey import Valkey

Server = TypeVar("Server")


def pytest_configure() -> None:
    """End on SIGTERM as on Ctrl-C, so that a run that is cut short stops its servers too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Whoever starts us in the background may have told us to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """Every test logs alike, whatever one before it set up."""
    structlog.reset_defaults()
    # Pretty tracebacks take a second each.
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


@contextmanager
def running(server: AbstractContextManager[Server]) -> Iterator[Server]:
    """The server, running; skips the test where there is no wheel of it, and fails it where there should be one."""
    if sys.platform == "win32":
        pytest.skip("this server has no wheel for Windows")
    with ExitStack() as stack:
        try:
            started = stack.enter_context(server)
        except NotInstalledError as missing:
            pytest.fail(f"{missing} is not installed: `python3 dev.py test` installs it")
        yield started


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A Matrix homeserver without rate limits, shared by the session: let each test register its own users."""
    with running(Homeserver(tmp_path_factory.mktemp("synapse"))) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server, for tests that want more than one empty database."""
    with running(Postgres()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The SQLAlchemy URL (psycopg) of an empty database that only this test sees."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The session's Redis-compatible server, for tests that stop it."""
    with running(Valkey(tmp_path_factory.mktemp("valkey"))) as server:
        yield server


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """The URL of a Redis-compatible server that holds nothing yet."""
    valkey.command("FLUSHALL")
    return valkey.url
