"""Tokens of language models, by day."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from bot.core.action import Spend
from storage.statements import insert
from storage.tables_answers import SPENDING


def count(connection: Connection, spend: Spend) -> None:
    """Add to what each of them has spent that day."""
    statement = insert(connection, SPENDING)
    added = SPENDING.c.tokens + statement.excluded.tokens
    rows = [{"day": spend.day, "scope": scope, "tokens": spend.tokens} for scope in dict.fromkeys(spend.scopes)]
    if rows:
        keys = [SPENDING.c.day, SPENDING.c.scope]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"tokens": added}), rows)


def spent(connection: Connection, day: str, scopes: Collection[str]) -> Mapping[str, int]:
    """What each of them has spent that day."""
    query = select(SPENDING.c.scope, SPENDING.c.tokens).where(SPENDING.c.day == day, SPENDING.c.scope.in_(scopes))
    return {row.scope: row.tokens for row in connection.execute(query)}
