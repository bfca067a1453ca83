"""What must still happen outside, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.core.effect import Lift, Post, Restrict
from bot.core.settlement import Note
from bot.core.stored import Pending, Receipt
from storage.codec import dump_effects, load_effects
from storage.statements import insert_new
from storage.tables import EPOCH, OUTBOX

PENDING, DONE, ABANDONED = "pending", "done", "abandoned"


def _due() -> Select[Any]:
    earlier = OUTBOX.alias()
    waits = select(earlier.c.seq).where(
        earlier.c.state == PENDING,
        ~earlier.c.urgent,
        earlier.c.place == OUTBOX.c.place,
        earlier.c.seq < OUTBOX.c.seq,
        earlier.c.due > bindparam("now"),
    )
    free = and_(OUTBOX.c.place.not_in(bindparam("busy", expanding=True)), ~waits.exists())
    due = select(OUTBOX).where(OUTBOX.c.state == PENDING, OUTBOX.c.due <= bindparam("now"), or_(OUTBOX.c.urgent, free))
    return due.order_by(OUTBOX.c.urgent.desc(), OUTBOX.c.seq).limit(bindparam("most"))


def _change(**values: object) -> Update:
    return update(OUTBOX).where(OUTBOX.c.key.in_(bindparam("keys", expanding=True))).values(values)


# Built once: putting a statement together costs more than running it.
_DUE = _due()
_NEXT = select(func.min(OUTBOX.c.due)).where(OUTBOX.c.state == PENDING, OUTBOX.c.due > bindparam("now"))
_ATTEMPTED = _change(attempts=OUTBOX.c.attempts + 1)
_DELIVERED = _change(state=DONE, message_id=bindparam("message"), gone=bindparam("was_gone"))
_POSTPONED = _change(due=bindparam("until"))
# The second condition lets SQLite use the index.
_SAID = (
    select(OUTBOX.c.effect)
    .where(OUTBOX.c.message_id == bindparam("message"), OUTBOX.c.message_id != literal_column("''"))
    .where(~OUTBOX.c.gone)
    .order_by(OUTBOX.c.seq)
)
_ABANDONED = _change(state=ABANDONED, reason=bindparam("why"))


def add(connection: Connection, notes: Sequence[Note]) -> None:
    """Write what must happen, at once; a key that is there already stays as it is."""
    insert_new(connection, OUTBOX, [_row(note) for note in notes])


def _row(note: Note) -> dict[str, object]:
    return {
        "key": note.key,
        "place": note.line,
        "urgent": note.urgent,
        "effect": dump_effects([note.effect]),
        "cookie": note.cookie,
        # No moment of any clock, for a clock may be stepped back.
        "due": EPOCH,
    }


def recall(connection: Connection, lifts: Sequence[Lift]) -> None:
    """What was to be done to a member and was not yet will not be."""
    if not lifts:
        return
    lifted = {(str(lift.to), lift.user_id) for lift in lifts}
    waiting = select(OUTBOX).where(OUTBOX.c.state == PENDING, OUTBOX.c.place.in_({place for place, _ in lifted}))
    rows = [_pending(row).note for row in connection.execute(waiting).mappings()]
    abandon(
        connection, [row.key for row in rows if _restricted(row) in lifted], "It was taken back before it was done."
    )


def _restricted(note: Note) -> tuple[str, str] | None:
    effect = note.effect
    return (str(effect.to), effect.user_id) if isinstance(effect, Restrict) else None


def pending(connection: Connection, now: datetime, busy: Collection[str], limit: int) -> list[Pending]:
    """Due rows, urgent ones first; a post whose place is busy or has an earlier post that waits is left out."""
    rows = connection.execute(_DUE, {"now": now, "busy": list(busy), "most": limit}).mappings()
    return [_pending(row) for row in rows]


def next_delivery(connection: Connection, now: datetime) -> datetime | None:
    """When the next row that is not due yet will be."""
    first: datetime | None = connection.scalar(_NEXT, {"now": now})
    return first


def posted(connection: Connection, platform: str, message_id: str) -> Post | None:
    """What we said with that message."""
    rows = connection.execute(_SAID, {"message": message_id}).scalars() if message_id else ()
    effects = (effect for row in rows for effect in load_effects(row))
    return next((one for one in effects if isinstance(one, Post) and one.to.platform == platform), None)


def _pending(row: RowMapping) -> Pending:
    effect = load_effects(row["effect"])[0]
    note = Note(key=row["key"], effect=effect, cookie=row["cookie"], urgent=row["urgent"])
    return Pending(note=note, attempts=row["attempts"])


def attempted(connection: Connection, keys: Sequence[str]) -> None:
    """Count the attempt before it is made."""
    connection.execute(_ATTEMPTED, {"keys": list(keys)})


def delivered(connection: Connection, keys: Sequence[str], receipt: Receipt) -> None:
    """The platform confirmed."""
    connection.execute(_DELIVERED, {"keys": list(keys), "message": receipt.message_id, "was_gone": receipt.gone})


def postpone(connection: Connection, keys: Sequence[str], until: datetime) -> None:
    """Not before `until`."""
    connection.execute(_POSTPONED, {"keys": list(keys), "until": until})


def abandon(connection: Connection, keys: Sequence[str], reason: str) -> None:
    """It will never happen; `reason` is a sentence."""
    connection.execute(_ABANDONED, {"keys": list(keys), "why": reason})
