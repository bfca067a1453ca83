"""From a moderator's wish to what happens: pure once authority is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import text
from bot.core.action import Action, Decide
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import Card, Delete, Effect, Penalty, Post, Restrict
from bot.core.event import Event, Role
from bot.core.evidence import Decision
from bot.core.wave import Part
from pipelines.review.appeal import ANSWERS
from pipelines.review.undo import lifted
from pipelines.review.waves import Clearing, cleared
from pipelines.spec import appeal_button, whisper

RESTRICTIONS = {Decision.TIMEOUT: Penalty.TIMEOUT, Decision.KICK: Penalty.KICK, Decision.BAN: Penalty.BAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one moderator wants of a case; `actor` and `subject` are the live roles in the case's place.

    `others` says that somebody else could decide it, where that matters; `reason` is for the author and the audit log.
    """

    decision: Decision
    event: Event
    actor: Role
    subject: Role
    reason: str = ""
    others: bool = False


def decide(
    case: Case, wish: Wish, *, tell_author: bool, timeout: timedelta, parts: Sequence[Part] = ()
) -> Sequence[Action]:
    """Close the case if it is open and the wish is allowed; in any case say how it stands.

    Of a wave `parts` are the messages that it is about.
    """
    refusal = _refusal(wish) or _refused_appeal(case, wish)
    if refusal:
        return [whisper(wish.event, refusal)]
    if case.wave is not None:
        how = Clearing(decision=wish.decision, reason=wish.reason, tell_author=tell_author, timeout=timeout)
        done = cleared(parts, how)
    else:
        done = _effects(case, wish, tell_author=tell_author, timeout=timeout)
    closing = Decide(
        case=case.number,
        decision=wish.decision,
        by=wish.event.who.name,
        by_id=wish.event.who.id,
        effects=(*done, *_card(case)),
    )
    return [closing, standing(case, wish.event)]


def standing(case: Case, event: Event) -> Card:
    """How the case stands once this is settled, told to whoever asked: also who was first."""
    return Card(to=event.where, case=case.number, whisper_to=event.who.id)


def _refusal(wish: Wish) -> str:
    if wish.actor < Role.MODERATOR:
        return text.NOT_A_MODERATOR
    if wish.subject >= Role.MODERATOR and wish.decision is not Decision.APPROVE:
        return text.MODERATORS_ARE_IMMUNE
    return ""


def _refused_appeal(case: Case, wish: Wish) -> str:
    if case.appeal is None:
        return ""
    if wish.decision not in ANSWERS:
        return text.APPEAL_ANSWERS
    return text.SOMEBODY_ELSE if case.appeal.by_id == wish.event.who.id and wish.others else ""


def _effects(case: Case, wish: Wish, *, tell_author: bool, timeout: timedelta) -> list[Effect]:
    if case.appeal is not None:
        return [*_granted(case, wish), _answer(case, wish)]
    if wish.decision is Decision.APPROVE:
        return []
    if wish.decision is Decision.WARN:
        return [_tell(case, text.warned(case.author.name))]
    restriction = _restriction(case, wish, timeout)
    if restriction or not tell_author:
        return [_removal(case, wish), *restriction]
    told = replace(_removal(case, wish), tell_to=case.author.id, tell=text.removed(case.author.name, wish.reason))
    return [replace(told, tell_buttons=(appeal_button(case.message_id),))]


def _granted(case: Case, wish: Wish) -> list[Effect]:
    """What was done to the author besides is taken back too, where that can be."""
    if case.appeal is None or wish.decision is not Decision.APPROVE:
        return []
    return lifted(case.where, case.author.id, case.appeal.decision, wish.reason)


def _answer(case: Case, wish: Wish) -> Post:
    granted = wish.decision is Decision.APPROVE
    return _tell(case, text.appeal_answered(case.author.name, wish.reason, granted=granted))


def _removal(case: Case, wish: Wish) -> Delete:
    return Delete(to=case.where, message_ids=(case.message_id,), reason=wish.reason or text.REMOVED_REASON)


def _restriction(case: Case, wish: Wish, timeout: timedelta) -> list[Effect]:
    penalty = RESTRICTIONS.get(wish.decision)
    if penalty is None:
        return []
    return [
        Restrict(
            to=case.where.parent,
            user_id=case.author.id,
            penalty=penalty,
            reason=wish.reason or text.REMOVED_REASON,
            lasts=timeout,
            tell=text.removed(case.author.name, wish.reason),
            tell_buttons=(appeal_button(case.message_id),),
        )
    ]


def _tell(case: Case, said: str) -> Post:
    return Post(to=case.where, text=said, whisper_to=case.author.id)


def _card(case: Case) -> list[Card]:
    room: Address | None = case.room if case.card_id else None
    return [Card(to=room, case=case.number)] if room else []
