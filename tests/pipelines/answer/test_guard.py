"""Whatever a model writes, nothing leaves but words, and links that members gave."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from pipelines.answer.guard import growing, guarded

ALLOWED = "https://docs.example/reset?step=1"
PINGS = ["@everyone", "<@&42>", "<!channel>", "<!subteam^S1>", "@room", "&#64;", "&lt;"]
WAYS_OUT = [
    *("https://evil.example/?q=secret", "https://evil.example", "http://", "www.evil.example", "evil.example"),
    *("javascript:", "discord://", "mailto:", "slack://", "data:text/html,", "127.0.0.1:80/x", "x@evil.example"),
    *("<img src=x>", "<a href='https://evil.example'>", "evil\u3002example/x", "\uff45vil.example", "main.py", "[a]: "),
]
MARKS = ["[text](", ")", "![x](", "[a]", "<", ">", "`", "```", "```py\n", "\n", "\n\n", "    ", "- ", "1. ", "# ", "> "]
MORE = ["*", "**", "_", "~~", "|", "\\", "\u200b", "a", "secret", " ", ALLOWED, f"<{ALLOWED}>", f"[reset]({ALLOWED})"]
PIECES = st.sampled_from([*PINGS, *WAYS_OUT, *MARKS, *MORE])
TEXTS = st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=200))
# What chat programs make links of, in text that is neither code nor escaped.
LINK = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|www\.)\S|\b(?:javascript|data|mailto|vbscript):\S", re.IGNORECASE)
HOST = re.compile(r"[^\W_][\w\-]*\.(?:example|com)\b")


def nodes(text: str) -> list[SyntaxTreeNode]:
    """As the strictest and the most generous reader parse it."""
    plain = SyntaxTreeNode(MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"]).parse(text))
    return list(plain.walk())


def harmless(text: str) -> None:
    found = nodes(text)
    hrefs = [str(node.attrs.get("href")) for node in found if node.type == "link"]
    assert set(hrefs) <= {ALLOWED}, hrefs
    assert not [node.type for node in found if node.type in ("image", "html_block", "html_inline")]
    words = [node.content for node in found if node.type == "text" and node.parent and node.parent.type != "link"]
    code = [node.content.replace(ALLOWED, "") for node in found if node.type in ("code_inline", "fence", "code_block")]
    for shown in [*words, *code]:
        assert not LINK.search(shown), shown
    for shown in words:
        assert not HOST.search(shown), shown


@given(TEXTS)
@example("[click](https://evil.example/?q=secret)")
@example("![](https://evil.example/pixel.png)")
@example("[a]\n\n[a]: https://evil.example 'title'")
@example("https://docs.example/reset?step=1&q=secret")
@example("https://docs.example\u200b.evil.example")
@example("`https://evil.example`")
@settings(max_examples=1_000, deadline=None)
def test_no_link_of_the_models_own_making_is_left(text: str) -> None:
    harmless(guarded(text, {ALLOWED}))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_growing_text_is_as_harmless_at_every_length(text: str) -> None:
    for end in range(0, len(text), max(len(text) // 8, 1)):
        harmless(growing(text[:end], {ALLOWED}))


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_pings_are_escaped_wherever_they_are_obeyed(text: str) -> None:
    shown = guarded(text)
    bare = re.sub(r"(?<!\\)(`+)[\s\S]*?\1", "", shown)
    assert not re.search(r"(?<!\\)@", bare), shown
    assert not re.search(r"(?<!\\)<[@!#]", bare), shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hold it for *ten* seconds.", "Hold it for *ten* seconds\\."),
        (f"See {ALLOWED}.", f"See <{ALLOWED}>\\."),
        (f"[the manual]({ALLOWED})", f"the manual (<{ALLOWED}>)"),
        ("[the manual](https://evil.example/x)", "the manual"),
        ("https://evil.example/x", "https\\[\\:\\]evil\\[\\.\\]example/x"),
        ("![cat](https://evil.example/cat.png)", "cat"),
        ("- one\n- two\n\n1. a\n2. b", "- one\n- two\n\n1. a\n2. b"),
        ("# Title\ntext", "**Title**\n\ntext"),
        ("> said\n> so", "> said\n> so"),
        ("```sh\nmake -j2\n\ncurl https://evil.example/x\n```", "```\nmake -j2\n\ncurl https[:]evil[.]example/x\n```"),
        ("run `setup.py` or main.py", "run `setup.py` or `main.py`"),
        ("version 1.2.3, 3.5 GB", "version 1\\.2\\.3, 3\\.5 GB"),
        ("", ""),
    ],
)
def test_structure_stays_and_ways_out_are_closed(text: str, shown: str) -> None:
    assert guarded(text, {ALLOWED}) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://docs.exa", "see"),
        ("hello wor", "hello wor"),
        ("hi @ever", "hi"),
        ("", ""),
        ("`code` [1]", "`code`"),
    ],
)
def test_a_last_word_that_may_become_a_link_waits(text: str, shown: str) -> None:
    assert growing(text, {ALLOWED}) == shown


def test_a_text_without_end_is_cut() -> None:
    assert len(guarded("word " * 100_000)) < 25_000
    assert guarded("> " * 500 + "deep") == ""
