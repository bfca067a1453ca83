"""What rules find, and what they must leave alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.core.event import Surface, SurfaceKind
from bot.core.evidence import Finding
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import ModerationSettings, Rule


def of(**rules: Rule) -> Policy:
    return Policy.of(ModerationSettings(rules=rules))


def quotes(policy: Policy, *texts: str) -> list[str]:
    return [finding.quote for finding in found(policy, *texts)]


def found(policy: Policy, *texts: str) -> Sequence[Finding]:
    return policy.match([Surface(SurfaceKind.BODY, text) for text in texts])


@pytest.mark.parametrize("harmless", ["hello", "你好", "", "idiotic"])
def test_a_text_that_no_rule_matches_gives_nothing(harmless: str) -> None:
    assert found(of(insults=Rule(words=("idiot",))), harmless) == ()
