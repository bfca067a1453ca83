"""How databases are opened: one code base for SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from bot.core.errors import ConfigError

# FULL: what was acknowledged survives a power cut; group commit pays for it.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=2000", "cache_size=-16000")
DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite"}


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///file`, `sqlite://` (memory) or `postgresql://...`; raises `ConfigError`."""
    address = _read(url)
    if address.drivername != "sqlite":
        return create_engine(address, pool_pre_ping=True)
    engine = _memory() if not address.database or address.database == ":memory:" else create_engine(address)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reading(engine: Engine) -> Engine:
    """The same database for readers, who must not take SQLite's write lock."""
    if engine.dialect.name != "sqlite" or isinstance(engine.pool, StaticPool):
        return engine
    reader = create_engine(engine.url)
    event.listen(reader, "connect", _prepare)
    event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return reader


def in_memory(engine: Engine) -> bool:
    """Whether all threads share the one connection."""
    return isinstance(engine.pool, StaticPool)


def masked(url: str) -> str:
    """The database's address without its password, for people to read."""
    return make_url(url).render_as_string(hide_password=True)


def _read(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("store.url is no database address: write sqlite:///parley.db or postgresql://...") from error
    driver = DRIVERS.get(address.drivername, address.drivername)
    if driver not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigError(f"store.url names {address.drivername}, but Parley keeps its store in sqlite or postgresql.")
    return address.set(drivername=driver)


def _memory() -> Engine:
    return create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's own transaction handling would begin too late: the engine's "begin" event does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
