"""Everything that is kept about a member, for the member."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select

from bot.core.address import Address
from bot.core.effect import OpenPoll
from bot.core.event import ButtonPressed, CommandGiven, Event, Reacted, Reported, Said
from bot.core.privacy import Member, Remembered
from storage.codec import load, load_event
from storage.erasing import on_platform
from storage.tables import CASE, EVENT, POLL, VOTE
from storage.tables_answers import FACT


def remembered(connection: Connection, member: Member) -> list[Remembered]:
    """Oldest first; what has no time comes last."""
    found = [*_events(connection, member), *_cases(connection, member), *_ballots(connection, member)]
    found += _facts(connection, member)
    return sorted(found, key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0.0))


def _events(connection: Connection, member: Member) -> list[Remembered]:
    query = select(EVENT.c.kind, EVENT.c.payload, EVENT.c.outcome).where(
        EVENT.c.author == member.id, on_platform(EVENT, member)
    )
    rows = connection.execute(query.order_by(EVENT.c.seq)).mappings()
    return [_event(load_event(row["kind"], row["payload"]), row["outcome"] or "") for row in rows]


def _event(event: Event, outcome: str) -> Remembered:
    return Remembered(kind=type(event).__name__, at=event.at, where=event.where, what=_said(event), outcome=outcome)


def _said(event: Event) -> str:
    match event:
        case Said():
            texts = [surface.text for surface in event.surfaces]
            return "\n".join([*texts, *(file.name for file in event.attachments)])
        case CommandGiven():
            return " ".join([event.name, *(f"{name}={value}" for name, value in event.options)])
        case ButtonPressed():
            return event.text
        case Reported():
            return event.reason
        case Reacted():
            return event.reaction
        case _:
            return ""


def _facts(connection: Connection, member: Member) -> list[Remembered]:
    there = FACT.c.community.startswith(f"{member.platform}/", autoescape=True)
    rows = connection.execute(select(FACT).where(FACT.c.member == member.id, there).order_by(FACT.c.number))
    return [Remembered(kind="Fact", at=None, where=Address.parse(row.community), what=row.words) for row in rows]


def _cases(connection: Connection, member: Member) -> list[Remembered]:
    query = select(CASE).where(on_platform(CASE, member))
    return [
        Remembered(
            kind="Case",
            at=row["opened_at"],
            where=Address.parse(row["place"]),
            what=row["quote"],
            outcome=row["decision"] or "open",
        )
        for row in connection.execute(query).mappings()
        if orjson.loads(row["author"])["id"] == member.id
    ]


def _ballots(connection: Connection, member: Member) -> list[Remembered]:
    query = select(VOTE.c.at, VOTE.c.options, POLL.c.place, POLL.c.asked).join(POLL, POLL.c.id == VOTE.c.poll)
    theirs = query.where(VOTE.c.member == member.id, on_platform(POLL, member))
    return [
        Remembered(
            kind="Vote", at=row["at"], where=Address.parse(row["place"]), what=_choice(row["asked"], row["options"])
        )
        for row in connection.execute(theirs).mappings()
    ]


def _choice(asked: str, options: str) -> str:
    poll = load(OpenPoll, asked)
    return f"{poll.question}: {', '.join(poll.options[number] for number in orjson.loads(options))}"
