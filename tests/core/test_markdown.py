"""Members' words inside our own CommonMark are shown, never obeyed."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.markdown import called, literal, quoted

# Everything that a dialect may switch on; what is left of members' words must still be plain text.
RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
HOSTILE = [
    "# heading",
    "heading\n===",
    "heading\n---",
    "**bold** _it_ ~~no~~ `code`",
    "[text](https://evil.example)",
    "![beacon](https://evil.example/x.png)",
    "[text][ref]\n\n[ref]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/?q=1",
    "mail@evil.example",
    "<script>alert(1)</script>",
    "<!-- hidden -->",
    "&lt;b&gt; &amp; &#64;everyone",
    "@everyone @here @room <@123> <@&5> <!channel> <#7> <!subteam^S1>",
    "||spoiler||",
    "-# small",
    "> quote\n>>> more",
    "- item\n* item\n+ item\n1. one\n2) two",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "    indented code *x*",
    "\tindented code *x*",
    "a | b\n--|--\n1 | 2",
    "***",
    "\\*escaped\\*",
    "trailing backslash\\",
    "two spaces  \nnext",
    ":smile: \\:smile:",
]
SHOWN = re.compile(r"<(?!/?(?:p|blockquote)>|br />)")


def read(markdown: str) -> str:
    """What a reader sees, line by line; fails where anything but quoted paragraphs came out."""
    page = RENDERER.render(markdown)
    assert not SHOWN.search(page), page
    return html.unescape(re.sub(r"<[^>]+>", "", page)).strip()


def plain(text: str) -> str:
    """Words and the spaces between them: a renderer may fold the rest."""
    return " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quote_shows_hostile_words_as_they_are(text: str) -> None:
    assert plain(read(quoted(text, 1000))) == plain(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_shows_hostile_words_as_they_are(text: str) -> None:
    assert plain(read(f"by {literal(text)}, first message")) == plain(f"by {text}, first message")


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]) | st.sampled_from("\n\t *_`[]()<>#=-+.!|~&:@\\")
)


@given(WORDS)
def test_any_quote_is_shown_as_it_is(text: str) -> None:
    shown = plain(read(quoted(text, 10_000)))
    assert shown == (plain(text) or "(no words)")


@given(WORDS)
def test_any_literal_is_shown_as_it_is_on_one_line(text: str) -> None:
    assert "\n" not in literal(text)
    assert plain(read(f"x{literal(text)}x")) == plain(f"x{text}x")


@given(st.text(), st.integers(1, 50))
def test_a_quote_shows_no_more_than_its_limit_and_leaves_nothing_unquoted(text: str, limit: int) -> None:
    lines = quoted(text, limit).split("\n")
    assert all(line.startswith("> ") for line in lines)
    shown = "".join(line.removeprefix("> ") for line in lines)
    assert shown == "\\(no words\\)" or len(re.sub(r"\\(.)", r"\1", shown)) <= limit


def test_what_was_left_out_is_marked() -> None:
    assert quoted("abcdef", 4) == "> abc…"
    assert quoted("abcd", 4) == "> abcd"


@pytest.mark.parametrize("blank", ["", " ", "\n\n\t \u2028", "\r\n"])
def test_a_message_without_words_says_so(blank: str) -> None:
    assert read(quoted(blank, 100)) == "(no words)"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_kind_of_line_end_leaves_the_quote(end: str) -> None:
    assert quoted(f"one{end}two", 100) == "> one\n> two"
    assert literal(f"one{end}two") == "one two"


def test_words_cannot_turn_the_line_around_them() -> None:
    turned = "Ann\u202e\u2066\u2067\u2068\u202a\u202b\u202d\u2069\u202c"
    assert literal(turned) == "Ann"
    assert quoted(turned, 100) == "> Ann"


def test_a_name_is_short_however_long_a_member_made_it() -> None:
    assert called("Ann *") == "Ann \\*"
    assert called("x" * 80) == "x" * 80
    assert called("  Ann\t B\n") == "Ann B"
    assert called("*" * 60_000) == "\\*" * 79 + "…"


@pytest.mark.parametrize("name", ["", " ", "\t", "\u2028\u3000"])
def test_who_has_no_name_is_somebody(name: str) -> None:
    assert called(name) == "somebody"


@pytest.mark.parametrize(
    ("text", "marked", "shown"),
    [
        ("you idiot, go", [(4, 9)], "> you **idiot**, go"),
        ("a\nb idiot\nc", [(4, 9)], "> a\n> b **idiot**\n> c"),
        ("one\ntwo", [(0, 7)], "> **one**\n> **two**"),
        ("x *y* z", [(1, 5)], "> x **\\*y\\*** z"),
        ("abc", [(0, 1), (1, 2)], "> **ab**c"),
        ("abc", [(9, 12)], "> abc"),
    ],
)
def test_what_was_found_is_bold(text: str, marked: list[tuple[int, int]], shown: str) -> None:
    assert quoted(text, 100, marked) == shown


def test_what_was_found_far_into_a_long_text_is_in_the_quote() -> None:
    shown = quoted("word " * 400 + "idiot" + " word" * 400, 60, [(2_000, 2_005)])
    assert (shown.startswith("> …"), "**idiot**" in shown, shown.endswith("…")) == (True, True, True)
