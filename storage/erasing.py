"""Forget a member: their words, their name and their id, in every table that has any of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, select, update

from bot.core.address import Address
from bot.core.effect import Card
from bot.core.event import Author, Event, ListChanged, MemberBanned
from bot.core.evidence import Decision, Evidence
from bot.core.privacy import Forgotten, Member
from bot.core.settlement import note
from storage.codec import Told, dump, load, load_event
from storage.outbox import PENDING, add
from storage.tables import CASE, EVENT, OUTBOX, PASSAGE, POLL, VOTE, WAVE_MESSAGE
from storage.tables_answers import FACT, SPENDING

NAME: Final = "a former member"
# Members write these; the other fields of an event say where and when.
_WRITTEN: Final = {
    "surfaces": (),
    "attachments": (),
    "text": "",
    "options": (),
    "reason": "",
    "problem": "",
    "cookie": "",
}


def erase(connection: Connection, member: Member) -> Forgotten:
    """In one transaction. The events stay as empty shells, so that one that is delivered again is not news."""
    mark = f"erased-{secrets.token_hex(6)}"
    counts = {
        "cases": _cases(connection, member, mark),
        "reports": _reports(connection, member),
        "decisions": _decisions(connection, member, mark),
        "passages": _passages(connection, member),
        "spending": _spending(connection, member),
        "facts": _facts(connection, member),
        "votes": _votes(connection, member),
        "polls": _polls(connection, member),
        "waves": _waves(connection, member, mark),
        "messages": _events(connection, member, mark),
        "bans": _bans(connection, member, mark),
    }
    if any(counts.values()):
        counts["deliveries"] = _deliveries(connection)
    return Forgotten(mark=mark, counts={kind: count for kind, count in counts.items() if count})


def _events(connection: Connection, member: Member, mark: str) -> int:
    query = select(EVENT.c.key, EVENT.c.kind, EVENT.c.payload, EVENT.c.evidence).where(
        EVENT.c.author == member.id, on_platform(EVENT, member)
    )
    rows = connection.execute(query).mappings().all()
    for row in rows:
        shell = dump(emptied(load_event(row["kind"], row["payload"]), mark))
        kept = _mute(row["evidence"]) if row["evidence"] else None
        values = {"payload": shell, "raw": b"", "author": mark, "hash": "", "evidence": kept}
        connection.execute(update(EVENT).where(EVENT.c.key == row["key"]).values(values))
    return len(rows)


def _bans(connection: Connection, member: Member, mark: str) -> int:
    """What others did with them: that somebody was banned stays true."""
    kinds = (MemberBanned.__name__, ListChanged.__name__)
    query = select(EVENT.c.key, EVENT.c.kind, EVENT.c.payload).where(
        EVENT.c.kind.in_(kinds), on_platform(EVENT, member)
    )
    events = [(row.key, load_event(row.kind, row.payload)) for row in connection.execute(query)]
    theirs = [(key, event) for key, event in events if _about(event) == member.id]
    for key, event in theirs:
        shell = dump(_unnamed(event, mark))
        connection.execute(update(EVENT).where(EVENT.c.key == key).values(payload=shell, raw=b"", hash=""))
    return len(theirs)


def _about(event: Event) -> str:
    match event:
        case MemberBanned():
            return event.member_id
        case ListChanged():
            return event.entity
        case _:
            return ""


def _unnamed(event: Event, mark: str) -> Event:
    match event:
        case MemberBanned():
            return replace(event, member_id=mark, reason="")
        case ListChanged():
            return replace(event, entity=mark)
        case _:
            return event


def emptied(event: Event, mark: str) -> Event:
    """The event without anything that its author wrote, and without its author."""
    known = {field.name for field in fields(event)}
    nothing = {name: empty for name, empty in _WRITTEN.items() if name in known}
    who = Author(id=mark, name=NAME, role=event.who.role, is_bot=event.who.is_bot)
    return replace(event, who=who, **nothing)  # type: ignore[arg-type]  # each empty value is of its field's type


def _mute(told: str) -> str:
    """A verdict with its numbers and rules, without what it quotes and what would have been said."""
    return dump(Told(_silent(load(Told, told).evidence)))


def _silent(evidence: Evidence) -> Evidence:
    findings = tuple(replace(finding, quote="", span=None, why="") for finding in evidence.findings)
    return replace(evidence, findings=findings, note="")


def _cases(connection: Connection, member: Member, mark: str) -> int:
    """Whoever reads an old card finds it empty; an open case is closed, for nothing is left to decide about."""
    of_them = [row for row in _there(connection, member) if orjson.loads(row["author"])["id"] == member.id]
    for row in of_them:
        evidence = dump(_silent(load(Evidence, row["evidence"])))
        values = {"author": dump(Author(mark, NAME)), "quote": "", "evidence": evidence, "proposal": "[]", "appeal": ""}
        values |= {"event_hash": "", "problem": "", "decision": row["decision"] or Decision.GONE.value}
        connection.execute(update(CASE).where(CASE.c.number == row["number"]).values(values))
        if row["room"] and row["card_id"]:
            card = Card(to=Address.parse(row["room"]), case=row["number"])
            add(connection, [note(f"case{row['number']}/{mark}", card)])
    return len(of_them)


def _there(connection: Connection, member: Member) -> Sequence[RowMapping]:
    """Every case on their platform: whose it is stands inside."""
    return connection.execute(select(CASE).where(on_platform(CASE, member))).mappings().all()


def on_platform(table: Table, member: Member) -> ColumnElement[bool]:
    """Rows of the member's platform."""
    return table.c.place.startswith(f"{member.platform}/", autoescape=True)


def _reports(connection: Connection, member: Member) -> int:
    changed = 0
    for row in _there(connection, member):
        reporters = orjson.loads(row["reporters"])
        others = [entry for entry in reporters if entry[0] != member.id]
        if len(others) < len(reporters):
            # That somebody reported stays true.
            others += [["", NAME]]
            connection.execute(update(CASE).where(CASE.c.number == row["number"]).values(reporters=dump(others)))
            changed += 1
    return changed


def _decisions(connection: Connection, member: Member, mark: str) -> int:
    theirs = (CASE.c.decided_by_id == member.id, on_platform(CASE, member))
    return connection.execute(update(CASE).where(*theirs).values(decided_by=NAME, decided_by_id=mark)).rowcount


def _passages(connection: Connection, member: Member) -> int:
    theirs = (PASSAGE.c.author == member.id, on_platform(PASSAGE, member))
    return connection.execute(delete(PASSAGE).where(*theirs)).rowcount


def _spending(connection: Connection, member: Member) -> int:
    """What their answers cost still counts for the channel and the community."""
    ours = SPENDING.c.scope.startswith(f"{member.platform}/", autoescape=True)
    theirs = SPENDING.c.scope.endswith(f"|{member.id}", autoescape=True)
    return connection.execute(delete(SPENDING).where(ours, theirs)).rowcount


def _facts(connection: Connection, member: Member) -> int:
    there = FACT.c.community.startswith(f"{member.platform}/", autoescape=True)
    return connection.execute(delete(FACT).where(FACT.c.member == member.id, there)).rowcount


def _votes(connection: Connection, member: Member) -> int:
    there = select(POLL.c.id).where(on_platform(POLL, member))
    return connection.execute(delete(VOTE).where(VOTE.c.member == member.id, VOTE.c.poll.in_(there))).rowcount


def _waves(connection: Connection, member: Member, mark: str) -> int:
    """A wave stays as large as it was."""
    theirs = (WAVE_MESSAGE.c.author == member.id, on_platform(WAVE_MESSAGE, member))
    return connection.execute(update(WAVE_MESSAGE).where(*theirs).values(author=mark)).rowcount


def _polls(connection: Connection, member: Member) -> int:
    """Polls that they asked go with all votes; an open one ends so without a result."""
    query = select(POLL.c.id, POLL.c.asked).where(on_platform(POLL, member))
    theirs = [row.id for row in connection.execute(query) if orjson.loads(row.asked).get("by") == member.id]
    for poll in theirs:
        connection.execute(delete(VOTE).where(VOTE.c.poll == poll))
        connection.execute(delete(POLL).where(POLL.c.id == poll))
    return len(theirs)


def _deliveries(connection: Connection) -> int:
    """What was said by Parley may name or quote anybody, and once delivered its text is of no more use."""
    done = update(OUTBOX).where(OUTBOX.c.state != PENDING, OUTBOX.c.effect != "[]")
    return connection.execute(done.values(effect="[]", reason="")).rowcount
