"""Vectors of passages: which lack one, and how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, func, select

from bot.core.passage import Meaning, Wordy
from storage.statements import insert_new
from storage.tables import PASSAGE
from storage.tables_answers import MEANING

# They are made in this order, and what is taken up again gets a higher number.
_DONE = select(func.coalesce(func.max(MEANING.c.passage), 0)).scalar_subquery()
_WITHOUT = (
    select(PASSAGE.c.number, PASSAGE.c.words)
    .where(PASSAGE.c.number > _DONE)
    .order_by(PASSAGE.c.number)
    .limit(bindparam("limit"))
)
_STANDING = select(PASSAGE.c.number, PASSAGE.c.community, PASSAGE.c.words).where(
    PASSAGE.c.number.in_(bindparam("numbers", expanding=True))
)

if TYPE_CHECKING:
    from storage.vectors import Vectors


def wordy(connection: Connection, limit: int, vectors: Vectors) -> list[Wordy]:
    """Passages without a vector, oldest first; a good moment to let go of vectors without a passage."""
    vectors.tidy(connection)
    return [Wordy(row.number, row.words) for row in connection.execute(_WITHOUT, {"limit": limit})]


def keep(connection: Connection, meanings: Sequence[Meaning]) -> None:
    """Keep the vectors of passages that still read the same: their numbers may have gone to others meanwhile."""
    if not meanings:
        return
    by_number = {meaning.of.number: meaning for meaning in meanings}
    standing = connection.execute(_STANDING, {"numbers": list(by_number)}).all()
    rows = [
        {"passage": row.number, "community": row.community, "vector": by_number[row.number].vector}
        for row in standing
        if by_number[row.number].of.words == row.words
    ]
    insert_new(connection, MEANING, rows)
