"""What moderators said about judged messages, and which of those they were only shown as a check."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select

from bot.core.action import AskReview, Decide
from bot.core.address import Address
from bot.core.evidence import Decision, Evidence
from bot.core.learning import Label
from storage.codec import dump, load
from storage.inbox import message
from storage.statements import Row, insert_new, put
from storage.tables import CASE, EVENT, LABEL

UNDECIDED = ""


def drawn(connection: Connection, asked: AskReview, at: datetime) -> None:
    """Remember that a message was shown as a check, so that a day's checks can be counted."""
    if not asked.evidence.audit:
        return
    found = message(connection, asked.about.platform, asked.message_id)
    if found is not None:
        row = _row(found.event.key, found.event.where, asked.evidence)
        insert_new(connection, LABEL, [{**row, "decision": UNDECIDED, "at": at, "drawn_at": at}])


def learned(connection: Connection, decision: Decide, at: datetime) -> None:
    """Keep a decision about what a machine had judged; that somebody took the message away says nothing."""
    if decision.decision is Decision.GONE:
        return
    query = select(CASE.c.event_key, CASE.c.place, CASE.c.evidence).where(
        CASE.c.message == decision.about if decision.about else CASE.c.number == decision.case
    )
    case = connection.execute(query).one()
    evidence = load(Evidence, case.evidence)
    if evidence.features or evidence.audit:
        row = _row(case.event_key, Address.parse(case.place), evidence)
        put(connection, LABEL, {**row, "decision": decision.decision.value, "at": at})


def labels(connection: Connection, community: Address) -> list[Label]:
    """Every decision of a community's moderators that says something, oldest first."""
    query = select(LABEL).where(LABEL.c.community == str(community), LABEL.c.decision != UNDECIDED)
    rows = connection.execute(query.order_by(LABEL.c.at, LABEL.c.event_key)).mappings()
    return [
        Label(
            event_key=row["event_key"],
            community=row["community"],
            model=row["model"],
            features=tuple((name, value) for name, value in orjson.loads(row["features"])),
            decision=Decision(row["decision"]),
            audit=row["audit"],
            at=row["at"],
        )
        for row in rows
    ]


def communities(connection: Connection) -> list[Address]:
    """Those whose moderators have decided anything that says something."""
    query = select(LABEL.c.community).where(LABEL.c.decision != UNDECIDED).distinct().order_by(LABEL.c.community)
    return [Address.parse(community) for community in connection.scalars(query)]


def audits(connection: Connection, community: Address, since: datetime) -> int:
    """How many messages of a community were shown as a check since then."""
    query = select(func.count()).where(LABEL.c.community == str(community), LABEL.c.drawn_at >= since)
    return connection.scalar(query) or 0


def passed(connection: Connection, community: Address, model: str, limit: int) -> list[float]:
    """The scores of the newest messages of a community that this model let pass."""
    judged = select(EVENT.c.score).where(EVENT.c.community == str(community), EVENT.c.outcome == "approved")
    query = judged.where(EVENT.c.model.startswith(model, autoescape=True)).order_by(EVENT.c.seq.desc()).limit(limit)
    return [score for score in connection.scalars(query) if score is not None]


def _row(event_key: str, where: Address, evidence: Evidence) -> Row:
    return {
        "event_key": event_key,
        "community": str(where.community),
        "model": evidence.model,
        "features": dump(evidence.features),
        "audit": evidence.audit,
    }
