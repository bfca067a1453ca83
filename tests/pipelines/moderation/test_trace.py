"""Every normalised word is traced back to what was written."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.moderation.normalise import normalise
from pipelines.moderation.trace import trace

# Whatever a normaliser treats in a way of its own, and all of Unicode.
PARTS = st.sampled_from(
    [
        "idiot", "1d!0t", "i d i o t", "**", "||", "@", "%66%75", "%ff%fe", "<@123456789>", "https://a.b/c", "\u0301",
        "\u0316", "\ufdfa", "ﬁ", "é", "е", "ο", "\u200b", "🇫🇷", "😀", " ", "\n", "\x1c", "\x85", "!", "...", "안", "字",
        "ß", "İ", "Σ", "ooooo", "a.b", "_",
    ]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.characters(), max_size=30).map("".join)


@settings(max_examples=400)
@given(TEXTS)
@example("a" * 9_000)
@example("é " * 9_000)
@example("\ufdfa" * 2_000)
@example("x" + "\u0301\u0316" * 40)
def test_what_is_traced_is_the_normalised_text_and_every_part_lies_in_what_was_written(text: str) -> None:
    traced = trace(text)
    assert traced.text == normalise(text)
    assert len(traced.starts) == len(traced.ends) == len(traced.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(traced.starts, traced.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("you idiot!", "idiot"),
        ("you 1D10T, go", "1D10T"),
        ("so i d i o t he is", "i d i o t"),
        ("an **id**iot here", "id**iot"),
        ("an іdіоt here", "іdіоt"),
        ("an id\u200biot here", "id\u200biot"),
        ("an ＩＤＩＯＴ here", "ＩＤＩＯＴ"),
        ("an %69%64%69%6f%74 here", "%69%64%69%6f%74"),
        ("é é ídïôt é", "ídïôt"),
        ("<@123456789> https://a.b idiot", "idiot"),
        ("||idiot||", "idiot"),
    ],
)
def test_a_word_is_found_where_it_was_written(text: str, seen: str) -> None:
    traced = trace(text)
    at = traced.text.index("idiot")
    start, end = traced.span(at, at + 5)
    assert text[start:end] == seen


def test_letters_drawn_out_are_one_place() -> None:
    traced = trace("so cooooool")
    assert traced.span(3, 7) == (3, 11)


@pytest.mark.parametrize(
    "hostile", ["a" * 65_536, "\ufdfa" * 65_536, "a\u0301" * 32_768, "a " * 32_768, "%41" * 20_000]
)
def test_the_worst_text_is_traced_in_time(hostile: str) -> None:
    started = time.process_time()
    trace(hostile)
    assert time.process_time() - started < 1.0
