"""Take away a message that a moderator points at, whether there is a case about it or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot import text
from bot.core.action import Action, AskReview, Decide
from bot.core.address import Address
from bot.core.case import Case
from bot.core.evidence import Evidence
from bot.core.stored import Found
from pipelines.review.decide import Wish, decide
from pipelines.spec import whisper


class TakingPolicy(Protocol):
    """What a place's settings say of removals."""

    @property
    def review_room(self) -> Address | None:
        """Where its moderators meet."""
        ...

    @property
    def tell_author(self) -> bool:
        """Whether authors are told of removals."""
        ...

    @property
    def timeout(self) -> timedelta:
        """How long a timeout lasts."""
        ...


def take(found: Found, known: Case | None, wish: Wish, now: datetime, *, policy: TakingPolicy) -> Sequence[Action]:
    """Open a case, or open it again, and close it with this decision: so it can be counted and appealed against."""
    case = _case(found, now)
    decided = decide(case, wish, tell_author=policy.tell_author, timeout=policy.timeout)
    if not isinstance(decided[0], Decide):
        return decided
    asked = AskReview(
        about=case.where,
        message_id=case.message_id,
        evidence=case.evidence,
        review_room=policy.review_room,
        quiet=True,
        problem=text.REMOVED_AFTER_ALL if known else "",
    )
    about = f"{case.where.platform}:{case.message_id}"
    return [asked, replace(decided[0], case=0, about=about), whisper(wish.event, text.TAKING)]


def _case(found: Found, now: datetime) -> Case:
    event = found.event
    return Case(
        number=0,
        where=event.where,
        message_id=event.message_id,
        event_key=event.key,
        event_hash=found.hash,
        author=event.who,
        quote=event.text,
        evidence=found.verdict.evidence if found.verdict else Evidence(),
        opened_at=now,
    )
