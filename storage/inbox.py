"""Events: stored once, handled once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

import orjson
from sqlalchemy import BigInteger, Connection, RowMapping, bindparam, select
from sqlalchemy import insert as plain_insert

from bot.core.address import Address
from bot.core.event import (
    CommandGiven,
    Event,
    ListChanged,
    MemberBanned,
    MemberJoined,
    Message,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceLost,
    PlaceMoved,
)
from bot.core.evidence import Evidence, Record
from bot.core.settlement import Outcome, Verdict
from bot.core.stored import Cursor, Found, Heard
from storage.codec import Told, load, load_event
from storage.forgetting import forget
from storage.statements import Row, all_or_none, insert, put, run_many
from storage.tables import CURSOR, EVENT, microseconds

Arrival: TypeAlias = tuple[Sequence[Heard], Cursor | None]
# Raw values, so that the same rows do for every database.
HEARD = (
    "key",
    "kind",
    "place",
    "community",
    "author",
    "message",
    "revision",
    "at",
    "payload",
    "raw",
    "hash",
    "handled",
)
NEW = plain_insert(EVENT).values({name: bindparam(name, type_=None) for name in HEARD})
NEW_ONES = NEW.prefix_with("OR IGNORE", dialect="sqlite")
_KNOWN = select(EVENT.c.key).where(EVENT.c.key.in_(bindparam("keys", expanding=True)))
# SQLite takes 32,766 values in a statement.
KEYS = 10_000
MESSAGES = (MessagePosted.__name__, MessageEdited.__name__)
CHANGES = (MessageEdited.__name__, MessageDeleted.__name__)

_WITHOUT_MESSAGE = (CommandGiven, MemberJoined, MemberBanned, ListChanged, PlaceMoved, PlaceLost)


def accept(connection: Connection, arrivals: list[Arrival]) -> list[list[Event]]:
    """For each arrival the events that were not known before."""
    rows: dict[str, Row] = {}
    for heard in (heard for events, _ in arrivals for heard in events):
        if heard.event.key not in rows:
            rows[heard.event.key] = _row(heard)
    fresh = _insert(connection, list(rows.values()))
    changed = [str(row["message"]) for row in rows.values() if row["kind"] in CHANGES]
    if changed:
        # What reads differently is found again once it is judged again.
        forget(connection, changed)
    for _, cursor in arrivals:
        if cursor is not None:
            put(connection, CURSOR, {"stream": cursor.stream, "position": cursor.position})
    return [[heard.event for heard in events if _take(fresh, heard.event.key)] for events, _ in arrivals]


def _insert(connection: Connection, rows: list[Row]) -> set[str]:
    if not rows:
        return set()
    if all_or_none(connection, NEW_ONES, rows):
        return {str(row["key"]) for row in rows}
    if connection.dialect.name == "sqlite":
        return _insert_alone(connection, rows)
    # Core would take the column's own type and want a datetime.
    statement = insert(connection, EVENT).values(at=bindparam("at", type_=BigInteger))
    return set(connection.scalars(statement.on_conflict_do_nothing().returning(EVENT.c.key), rows))


def _insert_alone(connection: Connection, rows: list[Row]) -> set[str]:
    """Nobody else writes: a look at the keys tells which are new."""
    keys = [str(row["key"]) for row in rows]
    parts = [keys[first : first + KEYS] for first in range(0, len(keys), KEYS)]
    known = {key for part in parts for key in connection.scalars(_KNOWN, {"keys": part})}
    run_many(connection, NEW, [row for row in rows if row["key"] not in known])
    return set(keys) - known


def _take(fresh: set[str], key: str) -> bool:
    if key not in fresh:
        return False
    fresh.remove(key)
    return True


def _row(heard: Heard) -> Row:
    """Values as the driver takes them: see `run_many`."""
    event = heard.event
    payload = orjson.dumps(event)
    where = event.where
    return {
        "key": event.key,
        "kind": type(event).__name__,
        "place": str(where),
        "community": where.levels()[2],
        "author": event.who.id,
        "message": f"{where.platform}:{_message_id(event)}",
        "revision": getattr(event, "revision", 0),
        "at": microseconds(event.at),
        "payload": payload.decode(),
        "raw": heard.raw,
        "hash": hashlib.sha256(payload).hexdigest(),
        "handled": False,
    }


def _message_id(event: Event) -> str:
    return "" if isinstance(event, _WITHOUT_MESSAGE) else event.message_id


def unhandled(connection: Connection) -> list[Event]:
    """Accepted and not settled, oldest first."""
    query = select(EVENT.c.kind, EVENT.c.payload).where(~EVENT.c.handled).order_by(EVENT.c.seq)
    return _events(connection.execute(query).mappings())


def superseded(connection: Connection, limit: int) -> list[Event]:
    """The newest edits and deletions, oldest first."""
    query = select(EVENT.c.kind, EVENT.c.payload).where(EVENT.c.kind.in_(CHANGES)).order_by(EVENT.c.seq.desc())
    return _events(connection.execute(query.limit(limit)).mappings())[::-1]


def lately(connection: Connection, since: datetime, limit: int) -> list[Message]:
    """The newest judged messages that were said since then, oldest first."""
    query = select(EVENT.c.kind, EVENT.c.payload).where(
        EVENT.c.handled, EVENT.c.kind.in_(MESSAGES), EVENT.c.at >= since
    )
    events = _events(connection.execute(query.order_by(EVENT.c.seq.desc()).limit(limit)).mappings())
    return [each for each in reversed(events) if isinstance(each, MessagePosted | MessageEdited)]


def _events(rows: Iterable[RowMapping]) -> list[Event]:
    return [load_event(row["kind"], row["payload"]) for row in rows]


def event(connection: Connection, key: str) -> Event | None:
    """What was heard, by its key."""
    row = connection.execute(select(EVENT.c.kind, EVENT.c.payload).where(EVENT.c.key == key)).mappings().first()
    return load_event(row["kind"], row["payload"]) if row else None


def position(connection: Connection, stream: str) -> str:
    """The stream's cursor, '' when it was never read."""
    return connection.scalar(select(CURSOR.c.position).where(CURSOR.c.stream == stream)) or ""


def message(connection: Connection, platform: str, message_id: str) -> Found | None:
    """The newest revision that was heard of a message."""
    query = select(EVENT).where(EVENT.c.message == f"{platform}:{message_id}", EVENT.c.kind.in_(MESSAGES))
    newest = query.order_by(EVENT.c.revision.desc(), EVENT.c.seq.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return found(row) if row else None


def gone(connection: Connection, platform: str, message_id: str) -> bool:
    """Whether it was taken away."""
    query = select(EVENT.c.seq).where(EVENT.c.message == f"{platform}:{message_id}")
    return connection.scalar(query.where(EVENT.c.kind == MessageDeleted.__name__).limit(1)) is not None


def scan(connection: Connection, after: int, limit: int) -> list[tuple[int, Found]]:
    """Messages in the order they were heard, each with its number; for reports."""
    query = select(EVENT).where(EVENT.c.seq > after, EVENT.c.kind.in_(MESSAGES)).order_by(EVENT.c.seq).limit(limit)
    return [(row["seq"], found(row)) for row in connection.execute(query).mappings()]


def found(row: RowMapping) -> Found:
    """An event row as the vocabulary has it."""
    event = load_event(row["kind"], row["payload"])
    assert isinstance(event, MessagePosted | MessageEdited)
    return Found(event=event, hash=row["hash"], verdict=_verdict(row) if row["outcome"] else None)


def _verdict(row: RowMapping) -> Verdict:
    if row["evidence"]:
        return load(Told, row["evidence"]).verdict(Outcome(row["outcome"]))
    evidence = Evidence(score=row["score"] or 0.0, policy=row["policy"], model=row["model"], mode=row["mode"])
    return Verdict(outcome=Outcome(row["outcome"]), evidence=evidence)


def record(connection: Connection, community: Address, user_id: str) -> Record:
    """How the author's messages fared in this community; the newest 10,000 count."""
    query = select(EVENT.c.outcome).where(EVENT.c.community == str(community), EVENT.c.author == user_id)
    judged = query.where(EVENT.c.kind.in_(MESSAGES), EVENT.c.outcome.is_not(None))
    outcomes = connection.scalars(judged.order_by(EVENT.c.seq.desc()).limit(10_000)).all()
    return Record(
        judged=len(outcomes), removed=outcomes.count(Outcome.ACTED.value), asked=outcomes.count(Outcome.ASKED.value)
    )
