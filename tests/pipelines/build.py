"""Events, cases and settings as tests need them: the usual, with changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.core.action import Action
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import Button, Delete, Effect
from bot.core.event import (
    Author,
    ButtonPressed,
    CommandGiven,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from bot.core.evidence import Evidence, Finding
from bot.core.ports import Scores
from bot.core.settlement import Outcome, Verdict
from bot.core.stored import Found
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.fakes import NOON

T = TypeVar("T")

LOBBY = Address("test", "home", "lobby")
OFFICE = Address("test", "home", "office")
ANN = Author("u1", "Ann")
BOB = Author("u2", "Bob")
MO = Author("u9", "Mo", Role.MODERATOR)
REASON = "It went against the rules of this room."
FAREWELL = (
    "Ann, your message was removed because it went against the rules of this room. "
    "If you think that was a mistake, you can appeal."
)


def said(text: str, **changes: object) -> MessagePosted:
    body = (Surface(SurfaceKind.BODY, text),) if text else ()
    event = MessagePosted(id="e1", at=NOON, where=LOBBY, who=ANN, message_id="m1", surfaces=body)
    return _changed(event, changes)


def rewritten(text: str, **changes: object) -> MessageEdited:
    body = (Surface(SurfaceKind.BODY, text),)
    event = MessageEdited(id="e2", at=NOON, where=LOBBY, who=ANN, message_id="m1", revision=1, surfaces=body)
    return _changed(event, changes)


def taken_away(**changes: object) -> MessageDeleted:
    return _changed(MessageDeleted(id="e3", at=NOON, where=LOBBY, who=ANN, message_id="m1"), changes)


def pressed(button_id: str, **changes: object) -> ButtonPressed:
    event = ButtonPressed(id="e4", at=NOON, where=OFFICE, who=MO, message_id="card1", button_id=button_id)
    return _changed(event, changes)


def asked(name: str, *options: tuple[str, str], **changes: object) -> CommandGiven:
    event = CommandGiven(id="e5", at=NOON, where=LOBBY, who=MO, name=name, options=options)
    return _changed(event, changes)


def reported(**changes: object) -> Reported:
    return _changed(Reported(id="e6", at=NOON, where=LOBBY, who=BOB, message_id="m1"), changes)


def case(number: int = 1, **changes: object) -> Case:
    usual = Case(
        number=number,
        where=LOBBY,
        message_id=f"m{number}",
        event_key=f"test:e{number}",
        event_hash="hash",
        author=ANN,
        quote="you idiot",
        evidence=Evidence(findings=(Finding(rule="insults", label="insult", score=1.0, quote="idiot"),), score=1.0),
        opened_at=NOON,
        proposal=removal(f"m{number}"),
        room=OFFICE,
        card_id=f"card{number}",
    )
    return _changed(usual, changes)


def removal(message_id: str = "m1") -> tuple[Effect, ...]:
    """What moderation proposes and decisions do: take it away, tell Ann."""
    return (replace(taking(message_id), tell_to="u1", tell=FAREWELL, tell_buttons=(appealing(message_id),)),)


def appealing(message_id: str = "m1") -> Button:
    return Button(
        f"appeal:{message_id}",
        "Appeal",
        "🙋",
        "Why should it be looked at again?",
        f"To appeal, give the command “appeal {message_id}” with your reason behind it.",
    )


def taking(message_id: str = "m1") -> Delete:
    return Delete(to=LOBBY, message_ids=(message_id,), reason=REASON)


def found(event: MessagePosted, outcome: Outcome | None = Outcome.ASKED, evidence: Evidence | None = None) -> Found:
    verdict = Verdict(outcome=outcome, evidence=evidence or Evidence()) if outcome else None
    return Found(event=event, hash="0123456789abcdef", verdict=verdict)


def settings(**changes: object) -> ModerationSettings:
    """Semi-auto with a review room and one rule, unless changed."""
    usual = {"review_room": str(OFFICE), "rules": {"insults": {"words": ["idiot"], "label": "insult"}}}
    return ModerationSettings.model_validate(usual | changes)


def policy(**changes: object) -> Policy:
    return Policy.of(settings(**changes))


def toxic(score: float, **labels: float) -> Scores:
    return Scores(toxic=score, labels=labels)


def _changed(base: T, changes: Mapping[str, object]) -> T:
    build: Callable[..., T] = replace
    return build(base, **changes)


async def all_of(actions: AsyncIterator[Action]) -> list[Action]:
    return [action async for action in actions]
