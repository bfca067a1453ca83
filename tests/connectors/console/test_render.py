"""What is shown."""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.address import Address
from bot.core.effect import Button, Penalty, Restrict
from bot.core.event import Author, Role
from connectors.console import render
from connectors.console.house import GENERAL, MODS, PARLEY, Entry
from connectors.console.markdown import Line, markdown, safe
from tests.connectors.conformance import NASTY

VIEW = render.View("ada", GENERAL)
SAID = Entry(number=12, id="s.12", where=GENERAL, who=Author(id="ada", name="ada"), text="hello")
POST = replace(SAID, number=13, who=PARLEY)


def shown(lines: list[Line]) -> list[str]:
    return [line.first + line.text.plain for line in lines]


def test_a_message_has_its_number_and_name() -> None:
    assert shown(render.posted(SAID, VIEW)) == ["  12 ada: hello"]
    assert shown(render.posted(replace(SAID, text="one\ntwo"), VIEW)) == ["  12 ada: one", "    two"]


def test_another_room_is_named() -> None:
    assert shown(render.posted(replace(SAID, where=MODS), VIEW)) == ["  12 #mods ada: hello"]


def test_parley_stands_out_without_colours() -> None:
    assert shown(render.posted(POST, VIEW)) == ["▌ 13 Parley: hello"]
    card = replace(POST, text="A case", buttons=(Button("a", "Approve", "✅"), Button("t", "Time out", "⏳")))
    assert shown(render.posted(card, VIEW)) == ["▌ 13 Parley", "▌   A case", "▌   [approve] [time out]"]


def test_a_whisper_says_who_sees_it() -> None:
    whisper = replace(POST, whisper_to="ada")
    assert shown(render.posted(whisper, VIEW)) == ["▌ 13 Parley (only you see this): hello"]
    assert shown(render.posted(whisper, render.View("mo", GENERAL))) == ["▌ 13 Parley (only ada sees this): hello"]


def test_edits_and_removals_say_so() -> None:
    assert shown(render.edited(SAID, "before", VIEW)) == ["  12 ada (edited): hello"]
    assert shown(render.removed(SAID, VIEW)) == ["  12 ada (removed): hello"]
    [line] = render.removed(SAID, VIEW, "spam")
    assert line.text.plain == "12 ada (removed: spam): hello"
    assert "strike" in [span.style for span in line.text.spans]


def test_of_a_growing_answer_only_the_new_is_shown() -> None:
    assert shown(render.edited(replace(POST, text="one two"), "one", VIEW)) == ["▌ 13 … two"]
    assert shown(render.edited(replace(POST, text="other"), "one", VIEW)) == ["▌ 13 Parley (edited): other"]


def test_a_penalty_is_said_in_words() -> None:
    timeout = Restrict(to=GENERAL, user_id="bob", penalty=Penalty.TIMEOUT, reason="flooding")
    assert shown(render.restricted(timeout)) == ["· Parley has timed out bob for 1 hour: flooding"]
    kick = replace(timeout, penalty=Penalty.KICK, reason="")
    assert shown(render.restricted(kick)) == ["· Parley has kicked bob"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 minute"), (90, "2 minutes"), (5400, "90 minutes"), (7200, "2 hours"), (86400, "1 day")],
)
def test_durations_are_said_as_people_do(seconds: int, words: str) -> None:
    assert render.span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("**bold** and `code`", ["bold and code"]),
        ("one\ntwo", ["one", "two"]),
        ("# Title\n\ntext", ["Title", "", "text"]),
        ("> quoted\n> twice\n\nafter", ["│ quoted", "│ twice", "", "after"]),
        ("- a\n- b\n  - c", ["• a", "• b", "  • c"]),
        ("3. a\n4. b\n\nafter", ["3. a", "4. b", "", "after"]),
        ("a\n```py\nx = 1\n\ny\n```\nb", ["a", "x = 1", "", "y", "b"]),
        ("[here](https://a.example)", ["here (https://a.example)"]),
        ("<https://a.example>", ["https://a.example"]),
        ("[https://good.example](https://bad.example)", ["https://good.example (https://bad.example)"]),
        ("<b>html</b> stays", ["<b>html</b> stays"]),
        ("![a cat](https://a.example/cat.png)", ["a cat"]),
        ("~~struck~~", ["struck"]),
        ("&#27;[31m &#x202e;x", ["\ufffd[31m x"]),
    ],
)
def test_markdown_reads_well_in_a_terminal(text: str, lines: list[str]) -> None:
    assert shown(markdown(text)) == lines


def test_a_terminal_obeys_nobody_who_speaks_in_it() -> None:
    assert safe("a\x1b[31m\x9b2Jb\x07\r\u202ec\u2066\td") == "a[31m2Jbc    d"


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_control_character_is_ever_shown(text: str) -> None:
    evil = Author(id=text, name=text, role=Role.GUEST)
    entry = replace(SAID, who=evil, text=text, whisper_to=text, where=Address("console", "home", text))
    post = replace(entry, who=PARLEY, buttons=(Button("x", text, text),))
    restrict = Restrict(to=GENERAL, user_id=text, penalty=Penalty.KICK, reason=text)
    lines = [
        *render.posted(entry, VIEW),
        *render.posted(post, VIEW),
        *render.edited(post, "x", VIEW),
        *render.removed(entry, VIEW, text),
        *render.reacted(entry, text),
        *render.restricted(restrict),
        *render.typed(text, text),
        *render.members([evil]),
        *render.mistake(text),
    ]
    assert not [char for line in shown(lines) for char in line if _obeyed(char)]


def _obeyed(char: str) -> bool:
    reordering = re.match("[\u202a-\u202e\u2066-\u2069]", char)
    return reordering is not None or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}
