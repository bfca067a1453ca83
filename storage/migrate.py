"""Bring a database to the schema this code knows, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, DBAPIError

from bot.core.errors import ConfigError

HEAD = "0012"
KNOWN = frozenset({"0001", "0004", "0005", "0006", "0007", "0008", "0011", "0012"})
# Any number will do that nothing else in the database uses.
LOCK = 0x7061726C6579
SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> bool:
    """Whether anything had to change. One transaction; raises `ConfigError` for a newer or unusable database."""
    try:
        with _connect(engine) as connection, connection.begin():
            _wait_for_others(connection)
            return _upgrade(connection)
    except DatabaseError as error:
        raise _unusable(error) from error


def version(connection: Connection) -> str:
    """The schema's version, '' for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _connect(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        raise _unusable(error) from error


def _unusable(error: DBAPIError) -> ConfigError:
    return ConfigError(f"store.url cannot be opened: {str(error.orig).strip().splitlines()[0]}.")


def _wait_for_others(connection: Connection) -> None:
    """Processes may start together: one migrates. SQLite's transaction has locked the others out already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})


def _upgrade(connection: Connection) -> bool:
    at = version(connection)
    if at == HEAD:
        return False
    if at and at not in KNOWN:
        raise ConfigError(f"The database was made by a newer Parley (schema {at}): update Parley, or restore a backup.")
    _run_alembic(connection)
    return True


def _run_alembic(connection: Connection) -> None:
    # Alembic is slow to import and most starts have nothing to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
