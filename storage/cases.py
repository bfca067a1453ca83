"""Cases: opened and added to by what was found or reported, closed once by whoever is first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, or_, select, update

from bot.core.action import AskReview, Decide
from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.case import Case
from bot.core.effect import Card
from bot.core.event import Author
from bot.core.evidence import Decision, Evidence
from bot.core.settlement import Note, note
from bot.core.stored import Found
from storage.codec import dump, dump_effects, load, load_proposal
from storage.inbox import message
from storage.statements import insert
from storage.tables import CASE
from storage.waves import WAVE, about, summary

OPEN = ""
MAX_REPORTERS = 100
MAX_REASON = 200


def review(connection: Connection, event_key: str, asked: AskReview, at: datetime) -> list[Note]:
    """Open the message's case or add to it; returns the card to show, if there is a room for it."""
    found = message(connection, asked.about.platform, asked.message_id)
    if found is None:
        return []
    known = _by_message(connection, asked)
    number = open_new(connection, fresh_row(asked, found, at)) if known is None else None
    if number is None:
        # Known, or opened by another process between the two statements.
        number = _add(connection, asked, found)
    return [] if number is None else _card(connection, number, event_key, asked)


def open_new(connection: Connection, row: dict[str, object]) -> int | None:
    """The number of the case that this opens, None where there is one about the same already."""
    statement = insert(connection, CASE).on_conflict_do_nothing().returning(CASE.c.number)
    number: int | None = connection.scalars(statement, row).one_or_none()
    return number


def _add(connection: Connection, asked: AskReview, found: Found) -> int | None:
    known = _by_message(connection, asked)
    changes = _changes(known, asked, found) if known else {}
    if known is None or not changes:
        return None
    number: int = known["number"]
    connection.execute(update(CASE).where(CASE.c.number == number).values(changes))
    return number


def _card(connection: Connection, number: int, event_key: str, asked: AskReview) -> list[Note]:
    row = connection.execute(select(CASE.c.room, CASE.c.card_id).where(CASE.c.number == number)).one()
    if not row.room or (asked.quiet and not row.card_id):
        return []
    return [note(f"case{number}/{event_key}", Card(to=Address.parse(row.room), case=number))]


def fresh_row(asked: AskReview, found: Found, at: datetime) -> dict[str, object]:
    """A case as it begins."""
    return {
        "message": f"{asked.about.platform}:{asked.message_id}",
        "place": str(found.event.where),
        "message_id": asked.message_id,
        "author": dump(found.event.who),
        "proposal": dump_effects(asked.proposal),
        "evidence": dump(asked.evidence),
        "reporters": dump([_report(asked.reporter, asked.reason)] if asked.reporter else []),
        "reported": bool(asked.reporter),
        "room": str(asked.review_room or ""),
        "problem": asked.problem,
        "appeal": dump(asked.appeal) if asked.appeal else "",
        "opened_at": at,
        **_seen(found),
    }


def _seen(found: Found) -> dict[str, object]:
    return {"event_key": found.event.key, "event_hash": found.hash, "quote": found.event.text}


def _changes(known: RowMapping, asked: AskReview, found: Found) -> dict[str, object]:
    """A report adds a reporter; a failed action and a message that reads differently open the case again.

    A case from before there was a room for moderators gets the first one.
    """
    changes: dict[str, object] = {}
    reporters = orjson.loads(known["reporters"])
    if asked.reporter and len(reporters) < MAX_REPORTERS and asked.reporter.id not in [by for by, _ in reporters]:
        changes |= {"reporters": dump([*reporters, _report(asked.reporter, asked.reason)]), "reported": True}
    if asked.review_room and not known["room"]:
        changes |= {"room": str(asked.review_room)}
    if asked.reporter and len(asked.evidence.findings) > len(load(Evidence, known["evidence"]).findings):
        changes |= {"evidence": dump(asked.evidence)}
    if asked.appeal:
        changes |= {"appeal": dump(asked.appeal), "decision": OPEN}
    elif asked.problem:
        changes |= {"problem": asked.problem, "decision": OPEN}
    elif not asked.reporter and found.event.key != known["event_key"]:
        changes |= {"evidence": dump(asked.evidence), "proposal": dump_effects(asked.proposal), "decision": OPEN}
        changes |= {"appeal": ""}
        changes |= _seen(found)
    return changes


def _report(by: Author, reason: str) -> list[str]:
    """Who it was, for counting each member once, and what moderators read."""
    return [by.id, f"{by.name}: {reason[:MAX_REASON]}" if reason else by.name]


def _by_message(connection: Connection, asked: AskReview) -> RowMapping | None:
    key = f"{asked.about.platform}:{asked.message_id}"
    # Locked: what another process adds meanwhile must not be lost.
    return connection.execute(select(CASE).where(CASE.c.message == key).with_for_update()).mappings().first()


def decide(connection: Connection, decision: Decide, at: datetime) -> Address | None:
    """The case's place if this decision is the first, or takes the place of the one it means; else None."""
    which = CASE.c.message == decision.about if decision.about else CASE.c.number == decision.case
    statement = update(CASE).where(which, CASE.c.decision == (decision.over.value if decision.over else OPEN))
    closed = {"decision": decision.decision.value, "decided_by": decision.by, "decided_at": at, "problem": ""}
    closed |= {"decided_by_id": decision.by_id}
    if connection.execute(statement.values(closed)).rowcount == 0:
        return None
    place: str = connection.execute(select(CASE.c.place).where(which)).scalar_one()
    return Address.parse(place)


def waiting(connection: Connection, room: Address) -> tuple[int, datetime | None]:
    """How many open cases a review room has, and since when the oldest waits."""
    query = select(func.count(), func.min(CASE.c.opened_at)).where(CASE.c.decision == OPEN, CASE.c.room == str(room))
    count, oldest = connection.execute(query).one()
    return count, oldest


def card_shown(connection: Connection, number: int, message_id: str) -> None:
    """Remember which message is the case's card."""
    connection.execute(update(CASE).where(CASE.c.number == number).values(card_id=message_id))


def case(connection: Connection, number: int) -> Case | None:
    """A case by its number."""
    return _first(connection, select(CASE).where(CASE.c.number == number))


def open_case(connection: Connection, platform: str, message_id: str) -> Case | None:
    """The open case about a message."""
    key = f"{platform}:{message_id}"
    return _first(connection, _about(key).where(CASE.c.decision == OPEN))


def case_about(connection: Connection, platform: str, message_id: str) -> Case | None:
    """The case about a message, open or decided."""
    return _first(connection, _about(f"{platform}:{message_id}"))


def _about(key: str) -> Select[Any]:
    """Its own case before that of its wave."""
    return select(CASE).where(about(key)).order_by((CASE.c.message == key).desc())


def wave_case(connection: Connection, name: str) -> Case | None:
    """The case of a wave, by the name that it got first."""
    return _first(connection, select(CASE).where(CASE.c.message == WAVE + name))


def open_cases(connection: Connection, under: Address | None, limit: int) -> list[Case]:
    """Reported ones first, then oldest first."""
    query = select(CASE).where(CASE.c.decision == OPEN)
    if under is not None:
        query = query.where(_below(str(under)))
    rows = connection.execute(query.order_by(CASE.c.reported.desc(), CASE.c.number).limit(limit)).mappings()
    return [_case(connection, row) for row in rows.all()]


def _below(place: str) -> ColumnElement[bool]:
    stem = place + "/"
    return or_(CASE.c.place == place, func.substr(CASE.c.place, 1, len(stem)) == stem)


def _first(connection: Connection, query: Select[Any]) -> Case | None:
    row = connection.execute(query).mappings().first()
    return _case(connection, row) if row else None


def _case(connection: Connection, row: RowMapping) -> Case:
    return Case(
        number=row["number"],
        where=Address.parse(row["place"]),
        message_id=row["message_id"],
        event_key=row["event_key"],
        event_hash=row["event_hash"],
        author=load(Author, row["author"]),
        quote=row["quote"],
        evidence=load(Evidence, row["evidence"]),
        opened_at=row["opened_at"],
        proposal=load_proposal(row["proposal"]),
        reporters=tuple(said for _, said in orjson.loads(row["reporters"])),
        room=Address.parse(row["room"]) if row["room"] else None,
        card_id=row["card_id"],
        problem=row["problem"],
        decision=Decision(row["decision"]) if row["decision"] else None,
        decided_by=row["decided_by"],
        decided_by_id=row["decided_by_id"],
        decided_at=row["decided_at"],
        appeal=load(Appeal, row["appeal"]) if row["appeal"] else None,
        wave=summary(connection, row["message"]),
    )
