"""What the section `moderation` accepts, and what it says to the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from pipelines.moderation.bands import Aim
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode, ModerationSettings


def refusals(**values: object) -> list[str]:
    """The sentences, without pydantic's own prefix."""
    with pytest.raises(ValidationError) as refused:
        ModerationSettings.model_validate(values)
    return [detail["msg"].removeprefix("Value error, ") for detail in refused.value.errors(include_url=False)]


def test_built_in_a_room_asks_people_and_forgets_no_case() -> None:
    built_in = ModerationSettings()
    assert (built_in.mode, built_in.sure, built_in.doubtful, built_in.model) == (Mode.SEMI, None, None, True)
    assert (built_in.asks_from, built_in.acts_from, built_in.aim) == (0.8, 0.99, Aim(precision=0.98, alarms=0.003))
    assert (built_in.audit_rate, built_in.audit_rate_acted, built_in.audits_a_day) == (0.002, 0.05, 5)
    assert (built_in.tell_author, built_in.remind_after) == (True, timedelta(hours=24))
    assert (built_in.review_room, built_in.rules) == ("", {})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing ): ("),
        ("[a", "missing ]: [a"),
        ("(?=look)ahead", "invalid perl operator: (?="),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("a{2000}", "invalid repetition size: {2000}"),
        ("((a{100}){100}){100}", "invalid repetition size: {100}"),
        (r"(\pL{1,300}x){1,3}", "pattern too large"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_a_sentence(pattern: str, reason: str) -> None:
    (sentence,) = refusals(rules={"r": {"pattern": pattern}})
    assert sentence.startswith(f"the pattern cannot be used: {reason}")


@pytest.mark.parametrize("rule", [{}, {"words": []}, {"words": [" ", ""]}, {"pattern": ""}])
def test_a_rule_looks_for_something(rule: dict[str, object]) -> None:
    assert refusals(rules={"r": rule}) == ["a rule needs words or a pattern"]


def test_nothing_is_done_before_anybody_is_asked() -> None:
    assert refusals(sure=0.7, doubtful=0.8) == ["doubtful must not be above sure"]
    assert ModerationSettings(sure=0.8, doubtful=0.8).sure == 0.8


def test_a_review_room_is_an_address() -> None:
    (sentence,) = refusals(review_room="a/b/c/d/e")
    assert sentence.startswith("'a/b/c/d/e' is no address")


@pytest.mark.parametrize("values", [{"mode": "off"}, {"sure": 1.1}, {"doubtful": -0.1}, {"rules": {"r": {"score": 2}}}])
def test_what_is_out_of_range_is_refused(values: dict[str, object]) -> None:
    assert refusals(**values)


def test_unknown_keys_are_refused() -> None:
    assert refusals(rulez={}) == ["Extra inputs are not permitted"]


def test_a_rule_is_certain_unless_it_says_otherwise() -> None:
    assert WordRule(words=("idiot",)).score == 1.0


@pytest.mark.parametrize("span", [timedelta(seconds=-1), timedelta(days=367), timedelta.max])
@pytest.mark.parametrize("key", ["timeout", "remind_after"])
def test_spans_of_time_lie_ahead_and_within_a_year(key: str, span: timedelta) -> None:
    assert len(refusals(**{key: span})) == 1


def test_a_timeout_lasts_and_reminders_may_be_off() -> None:
    assert len(refusals(timeout=timedelta(0))) == 1
    assert ModerationSettings(remind_after=timedelta(0)).remind_after == timedelta(0)


@pytest.mark.parametrize("pattern", ["spam|", ".*", "(a+)?", "a*", "^"])
def test_a_pattern_that_would_find_every_message_is_refused(pattern: str) -> None:
    assert refusals(rules={"r": {"pattern": pattern}}) == [
        "the pattern also matches nothing at all, so it would find every message"
    ]
