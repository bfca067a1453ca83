"""Every sentence Parley says: never empty, and never in the words of a member."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot import text, text_undo, text_waves
from bot.core.address import Address
from bot.core.evidence import Decision, Record
from bot.core.settlement import Outcome
from tests.pipelines.fakes import NOON

EVIL = "*x* [y](https://evil.example) @everyone <!channel>\n# z ![b](https://evil.example/b.png)"
# What a sentence of ours is made of; none of it may come from a member.
FORMATTED = re.compile(r"<(?!/?(p|strong|code|ul|li)\b)|<a\b")

# Each sentence that repeats something, as a function of what it repeats.
SENTENCES: dict[str, Callable[[str], str]] = {
    "trouble, place": lambda said: text.trouble(Address("test", "home", said), "No."),
    "trouble, reason": lambda said: text.trouble(Address("test", "home", "lobby"), said),
    "removed": text.removed,
    "warned": text.warned,
    "problem": text.problem,
    "still open": lambda said: text.still_open(1, said),
    "no command": text.no_command,
    "help": lambda said: text.help_([("help", said)]),
    "setting": lambda said: text.setting("sure", said, "channel"),
    "settings": lambda said: text.settings([("sure", said, "channel")]),
    "no setting": text.no_setting,
    "forgiven": lambda said: text_undo.forgiven(said, ""),
    "forgiven, reason": lambda said: text_undo.forgiven("Ann", said),
    "not set": text.not_set,
    "changed": lambda said: text.changed("sure", said, community=True),
}
PLAIN: dict[str, str] = {
    "case head": text.case_head(1, "lobby"),
    "newcomer": text.author("Ann", Record()),
    "author": text.author("Ann", Record(judged=2, removed=1, asked=1)),
    "proposed": text.proposed("remove the message"),
    "reported": text.reported_by(["Ann"], 3),
    "open": text.still_open(1, ""),
    "no case": text.no_case("7"),
    "empty queue": text.queue([], more=False, approved=0),
    "queue": text.queue(["**1** Ann"], more=True, approved=7),
    "approved": text.approved_up_to(0, 0),
    "reminder": text.reminder(1, NOON),
    "not allowed": text.not_allowed("mode"),
    "wave": text_waves.size(1_000, 1, 2),
    "wave, proposed": text_waves.proposed("ban"),
    "undone alone": text_undo.undone_alone(Decision.BAN),
    **{f"undone {decision}": text_undo.undone(1, decision) for decision in text_undo.BACK},
    **{f"wave decided {decision}": text_waves.decided(1, decision, "Mo", NOON) for decision in Decision},
    **{f"wave undone {decision}": text_waves.undone(1, decision, 2) for decision in text_waves.DONE},
    "versions": text.versions("", "", "hash"),
    **{f"decided {decision}": text.decided(1, decision, "Mo", NOON) for decision in Decision},
    **{f"to the author {outcome}": text.outcome_for_author(outcome) for outcome in (None, *Outcome)},
    **{f"to moderators {outcome}": text.outcome_for_moderators(outcome, "auto") for outcome in Outcome},
    **{name: value for name, value in vars(text).items() if name.isupper() and isinstance(value, str)},
}


def page(said: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).render(said))


@pytest.mark.parametrize("said", PLAIN.values(), ids=PLAIN)
def test_no_sentence_is_empty_or_formatted_by_accident(said: str) -> None:
    assert said.strip()
    assert not FORMATTED.search(page(said))
    assert "None" not in said


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
def test_what_a_member_wrote_is_repeated_without_effect(sentence: Callable[[str], str]) -> None:
    shown = page(sentence(EVIL))
    assert not FORMATTED.search(shown)
    assert "<em>" not in shown
    assert "[y](https://evil.example) @everyone &lt;!channel&gt;" in shown


@given(st.text(), st.sampled_from(sorted(SENTENCES)))
@example("\t", "removed")
@example("    x", "warned")
def test_any_word_is_repeated_without_effect(word: str, name: str) -> None:
    assert not FORMATTED.search(page(SENTENCES[name](word)))


def test_nothing_tells_an_author_what_found_a_message() -> None:
    assert {text.outcome_for_author(outcome) for outcome in (Outcome.ASKED, Outcome.WAITING)} == {
        "A moderator will look at it."
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "yes"),
        (False, "no"),
        ((), "none"),
        ([], "none"),
        ({}, "none"),
        (None, "none"),
        ("", "none"),
        (0, "0"),
        (0.8, "0.8"),
        (["a", True, []], "a, yes, none"),
        ("auto", "auto"),
    ],
)
def test_values_are_written_as_people_write_them(value: object, written: str) -> None:
    assert text.plain(value) == written


def test_the_start_says_what_is_on_and_what_is_off() -> None:
    assert text.started("1.0", ["console"], [("discord", "set TOKEN")], "semi") == (
        "Parley 1.0\non:    console; moderation in mode semi\noff:   discord (set TOKEN)"
    )
