"""One transaction for what an event came to: handled mark, verdict, cases, outbox, settings, jobs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.core.action import AskReview, Configure, Decide, Later, Spend
from bot.core.address import Address
from bot.core.effect import Lift
from bot.core.evidence import Decision, Evidence
from bot.core.settlement import Note, Outcome, Settlement, Verdict, note
from storage.cases import decide, review
from storage.codec import Told, dump, dump_effects
from storage.erasing import erase
from storage.facts import apply
from storage.forgetting import forget
from storage.joining import join
from storage.labels import drawn, learned
from storage.meanings import keep
from storage.outbox import add, recall
from storage.passages import index, remember
from storage.polls import cast
from storage.spending import count
from storage.statements import Insert, Row, all_or_none, fresh, insert_new, put, run_many
from storage.tables import CASE, EVENT, JOB, SETTING, TALLY
from storage.waves import subjects

JUDGED = ("outcome", "score", "mode", "policy", "model", "evidence")
HANDLED = (
    update(EVENT)
    .where(EVENT.c.key == bindparam("event_key"), ~EVENT.c.handled)
    .values({name: bindparam(name) for name in ("handled", *JUDGED)})
)
# Locked in one order, so that two processes that settle the same events wait for each other.
_MARKS = (
    select(EVENT.c.key, EVENT.c.handled)
    .where(EVENT.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(EVENT.c.key)
    .with_for_update()
)
_SUBJECT = select(CASE.c.message).where(CASE.c.number == bindparam("case"))
FINDABLE = 20
NO_VERDICT: Row = dict.fromkeys(JUDGED)


def settle(connection: Connection, settlements: list[Settlement]) -> list[None]:
    """Write them all; every row has a key, so writing one again changes nothing."""
    at = datetime.now(UTC)
    count, settlements = len(settlements), _marked(connection, settlements)
    _count(connection, Counter(s.where.parent for s in settlements if s.where and _approved(s)))
    notes = [
        note
        for settlement in settlements
        if settlement.more
        for note in _effects(connection, settlement, settlement.at or at)
    ]
    recall(connection, [note.effect for note in notes if isinstance(note.effect, Lift)])
    add(connection, notes)
    return [None] * count


def _marked(connection: Connection, settlements: list[Settlement]) -> list[Settlement]:
    """Mark their events as handled; returns what nobody settled before, and what no event caused."""
    handled = [_handled(settlement) for settlement in settlements if settlement.event_key]
    if not handled or all_or_none(connection, HANDLED, handled):
        return settlements
    settlements = _open(connection, settlements)
    run_many(connection, HANDLED, [_handled(settlement) for settlement in settlements if settlement.event_key])
    return settlements


def _open(connection: Connection, settlements: list[Settlement]) -> list[Settlement]:
    """Those whose event nobody has settled yet, and those that no event caused."""
    keys = {settlement.event_key for settlement in settlements} - {""}
    settled = {row.key for row in connection.execute(_MARKS, {"keys": sorted(keys)}) if row.handled} if keys else set()
    first = {key: settlement for settlement in reversed(settlements) if (key := settlement.event_key) not in settled}
    return [one for one in settlements if not one.event_key or first.get(one.event_key) is one]


def _effects(connection: Connection, settlement: Settlement, at: datetime) -> list[Note]:
    notes = list(settlement.notes)
    for asked in settlement.reviews:
        notes += _asked(connection, settlement.event_key or settlement.cause, asked, at)
        drawn(connection, asked, at)
    for decision in settlement.decisions:
        notes += _decide(connection, settlement, decision, at)
    for ballot in settlement.ballots:
        cast(connection, ballot)
    _remember(connection, settlement)
    for change in settlement.settings:
        _configure(connection, change)
    if settlement.finished is not None:
        name, key = settlement.finished
        connection.execute(delete(JOB).where(JOB.c.name == name, JOB.c.key == key))
    insert_new(connection, JOB, [_job(later) for later in settlement.jobs])
    return notes


def _remember(connection: Connection, settlement: Settlement) -> None:
    """What is kept about what was said, and what that cost."""
    for member in settlement.erased:
        erase(connection, member)
    if settlement.index:
        index(connection, settlement.index)
    keep(connection, settlement.meanings)
    for one in settlement.noted:
        count(connection, one) if isinstance(one, Spend) else apply(connection, one)


def _asked(connection: Connection, cause: str, asked: AskReview, at: datetime) -> list[Note]:
    if asked.swell is not None:
        return join(connection, cause, asked, asked.swell, at)
    return review(connection, cause, asked, at)


def _decide(connection: Connection, settlement: Settlement, decision: Decide, at: datetime) -> list[Note]:
    place = decide(connection, decision, at)
    if place is None:
        return []
    learned(connection, decision, at)
    message = decision.about or connection.execute(_SUBJECT, {"case": decision.case}).scalar_one()
    _stands(connection, decision, place, subjects(connection, message))
    stem = f"{settlement.event_key}/case{decision.case}"
    return [note(f"{stem}/{n}", effect) for n, effect in enumerate(decision.effects)]


def _stands(connection: Connection, decision: Decide, place: Address, messages: list[str]) -> None:
    """What moderators let stand is counted and can be found, unless it was taken away before."""
    if decision.over or decision.decision not in (Decision.APPROVE, Decision.WARN):
        forget(connection, messages)
        return
    if decision.decision is Decision.APPROVE:
        _count(connection, Counter({place.parent: len(messages)}))
    # Of nearly the same, said very often, a few are enough to be found.
    for message in messages[:FINDABLE]:
        remember(connection, message)


def _handled(settlement: Settlement) -> Row:
    values = NO_VERDICT if settlement.verdict is None else _verdict(settlement.verdict)
    return {"event_key": settlement.event_key, "handled": True, **values}


def _verdict(verdict: Verdict) -> Row:
    evidence = verdict.evidence
    return {
        "outcome": verdict.outcome.value,
        "score": evidence.score,
        "mode": evidence.mode,
        "policy": evidence.policy,
        "model": evidence.model,
        "evidence": _told(verdict, evidence),
    }


def _told(verdict: Verdict, evidence: Evidence) -> str | None:
    if not (evidence.findings or evidence.note or evidence.features or evidence.audit or verdict.would):
        return None
    return dump(Told(evidence, dump_effects(verdict.would)))


def _approved(settlement: Settlement) -> bool:
    return settlement.verdict is not None and settlement.verdict.outcome is Outcome.APPROVED


def _count(connection: Connection, approved: Counter[Address]) -> None:
    rows: list[Row] = [{"place": str(place), "more": number} for place, number in approved.items()]
    if rows:
        connection.execute(_counted(connection.dialect.name), rows)


@cache
def _counted(dialect: str) -> Insert:
    statement = fresh(dialect, TALLY).values(place=bindparam("place"), approved=bindparam("more"))
    total = {"approved": TALLY.c.approved + statement.excluded.approved}
    return statement.on_conflict_do_update(index_elements=["place"], set_=total)


def _configure(connection: Connection, change: Configure) -> None:
    row: Row = {"scope": change.scope, "key": change.key, "value": dump(change.value)}
    put(connection, SETTING, {**row, "changed_by": change.by})


def _job(later: Later) -> Row:
    return {"name": later.job, "key": later.key, "due": later.at}
