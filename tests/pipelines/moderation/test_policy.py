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


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("idiot", "You IDIOT!"),
        ("идиот", "Ты ИДИОТ."),
        ("ηλίθιε", "γεια σου ΗΛΊΘΙΕ"),
        ("傻瓜", "你是傻瓜吗"),
        ("ばか", "あなたはばかです"),
        ("โง่", "คุณโง่มาก"),
        ("कमीना", "तू कमीना है"),
        ("idiot", "你idiot吗"),
        ("go away", "please Go Away, you"),
        ("c++", "I hate c++!"),
        ("idiot", "_idiot_"),
        ("idiot", "**idiot**,"),
    ],
)
def test_a_word_is_found_in_every_script_and_case(word: str, text: str) -> None:
    assert len(found(of(r=Rule(words=(word,))), text)) == 1


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("idiot", "idiotic"),
        ("ass", "a classic pass"),
        ("идиот", "идиотизм"),
        ("कम", "कमी है"),
        ("कम", "हिकम"),
        ("ass", "ass4"),
        ("a.b", "acb"),
    ],
)
def test_a_word_is_not_found_inside_another(word: str, text: str) -> None:
    assert found(of(r=Rule(words=(word,))), text) == ()


@pytest.mark.parametrize(
    ("word", "text", "quote"),
    [("idiot", "(you idiot!)", "idiot"), ("傻瓜", "你是傻瓜吗", "傻瓜"), ("a b", "x a b y", "a b")],
)
def test_the_quote_is_the_word_without_what_stands_around_it(word: str, text: str, quote: str) -> None:
    assert quotes(of(r=Rule(words=(word,), pattern="never(mind)?")), text) == [quote]


def test_hundreds_of_rules_are_looked_for_at_once() -> None:
    policy = of(**{f"rule{number}": Rule(words=(f"word{number}",)) for number in range(250)})
    assert [finding.rule for finding in found(policy, "a word7 and a word249")] == ["rule249", "rule7"]


def test_rules_that_do_not_fit_together_are_refused_with_a_sentence() -> None:
    wide = {f"rule{number}": Rule(pattern=rf"\pL{{0,40}}{number}x") for number in range(60)}
    with pytest.raises(ValueError, match="too many or too wide together"):
        of(**wide)
