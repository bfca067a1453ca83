"""Take back what was decided, as far as that is possible: restrictions are lifted, a deleted text stays away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import text, text_undo, text_waves
from bot.core.action import Action, AskReview, Decide
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import Card, Effect, Lift, Outgoing, Penalty, Post
from bot.core.event import Event, Role
from bot.core.evidence import Decision, Evidence
from bot.core.stored import Found
from bot.core.wave import Part
from pipelines.spec import whisper

# What can be taken back; whoever was kicked comes back by themselves.
LIFTED = {Decision.TIMEOUT: Penalty.TIMEOUT, Decision.BAN: Penalty.BAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Regret:
    """One moderator takes something back; `actor` is their live role in its place."""

    event: Event
    actor: Role
    reason: str = ""


def lifted(where: Address, user_id: str, decision: Decision, reason: str) -> list[Effect]:
    """What takes the restriction of a decision back."""
    penalty = LIFTED.get(decision)
    if penalty is None:
        return []
    return [Lift(to=where.parent, user_id=user_id, penalty=penalty, reason=reason or text_undo.LIFTED_REASON)]


def undo(case: Case, regret: Regret, parts: Sequence[Part] = ()) -> Sequence[Action]:
    """Let the decision count as a mistake; of a wave `parts` are all its messages."""
    if regret.actor < Role.MODERATOR:
        return [whisper(regret.event, text.NOT_A_MODERATOR)]
    if case.decision is None:
        return [whisper(regret.event, text_undo.OPEN_STILL)]
    if case.decision not in text_undo.BACK:
        return [whisper(regret.event, text_undo.NOTHING_TO_UNDO)]
    concerned = dict.fromkeys((part.where.parent, part.author.id) for part in parts) or [(case.where, case.author.id)]
    effects = [each for where, who in concerned for each in lifted(where, who, case.decision, regret.reason)]
    told = [] if case.wave else [_forgiven(case.where, case, regret)]
    closing = _decision(regret, case=case.number, over=case.decision, effects=(*effects, *told, *_card(case)))
    return [closing, whisper(regret.event, _undone(case, case.decision))]


def _undone(case: Case, was: Decision) -> str:
    if case.wave is not None:
        return text_waves.undone(case.number, was, case.wave.members)
    return text_undo.undone(case.number, was)


def undo_alone(found: Found, regret: Regret, review_room: Address | None, was: Decision | None) -> Sequence[Action]:
    """The same for a message without a case of its own, to which `was` done: it gets one, closed as a mistake."""
    if regret.actor < Role.MODERATOR:
        return [whisper(regret.event, text.NOT_A_MODERATOR)]
    if was not in text_undo.BACK or was is None:
        return [whisper(regret.event, text_undo.NOTHING_TO_UNDO)]
    event = found.event
    asked = AskReview(
        about=event.where,
        message_id=event.message_id,
        evidence=found.verdict.evidence if found.verdict else Evidence(),
        review_room=review_room,
        quiet=True,
    )
    said = text_undo.forgiven(event.who.name, regret.reason)
    told = Post(to=event.where, text=said, whisper_to=event.who.id)
    about = f"{event.where.platform}:{event.message_id}"
    closed = Decide(case=0, decision=was, by=text_undo.ITSELF, about=about)
    lifts = lifted(event.where, event.who.id, was, regret.reason)
    opened = _decision(regret, about=about, over=was, effects=(*lifts, told))
    return [asked, closed, opened, whisper(regret.event, text_undo.undone_alone(was))]


def _decision(
    regret: Regret, *, effects: tuple[Outgoing, ...], case: int = 0, about: str = "", over: Decision | None = None
) -> Decide:
    who = regret.event.who
    decide = Decide(case=case, decision=Decision.APPROVE, by=who.name, by_id=who.id, effects=effects)
    return replace(decide, about=about, over=over)


def _forgiven(where: Address, case: Case, regret: Regret) -> Post:
    said = text_undo.forgiven(case.author.name, regret.reason)
    return Post(to=where, text=said, whisper_to=case.author.id)


def _card(case: Case) -> list[Card]:
    return [Card(to=case.room, case=case.number)] if case.room and case.card_id else []
