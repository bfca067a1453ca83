"""Waves as they are read: what belongs to one, and what became of it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, or_, select

from bot.core.event import Said
from bot.core.evidence import Decision
from bot.core.wave import Known, Part, Wave
from storage.codec import load_event
from storage.tables import CASE, EVENT, WAVE_MESSAGE

# What the case of a wave has for a message; no platform is called so.
WAVE = "wave:"
EXAMPLES = 3
EXAMPLE = 200
_NAMED = or_(WAVE_MESSAGE.c.wave == bindparam("name"), WAVE_MESSAGE.c.event_key == bindparam("name"))
FIRST_NAME = select(WAVE_MESSAGE.c.wave).where(_NAMED).limit(1)
_CASE_OF = literal(WAVE) + WAVE_MESSAGE.c.wave
_KNOWN = select(WAVE_MESSAGE.c.wave, CASE.c.decision).join(CASE, CASE.c.message == _CASE_OF).where(_NAMED).limit(1)
_MESSAGES = select(WAVE_MESSAGE.c.message).where(WAVE_MESSAGE.c.wave == bindparam("name"))
_SAID = (
    select(EVENT.c.kind, EVENT.c.payload)
    .join(WAVE_MESSAGE, WAVE_MESSAGE.c.event_key == EVENT.c.key)
    .where(WAVE_MESSAGE.c.wave == bindparam("name"))
    .order_by(EVENT.c.seq)
)
_SIZES = select(
    func.count().label("messages"),
    func.count(WAVE_MESSAGE.c.author.distinct()).label("members"),
    func.count(WAVE_MESSAGE.c.place.distinct()).label("places"),
).where(WAVE_MESSAGE.c.wave == bindparam("name"))


def about(message: str) -> ColumnElement[bool]:
    """Which cases are about a message: its own, and that of its wave."""
    shared = select(_CASE_OF).where(WAVE_MESSAGE.c.message == message).scalar_subquery()
    return or_(CASE.c.message == message, CASE.c.message == shared)


def summary(connection: Connection, message: str) -> Wave | None:
    """The wave that a case is about, by what the case has for a message."""
    if not message.startswith(WAVE):
        return None
    name = message.removeprefix(WAVE)
    sizes = connection.execute(_SIZES, {"name": name}).one()
    first = connection.execute(_SAID.limit(EXAMPLES), {"name": name})
    events = [load_event(row.kind, row.payload) for row in first]
    examples = tuple((each.who.name, each.text[:EXAMPLE]) for each in events if isinstance(each, Said))
    return Wave(name=name, members=sizes.members, messages=sizes.messages, places=sizes.places, examples=examples)


def known(connection: Connection, name: str) -> Known | None:
    """What became of a wave that has a case."""
    row = connection.execute(_KNOWN, {"name": name}).first()
    return Known(wave=row.wave, decision=Decision(row.decision) if row.decision else None) if row else None


def subjects(connection: Connection, message_key: str) -> list[str]:
    """The messages that a case is about; `platform:message` each."""
    if not message_key.startswith(WAVE):
        return [message_key]
    return list(connection.scalars(_MESSAGES, {"name": message_key.removeprefix(WAVE)}))


def parts(connection: Connection, number: int) -> list[Part]:
    """All messages of the wave that a case is about, in the order they were heard."""
    key = connection.scalar(select(CASE.c.message).where(CASE.c.number == number)) or ""
    rows = connection.execute(_SAID, {"name": key.removeprefix(WAVE)}) if key.startswith(WAVE) else ()
    events = [load_event(row.kind, row.payload) for row in rows]
    return [
        Part(where=each.where, message_id=each.message_id, author=each.who) for each in events if isinstance(each, Said)
    ]
