"""What moderators type becomes what a setting wants, or one sentence."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from config.value import duration, in_words, read_value
from tests.config.samples import Moderation


class Odd(BaseModel):
    """Types beside the usual ones."""

    limit: int | None = None
    either: int | list[str] = 0
    ratio: float = 0
    token: SecretStr = SecretStr("")
    anything: object = None
    tags: frozenset[str] = frozenset()
    named: dict[str, int] = {}
    pair: tuple[int, str] = (0, "")
    moderation: Moderation = Moderation()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("moderation.mode", "auto", "auto"),
        ("moderation.sure", "0.8", 0.8),
        ("moderation.quiet", "yes", True),
        ("moderation.quiet", "Off", False),
        ("moderation.languages", "a, b, c", ["a", "b", "c"]),
        ("moderation.languages", "a", ["a"]),
        ("moderation.languages", '["a, b"]', ["a, b"]),
        ("moderation.languages", "", []),
        ("moderation.limits", "1, 2", [1, 2]),
        ("moderation.greeting", "8", "8"),
        ("moderation.flood.within", "2h 30m", "PT2H30M"),
        ("moderation.flood.within", "90", "PT1M30S"),
        ("moderation.flood", '{"messages": 3}', {"messages": 3, "within": "PT10S"}),
        ("moderation.rules.no-scams.pattern", "free (a|b)", "free (a|b)"),
        ("moderation.rules.no-scams.words", "a, b", ["a", "b"]),
        ("moderation.rules.no-scams", '{kind = "words", words = ["a"]}', {"kind": "words", "words": ["a"]}),
        ("limit", "none", None),
        ("limit", "5", 5),
        ("either", "a", ["a"]),
        ("token", "0123", "0123"),
        ("anything", "0123", "0123"),
        ("tags", "a", ["a"]),
        ("named", '{"a": 1}', {"a": 1}),
        ("pair", "1, a", [1, "a"]),
    ],
)
def test_text_becomes_what_the_setting_wants(key: str, text: str, value: object) -> None:
    assert read_value(Odd, key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("moderation.mod", "x", "moderation.mod is not a setting: did you mean moderation.mode?"),
        ("limit.x", "1", "limit.x is not a setting: remove it."),
        ("moderation.mode", "atuo", 'moderation.mode must be manual, semi or auto, not "atuo": did you mean auto?'),
        ("moderation.sure", "high", 'moderation.sure must be a number, not "high".'),
        ("moderation.sure", "", "moderation.sure must be a number, not empty."),
        ("moderation.limits", "1, x", 'moderation.limits.1 must be a whole number, not "x".'),
        ("moderation.languages", "[a", 'moderation.languages must be a list such as ["a", "b"], not "[a".'),
        ("ratio", "nan", "ratio must be a finite number."),
        ("limit", "10m", 'limit must be a whole number, not "10m".'),
        ("moderation.greeting", "\ud800", "moderation.greeting must be text without broken characters."),
        (
            "moderation.rules.a.pattern",
            "(",
            "moderation.rules.a.pattern: '(' is no pattern (missing ), unterminated subpattern): close its brackets.",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(key: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=key) as caught:
        read_value(Odd, key, text)
    assert str(caught.value) == said


KEYS = [
    *Odd.model_fields,
    *(f"moderation.{name}" for name in Moderation.model_fields),
    *("moderation.rules.a", "moderation.rules.a.words", "moderation.flood.within", "moderation.languages.0"),
]
TYPED = (
    st.text()
    | st.text("0123456789.,[]{}\"'=:-+eE nNaAtTrRuUsShmdPT\\\ud800")
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps)
    | st.integers().map(str)
    | st.sampled_from(["[" * 9000, "9" * 5000, "1e999", "-Infinity", "[NaN]", "99999999999d", "PT99999999999999H"])
)


@given(st.sampled_from(KEYS) | st.text(), TYPED)
def test_nothing_but_a_value_error_ever_comes_out(key: str, text: str) -> None:
    try:
        value = read_value(Odd, key, text)
    except ValueError:
        return
    json.dumps(value, allow_nan=False)


@given(st.integers(0, 10**8))
def test_a_duration_in_words_is_read_back(seconds: int) -> None:
    assert duration(in_words(timedelta(seconds=seconds))) == seconds
