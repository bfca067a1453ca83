"""Where what moderation proposes goes: the world, the moderators, or nowhere. A dry run takes other outlets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.core.action import AskReview, Judged, Outlet
from bot.core.effect import Draft, Effect, Outgoing
from bot.core.event import Message
from bot.core.settlement import Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """A verdict, what is to be done now, and what is asked of the moderators."""

    verdict: Verdict
    effects: tuple[Effect, ...] = ()
    review: AskReview | None = None


Route: TypeAlias = Callable[[Judged, Message], Routed]


def clear(judged: Judged, _message: Message) -> Routed:
    """Nothing to do."""
    return Routed(verdict=Verdict(outcome=Outcome.APPROVED, evidence=judged.evidence))


def live(judged: Judged, message: Message) -> Routed:
    """Do it; of a wave moderators see one card, with what was done."""
    acted = Verdict(outcome=Outcome.ACTED, evidence=judged.evidence)
    shown = _ask(judged, message, quiet=False) if judged.swell else None
    return Routed(verdict=acted, effects=judged.proposal, review=shown)


def review(judged: Judged, message: Message) -> Routed:
    """Ask first."""
    asked = Verdict(outcome=Outcome.ASKED, evidence=judged.evidence)
    return Routed(verdict=asked, review=_ask(judged, message, quiet=False))


def wait(judged: Judged, message: Message) -> Routed:
    """Queue it without a card."""
    waiting = Verdict(outcome=Outcome.WAITING, evidence=judged.evidence)
    return Routed(verdict=waiting, review=_ask(judged, message, quiet=True))


def shadow(judged: Judged, _message: Message) -> Routed:
    """Only write down what would have been done."""
    return Routed(verdict=Verdict(outcome=Outcome.SHADOWED, evidence=judged.evidence, would=judged.proposal))


def _ask(judged: Judged, message: Message, *, quiet: bool) -> AskReview:
    return AskReview(
        about=message.where,
        message_id=message.message_id,
        evidence=judged.evidence,
        proposal=judged.proposal,
        review_room=judged.review_room,
        quiet=quiet,
        swell=judged.swell,
    )


def silent(_said: Outgoing | Draft) -> tuple[Outgoing | Draft, ...]:
    """Say and do nothing."""
    return ()


def spoken(said: Outgoing | Draft) -> tuple[Outgoing | Draft, ...]:
    """Say and do it."""
    return (said,)


@dataclass(frozen=True, slots=True)
class Outlets:
    """`judged` routes verdicts, `other` what any pipeline does besides."""

    judged: Mapping[Outlet, Route]
    other: Callable[[Outgoing | Draft], tuple[Outgoing | Draft, ...]]


LIVE = Outlets(
    {Outlet.CLEAR: clear, Outlet.LIVE: live, Outlet.REVIEW: review, Outlet.WAIT: wait, Outlet.SHADOW: shadow}, spoken
)
DRY = Outlets(
    {Outlet.CLEAR: clear, **dict.fromkeys((Outlet.LIVE, Outlet.REVIEW, Outlet.WAIT, Outlet.SHADOW), shadow)}, silent
)
