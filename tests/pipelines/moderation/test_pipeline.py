"""From an event to the list of actions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.errors import ModelFailed
from bot.core.event import Author, Message, Role
from bot.core.evidence import Evidence, Finding
from bot.core.ports import Classifier
from pipelines.moderation.pipeline import Moderation, reminder
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import Mode, Rule
from tests.pipelines.build import (
    ANN,
    OFFICE,
    all_of,
    asked,
    policy,
    pressed,
    reported,
    rewritten,
    said,
    taken_away,
    toxic,
)
from tests.pipelines.build import removal as proposed
from tests.pipelines.fakes import NOON, House, Opinion, Silence

LONG = "this sentence has more than enough words"
INSULT = Finding(rule="insults", label="insult", score=1.0, quote="idiot")
WEAK = {"hints": Rule(words=("idiot",), label="hint", score=0.1)}
REMINDER = Later(job="review.remind", key="test/home/office|2030-01-02", at=NOON + timedelta(days=1))


async def judged(level: Policy, event: Message, model: Classifier | None = None) -> list[Action]:
    return await all_of(Moderation(lambda _: level, model)(event, House().context))


def verdict(level: Policy, outlet: Outlet, *findings: Finding, model: str = "", note: str = "") -> Judged:
    """With the removal proposed wherever something was found."""
    score = max((finding.score for finding in findings), default=0.0)
    mode = level.settings.mode
    evidence = Evidence(findings=findings, score=score, policy=level.version, model=model, mode=mode, note=note)
    if outlet is Outlet.CLEAR:
        return Judged(outlet=outlet, evidence=evidence, review_room=level.review_room)
    return Judged(outlet=outlet, evidence=evidence, proposal=proposed(), review_room=level.review_room)


async def test_a_failing_model_means_review_even_where_a_weak_rule_spoke() -> None:
    level = policy(rules=WEAK)
    note = "The model failed on this message, so a person has to look."
    assert await judged(level, said("you idiot"), Opinion(ModelFailed("broken"))) == [
        verdict(level, Outlet.REVIEW, note=note),
        REMINDER,
        Halt(reason="moderated"),
    ]
