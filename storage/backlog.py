"""How much is not done yet, for whoever watches over a running Parley."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select

from bot.core.stored import Backlog
from storage.outbox import PENDING
from storage.tables import CASE, EVENT, JOB, OUTBOX

# Each is counted from an index of what is open, however long the history is.
_COUNTS: Final = select(
    select(func.count()).select_from(EVENT).where(~EVENT.c.handled).scalar_subquery().label("events"),
    select(func.count()).select_from(OUTBOX).where(OUTBOX.c.state == PENDING).scalar_subquery().label("effects"),
    select(func.count()).select_from(JOB).scalar_subquery().label("jobs"),
    select(func.count()).select_from(CASE).where(CASE.c.decision == "").scalar_subquery().label("cases"),
)


def backlog(connection: Connection) -> Backlog:
    """Count it."""
    row = connection.execute(_COUNTS).mappings().one()
    return Backlog(events=row["events"], effects=row["effects"], jobs=row["jobs"], cases=row["cases"])
