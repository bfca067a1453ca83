"""Decisions of moderators to learn from, made up: repeatable, and as separable as a test wants them."""

from __future__ import annotations

import random
from datetime import timedelta

from bot.core.evidence import Decision
from bot.core.learning import Label
from tests.pipelines.fakes import NOON

COMMUNITY = "test/home"


def decided(
    number: int, toxicity: float, decision: Decision = Decision.REMOVE, *, audit: str = "", swearing: float = 0.0
) -> Label:
    return Label(
        event_key=f"test:{number}",
        community=COMMUNITY,
        model="model-1",
        features=(("toxicity", toxicity), ("insult", -2.0), ("text.swearing", swearing)),
        decision=decision,
        audit=audit,
        at=NOON + timedelta(minutes=number),
    )


def rough_room(count: int) -> list[Label]:
    """Here swearing is fine and everything else that scores high is not: the score alone tells nothing."""
    source = random.Random(5)
    cases = []
    for number in range(count):
        swears = source.random() < 0.5
        decision = Decision.APPROVE if swears else Decision.REMOVE
        cases.append(decided(number, round(source.uniform(3, 6), 3), decision, swearing=float(swears)))
    return cases
