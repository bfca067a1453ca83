"""Messages join a wave, which has one case however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.core.action import AskReview
from bot.core.address import Address
from bot.core.effect import Card
from bot.core.settlement import Note, Outcome, note
from bot.core.stored import Found
from bot.core.wave import Swell
from storage.cases import OPEN, fresh_row, open_new
from storage.forgetting import forget
from storage.inbox import message
from storage.statements import Row, insert_new
from storage.tables import CASE, EVENT, WAVE_MESSAGE
from storage.waves import FIRST_NAME, WAVE

ITSELF = "Parley"
NONE = 0
_STANDS = select(CASE.c.number, CASE.c.decision, CASE.c.problem).where(CASE.c.message == bindparam("message"))
_RECALLED = (
    update(EVENT)
    .where(EVENT.c.key.in_(bindparam("keys", expanding=True)), EVENT.c.outcome == Outcome.APPROVED.value)
    .values(outcome=bindparam("became"))
)


def join(connection: Connection, event_key: str, asked: AskReview, swell: Swell, at: datetime) -> list[Note]:
    """Count a message to its wave and open the wave's case; returns its card when it opens or changes."""
    platform = asked.about.platform
    found = [message(connection, platform, each) for each in (*swell.earlier, asked.message_id)]
    parts = [each for each in found if each is not None]
    if not parts:
        return []
    name = connection.scalar(FIRST_NAME, {"name": swell.wave}) or swell.wave
    insert_new(connection, WAVE_MESSAGE, [_row(name, each) for each in parts])
    if swell.earlier:
        _recall(connection, parts[:-1], swell)
    number = _stands(connection, WAVE + name, asked, _closed(swell, at))
    if number == NONE:
        row = {**fresh_row(asked, parts[-1], at), **_closed(swell, at), "message": WAVE + name}
        number = open_new(connection, row)
    return _card(connection, number, event_key) if number is not None else []


def _row(wave: str, found: Found) -> Row:
    event = found.event
    return {
        "message": f"{event.where.platform}:{event.message_id}",
        "wave": wave,
        "event_key": event.key,
        "author": event.who.id,
        "place": str(event.where),
    }


def _recall(connection: Connection, earlier: Sequence[Found], swell: Swell) -> None:
    """What was let pass before anybody could know is found no more, and counted like the rest of the wave."""
    became = Outcome.ACTED if swell.done else Outcome.ASKED
    connection.execute(_RECALLED, {"keys": [each.event.key for each in earlier], "became": became.value})
    forget(connection, [f"{each.event.where.platform}:{each.event.message_id}" for each in earlier])


def _closed(swell: Swell, at: datetime) -> Row:
    return {"decision": swell.done.value, "decided_by": ITSELF, "decided_at": at} if swell.done else {}


def _stands(connection: Connection, key: str, asked: AskReview, closed: Row) -> int | None:
    """The number of the wave's case if this changes it, `NONE` where there is no case."""
    known = connection.execute(_STANDS, {"message": key}).first()
    if known is None:
        return NONE
    if asked.problem:
        if (known.decision, known.problem) == (OPEN, asked.problem):
            return None
        changes: Row = {"problem": asked.problem, "decision": OPEN}
    else:
        changes = closed if known.decision == OPEN else {}
    if not changes:
        return None
    connection.execute(update(CASE).where(CASE.c.number == known.number).values(changes))
    number: int = known.number
    return number


def _card(connection: Connection, number: int, event_key: str) -> list[Note]:
    room = connection.execute(select(CASE.c.room).where(CASE.c.number == number)).scalar_one()
    return [note(f"case{number}/{event_key}", Card(to=Address.parse(room), case=number))] if room else []
