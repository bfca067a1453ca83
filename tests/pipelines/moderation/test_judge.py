"""The judgement: which outlet, with which evidence and which proposal."""

from __future__ import annotations

import pytest

from bot.core.evidence import Finding
from bot.core.surface import MAX_SURFACE, clip
from pipelines.moderation.judge import oversized
from pipelines.moderation.normalise import MAX_CHARS
from tests.pipelines.build import said

LONG = "this sentence has more than enough words"


def rule(score: float) -> Finding:
    return Finding(rule="insults", label="insult", score=score, quote="idiot")


def model(score: float) -> Finding:
    return Finding(rule="model", label="toxicity", score=score)


@pytest.mark.parametrize("length", [MAX_CHARS + 1, MAX_SURFACE, MAX_SURFACE + 1, 4_000_000])
def test_a_text_whose_middle_nobody_reads_is_looked_at_by_a_person(length: int) -> None:
    message = said(clip("a" * length))
    assert oversized(message, 0.8) == [Finding(rule="oversized", label="very long text", score=0.8)]


def test_a_text_that_is_read_whole_is_not_oversized() -> None:
    assert oversized(said("a" * MAX_CHARS), 0.8) == []
