"""What must still happen outside, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, case, select, update

from bot.core.ports import Pending, Receipt
from bot.core.settlement import Note
from storage.codec import dump_effects, load_effects
from storage.statements import insert_new
from storage.tables import OUTBOX

PENDING, DONE, ABANDONED = "pending", "done", "abandoned"


def add(connection: Connection, notes: Sequence[Note], at: datetime) -> None:
    """Write what must happen; a key that is there already stays as it is."""
    insert_new(connection, OUTBOX, [_row(note, at) for note in notes])


def _row(note: Note, at: datetime) -> dict[str, object]:
    return {
        "key": note.key,
        "place": str(note.effect.to),
        "urgent": note.urgent,
        "effect": dump_effects([note.effect]),
        "cookie": note.cookie,
        "due": at,
    }


def pending(connection: Connection, limit: int) -> list[Pending]:
    """Urgent rows first, then in the order they were written."""
    urgent_first = case((OUTBOX.c.urgent, 0), else_=1)
    query = select(OUTBOX).where(OUTBOX.c.state == PENDING).order_by(urgent_first, OUTBOX.c.seq).limit(limit)
    return [_pending(row) for row in connection.execute(query).mappings()]


def _pending(row: RowMapping) -> Pending:
    effect = load_effects(row["effect"])[0]
    note = Note(key=row["key"], effect=effect, cookie=row["cookie"], urgent=row["urgent"])
    return Pending(note=note, attempts=row["attempts"], due=row["due"])


def attempted(connection: Connection, keys: Sequence[str]) -> None:
    """Count the attempt before it is made."""
    _change(connection, keys, attempts=OUTBOX.c.attempts + 1)


def delivered(connection: Connection, keys: Sequence[str], receipt: Receipt) -> None:
    """The platform confirmed."""
    _change(connection, keys, state=DONE, message_id=receipt.message_id, gone=receipt.gone)


def postpone(connection: Connection, keys: Sequence[str], until: datetime) -> None:
    """Not before `until`."""
    _change(connection, keys, due=until)


def abandon(connection: Connection, keys: Sequence[str], reason: str) -> None:
    """It will never happen; `reason` is a sentence."""
    _change(connection, keys, state=ABANDONED, reason=reason)


def _change(connection: Connection, keys: Sequence[str], **values: object) -> None:
    connection.execute(update(OUTBOX).where(OUTBOX.c.key.in_(keys)).values(values))
