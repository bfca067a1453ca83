"""Long text in parts that each read well."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.split import FENCE, split

PROSE = st.text(st.sampled_from("ab.é😀 \n"), max_size=900)
LIMITS = st.integers(1, 120)
# Paragraphs, and blocks of code of every length, with what code may hold.
CODE = st.text(st.sampled_from("xy=(` \n"), max_size=700).map(lambda code: code.replace(FENCE, ""))
BLOCKS = st.lists(
    st.one_of(
        st.text(st.sampled_from("ab \n"), max_size=400),
        st.tuples(st.sampled_from(["", "py", "a-very-long-language-name-of-forty-letters"]), CODE).map(
            lambda block: f"{FENCE}{block[0]}\n{block[1]}\n{FENCE}"
        ),
    ),
    max_size=6,
).map("\n".join)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(PROSE, LIMITS)
@example("word " * 4 + " " * 200, 60)
@example("\n" * 300, 50)
def test_no_part_is_too_long_and_only_whitespace_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)


@given(PROSE, LIMITS)
def test_a_text_that_fits_is_left_as_it_is_and_one_that_does_not_has_no_empty_part(text: str, limit: int) -> None:
    parts = split(text, limit)
    if len(text) <= limit:
        assert parts == [text]
    elif text.strip():
        assert all(part.strip() for part in parts)


@given(BLOCKS, st.integers(200, 400))
def test_code_stays_code_and_prose_stays_prose(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert [squeezed("".join(kinds)) for kinds in _kinds(parts)] == [
        squeezed("".join(kinds)) for kinds in _kinds([text])
    ]


@pytest.mark.parametrize("inline", ["```one line of code```", "```js f() ``` and more"])
def test_code_within_a_line_opens_no_block(inline: str) -> None:
    text = f"{inline}\n" + "word " * 100
    assert FENCE not in "".join(split(text, 250)[1:])


def test_a_block_is_closed_and_opened_again_with_its_language() -> None:
    code = "\n".join(f"line {number}" for number in range(60))
    first, second, *_ = split(f"```python\n{code}\n```", 300)
    assert first.endswith("\n```")
    assert second.startswith("```python\n")


def test_a_fence_with_a_language_inside_code_ends_nothing() -> None:
    code = "x = 1\n" * 30
    parts = split(f"```md\n```python\n{code}```", 250)
    assert _kinds(parts)[0] == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two\n\nthree four", ["one two", "three four"]),
        ("one two\nthree four", ["one two", "three four"]),
        ("abcdefgh jklmnopqrs", ["abcdefgh", "jklmnopqrs"]),
        ("abcdefghijklmnopqrs", ["abcdefghi", "jklmnopqrs"]),
    ],
)
def test_it_cuts_at_a_paragraph_a_line_or_a_word_if_it_can(text: str, parts: list[str]) -> None:
    assert split(text, 12) == parts


def _kinds(parts: list[str]) -> tuple[list[str], list[str]]:
    """What a renderer shows as prose, and what as code."""
    prose: list[str] = []
    code: list[str] = []
    for part in parts:
        for token in MarkdownIt("commonmark").disable("code").parse(part):
            match token.type:
                case "fence":
                    code.append(token.content)
                case "inline":
                    prose.append(token.content)
    return prose, code
