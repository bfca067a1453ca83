"""How what pipelines want gets into the settlement that is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import structlog

from bot.core.action import (
    AskReview,
    Configure,
    Embed,
    EndPoll,
    Erase,
    Index,
    Judged,
    Later,
    Remember,
    Spend,
    Unlearn,
    Vote,
)
from bot.core.capability import Refused
from bot.core.effect import Outgoing, Restrict
from bot.core.event import Message
from bot.core.settlement import Settlement, note

# What is written as it is.
Kept: TypeAlias = Later | Vote | EndPoll | Index | Embed | Spend | Remember | Unlearn | Erase | Configure

log = structlog.get_logger(__name__)


def keep(action: Kept, settlement: Settlement) -> None:
    """What is written as it is."""
    match action:
        case Later():
            settlement.jobs.append(action)
        case Vote() | EndPoll():
            settlement.ballots.append(action)
        case Index():
            settlement.index = action.limit
        case Embed():
            settlement.meanings += action.meanings
        case Spend() | Remember() | Unlearn():
            settlement.noted.append(action)
        case Erase():
            settlement.erased.append(action.member)
        case Configure():
            settlement.settings.append(action)


def write(parts: Sequence[Outgoing | Refused], stem: str, settlement: Settlement, cookie: str) -> None:
    """Effects as rows of the outbox; what was refused is only logged."""
    for part in parts:
        if isinstance(part, Refused):
            to = str(part.effect.to)
            log.warning("effect refused", effect=type(part.effect).__name__, place=to, reason=part.reason)
        else:
            once = part.once if isinstance(part, Restrict) else ""
            settlement.notes.append(note(once or f"{stem}/{len(settlement.notes)}", part, cookie))


def undone(judged: Judged, event: Message, reason: str) -> AskReview:
    """Ask moderators about what could not be done, and say why."""
    return AskReview(
        about=event.where,
        message_id=event.message_id,
        evidence=judged.evidence,
        proposal=judged.proposal,
        review_room=judged.review_room,
        problem=reason,
        swell=replace(judged.swell, done=None) if judged.swell else None,
    )
