"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter

import sqlalchemy as plain
from sqlalchemy import Connection, Dialect, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Insert = sqlite.Insert | postgresql.Insert
Row = dict[str, object]


def insert(connection: Connection, table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT."""
    return fresh(connection.dialect.name, table)


def fresh(dialect: str, table: Table) -> Insert:
    """The same, for statements that are kept."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), rows)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    # Kept: putting a statement together costs more than running it.
    return fresh(dialect, table).on_conflict_do_nothing()


def run_many(connection: Connection, statement: Insert | Update | plain.Insert, rows: Sequence[Row]) -> int:
    """Run a statement for many rows whose values the driver takes as they are; returns how many it changed.

    Core writes the SQL once; its processing of every value would cost as much as the database itself.
    """
    if not rows:
        return 0
    sql, names = _compiled(connection.dialect, statement)
    if names:
        pick = itemgetter(*names)
        return connection.exec_driver_sql(sql, [pick(row) for row in rows]).rowcount
    return connection.exec_driver_sql(sql, rows).rowcount


def all_or_none(connection: Connection, statement: Insert | Update | plain.Insert, rows: Sequence[Row]) -> bool:
    """Whether it changed every row; else none is changed. Only where nobody else writes, which saves a look first."""
    if connection.dialect.name != "sqlite":
        return False
    connection.exec_driver_sql("SAVEPOINT attempt")
    if run_many(connection, statement, rows) == len(rows):
        connection.exec_driver_sql("RELEASE attempt")
        return True
    connection.exec_driver_sql("ROLLBACK TO attempt")
    return False


@cache
def _compiled(dialect: Dialect, statement: Insert | Update | plain.Insert) -> tuple[str, tuple[str, ...]]:
    """The SQL, and the order of its values where the driver wants them in order."""
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), tuple(compiled.positiontup or ())


def put(connection: Connection, table: Table, row: Row) -> None:
    """Insert the row or replace what its primary key held."""
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    fresh = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), row)
