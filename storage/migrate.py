"""Bring a database to the schema this code knows, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.core.errors import ConfigError

HEAD = "0001"
KNOWN = frozenset({"0001"})
SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> bool:
    """Whether anything had to change. One transaction; raises `ConfigError` for a newer or unusable database."""
    try:
        with engine.begin() as connection:
            return _upgrade(connection)
    except DatabaseError as error:
        raise ConfigError(f"store.url cannot be opened: {str(error.orig).strip().splitlines()[0]}.") from error


def version(connection: Connection) -> str:
    """The schema's version, '' for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


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
