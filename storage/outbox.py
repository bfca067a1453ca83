"""What must still happen outside, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

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


def pending(connection: Connection, now: datetime, busy: Collection[str], limit: int) -> list[Pending]:
    """Due rows, urgent ones first; a post whose place is busy or has an earlier post that waits is left out."""
    earlier = OUTBOX.alias()
    waits = select(earlier.c.seq).where(
        earlier.c.state == PENDING,
        ~earlier.c.urgent,
        earlier.c.place == OUTBOX.c.place,
        earlier.c.seq < OUTBOX.c.seq,
        earlier.c.due > now,
    )
    free = or_(OUTBOX.c.urgent, and_(OUTBOX.c.place.not_in(busy), ~waits.exists()))
    query = select(OUTBOX).where(OUTBOX.c.state == PENDING, OUTBOX.c.due <= now, free)
    ordered = query.order_by(OUTBOX.c.urgent.desc(), OUTBOX.c.seq).limit(limit)
    return [_pending(row) for row in connection.execute(ordered).mappings()]


def next_delivery(connection: Connection) -> datetime | None:
    """When the next open row is due."""
    first: datetime | None = connection.scalar(select(func.min(OUTBOX.c.due)).where(OUTBOX.c.state == PENDING))
    return first


def _pending(row: RowMapping) -> Pending:
    effect = load_effects(row["effect"])[0]
    note = Note(key=row["key"], effect=effect, cookie=row["cookie"], urgent=row["urgent"])
    return Pending(note=note, attempts=row["attempts"])


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
