"""Take what was forgotten out of the database's files too."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Engine

from bot.core.errors import Transient

_SQLITE = (
    # Merging the index leaves out the words of passages that are gone.
    "INSERT INTO passage_words(passage_words) VALUES ('optimize')",
    "VACUUM",
)
_INTO_THE_FILE = "PRAGMA wal_checkpoint(TRUNCATE)"
# PostgreSQL reuses the space; its own log and backups are for whoever runs it.
_POSTGRES = ("VACUUM",)


def scrub(engine: Engine) -> None:
    """Rewrite the files without free space; raises `Transient` while somebody else holds the database."""
    sqlite = engine.dialect.name == "sqlite"
    raw = engine.raw_connection()
    try:
        if not sqlite:
            # VACUUM wants to be in no transaction.
            raw.driver_connection.autocommit = True  # type: ignore[union-attr]  # psycopg's
        with closing(raw.cursor()) as cursor:
            for statement in _SQLITE if sqlite else _POSTGRES:
                cursor.execute(statement)
            # It says so instead of failing when a reader still needs what is in the log.
            if sqlite and cursor.execute(_INTO_THE_FILE).fetchone()[0]:
                raise Transient("the database is busy: somebody reads in it")
    except engine.dialect.loaded_dbapi.OperationalError as error:
        raise Transient(f"the database is busy: {error}") from error
    finally:
        if not sqlite:
            raw.invalidate()
        raw.close()
