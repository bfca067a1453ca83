"""What rules find, and what they must leave alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.address import Address
from bot.core.event import Surface, SurfaceKind
from bot.core.evidence import Finding, Span
from bot.text_rules import WORDS_FOUND
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.build import said

# A call takes a few milliseconds; a noisy machine gets ten times that.
LIMIT_S = 0.25


def of(**rules: WordRule) -> Policy:
    return Policy.of(ModerationSettings(rules=dict(rules)))


def quotes(policy: Policy, *texts: str) -> list[str]:
    return [finding.quote for finding in found(policy, *texts)]


def found(policy: Policy, *texts: str) -> Sequence[Finding]:
    surfaces = tuple(Surface(SurfaceKind.BODY, text) for text in texts)
    return policy.match(Seen(replace(said(""), surfaces=surfaces)))


@pytest.mark.parametrize("harmless", ["hello", "你好", "", "idiotic"])
def test_a_text_that_no_rule_matches_gives_nothing(harmless: str) -> None:
    assert found(of(insults=WordRule(words=("idiot",))), harmless) == ()


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
    assert len(found(of(r=WordRule(words=(word,))), text)) == 1


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
    assert found(of(r=WordRule(words=(word,))), text) == ()


@pytest.mark.parametrize(
    ("word", "text", "quote"),
    [("idiot", "(you idiot!)", "idiot"), ("傻瓜", "你是傻瓜吗", "傻瓜"), ("a b", "x a b y", "a b")],
)
def test_the_quote_is_the_word_without_what_stands_around_it(word: str, text: str, quote: str) -> None:
    assert quotes(of(r=WordRule(words=(word,), pattern="never(mind)?")), text) == [quote]


def test_hundreds_of_rules_are_looked_for_at_once() -> None:
    policy = of(**{f"rule{number}": WordRule(words=(f"word{number}",)) for number in range(250)})
    assert [finding.rule for finding in found(policy, "a word7 and a word249")] == ["rule249", "rule7"]


def test_rules_that_do_not_fit_together_are_refused_with_a_sentence() -> None:
    wide = {f"rule{number}": WordRule(pattern=rf"\pL{{0,40}}{number}x") for number in range(60)}
    with pytest.raises(ValueError, match="too many or too wide together"):
        of(**wide)


@pytest.mark.parametrize(
    "disguised", ["1d10t", "id\u200biot", "іdіоt", "i d i o t", "**id**iot", "ｉｄｉｏｔ", "i̷d̴i̸o̷t̶", "I.D.I.O.T"]
)
def test_disguises_are_taken_off(disguised: str) -> None:
    assert quotes(of(r=WordRule(words=("idiot",))), f"you {disguised} there") == ["idiot"]


def test_what_hides_in_any_surface_is_found() -> None:
    assert quotes(of(r=WordRule(words=("idiot",))), "a picture", "of an idiot") == ["idiot"]


def test_the_most_certain_rule_comes_first_and_equals_by_name() -> None:
    policy = of(
        maybe=WordRule(words=("idiot",), label="perhaps", score=0.5),
        b=WordRule(pattern="id.ot", label="pattern"),
        a=WordRule(words=("you idiot",), label="words"),
        never=WordRule(words=("goose",)),
    )
    assert found(policy, "you idiot") == (
        Finding(
            rule="a", label="words", score=1.0, quote="you idiot", why=WORDS_FOUND, span=Span(surface=0, start=0, end=9)
        ),
        Finding(
            rule="b", label="pattern", score=1.0, quote="idiot", why=WORDS_FOUND, span=Span(surface=0, start=4, end=9)
        ),
        Finding(
            rule="maybe",
            label="perhaps",
            score=0.5,
            quote="idiot",
            why=WORDS_FOUND,
            span=Span(surface=0, start=4, end=9),
        ),
    )


def test_a_rule_speaks_once_however_often_it_matches() -> None:
    assert quotes(of(r=WordRule(words=("idiot",))), "idiot idiot", "idiot") == ["idiot"]


def test_a_pattern_stands_beside_words_and_ignores_case() -> None:
    policy = of(r=WordRule(words=("goose",), pattern=r"buy\s+now|cheap"))
    assert [quotes(policy, text) for text in ("a goose", "BUY  now!", "Cheap", "buy later")] == [
        ["goose"],
        ["BUY  now"],
        ["Cheap"],
        [],
    ]


def test_a_quote_is_not_endless() -> None:
    assert quotes(of(r=WordRule(pattern="a+b")), "a" * 5000 + "b") == ["a" * 80]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}", "(x+x+)+y"])
def test_patterns_that_hang_other_engines_are_harmless(pattern: str) -> None:
    policy = of(r=WordRule(pattern=pattern))
    start = time.perf_counter()
    found(policy, "a" * 30_000 + "!", "x" * 30_000)
    assert time.perf_counter() - start < LIMIT_S


@pytest.mark.parametrize(
    "text", ["\0" * 40_000, "e" + "\u0301" * 40_000, "<" * 40_000, "a b " * 8_000, "я" * 32_768, "\u202e" * 32_768]
)
def test_hostile_texts_are_matched_in_time(text: str) -> None:
    policy = of(words=WordRule(words=("idiot",)), links=WordRule(pattern=r"https?://\S+\.example"))
    start = time.perf_counter()
    assert found(policy, text) == ()
    assert time.perf_counter() - start < LIMIT_S


def test_the_version_changes_with_any_setting() -> None:
    changes: dict[str, object] = {
        "mode": "auto",
        "review_room": "test/home/office",
        "ban_lists": ["test/home/bad"],
        "own_list": "test/home/own",
        "sure": 0.995,
        "doubtful": 0.7,
        "precision": 0.97,
        "alarms": 0.01,
        "abuse_rate": 0.02,
        "asks": ["threat"],
        "audit_rate": 0.01,
        "audit_rate_acted": 0.1,
        "audits_a_day": 9,
        "calibration": 3,
        "measured_since": "2030-01-01T00:00:00Z",
        "model": False,
        "tell_author": False,
        "timeout": timedelta(hours=2),
        "remind_after": timedelta(hours=2),
        "preset": "work",
        "rules": {"r": {"words": ["goose"]}},
    }
    assert set(changes) == set(ModerationSettings.model_fields)
    changed = [{}, *({key: value} for key, value in changes.items())]
    rules = [{"rules": {"r": rule}} for rule in ({"words": ["geese"]}, {"words": ["goose"], "score": 0.5})]
    versions = [Policy.of(ModerationSettings.model_validate(tree)).version for tree in [*changed, *rules]]
    assert len(set(versions)) == len(versions)
    assert Policy.of(ModerationSettings()).version == versions[0]


def test_a_policy_tells_others_what_they_need_of_it() -> None:
    settings = ModerationSettings(review_room="test/home/office", tell_author=False, timeout=timedelta(minutes=5))
    policy = Policy.of(settings)
    assert (policy.review_room, policy.tell_author, policy.timeout) == (
        Address("test", "home", "office"),
        False,
        timedelta(minutes=5),
    )
    assert Policy.of(ModerationSettings()).review_room is None
