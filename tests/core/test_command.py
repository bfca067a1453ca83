"""Typed lines become commands, or one sentence says what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.command import Command, CommandSpec, Kind, Option, check, read

COMMUNITY = Option(name="community", summary="Everywhere", kind=Kind.SWITCH)
NUMBER = Option(name="number", summary="The case’s number", kind=Kind.NUMBER, required=True)
APPROVE = CommandSpec(
    name="approve", summary="Let it stand", options=(NUMBER, Option(name="upto", summary="All", kind=Kind.SWITCH))
)
MODE = CommandSpec(
    name="mode",
    summary="The mode",
    options=(Option(name="mode", summary="The mode", choices=("manual", "semi", "auto")), COMMUNITY),
)
SETTINGS = CommandSpec(
    name="settings",
    summary="Settings",
    options=(COMMUNITY, Option(name="key", summary="Which"), Option(name="value", summary="What", kind=Kind.REST)),
)
POLL = CommandSpec(
    name="poll",
    summary="Ask",
    options=(
        Option(name="ask", summary="The question", kind=Kind.REST, required=True),
        Option(name="lasts", summary="How long", kind=Kind.NAMED),
    ),
)
SPECS = (CommandSpec(name="help", summary="Help"), APPROVE, MODE, SETTINGS, POLL)


def given_(name: str, *options: tuple[str, str], problem: str = "") -> Command:
    return Command(name=name, options=options, problem=problem)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", given_("help")),
        ("   ", given_("help")),
        ("HELP", given_("help")),
        ("approve 7", given_("approve", ("number", "7"))),
        ("approve 7 upto", given_("approve", ("upto", "yes"), ("number", "7"))),
        ("approve UPTO 7", given_("approve", ("upto", "yes"), ("number", "7"))),
        ("mode", given_("mode")),
        ("mode auto", given_("mode", ("mode", "auto"))),
        ("mode auto community", given_("mode", ("community", "yes"), ("mode", "auto"))),
        ("poll tea or LASTS=2h 1+1=2?", given_("poll", ("lasts", "2h"), ("ask", "tea or 1+1=2?"))),
        ("settings", given_("settings")),
        ("settings sure", given_("settings", ("key", "sure"))),
        ("settings sure  0.9", given_("settings", ("key", "sure"), ("value", "0.9"))),
        ("settings community sure 0.9", given_("settings", ("community", "yes"), ("key", "sure"), ("value", "0.9"))),
        (
            "settings rules.x.label for the community at large",
            given_("settings", ("key", "rules.x.label"), ("value", "for the community at large")),
        ),
    ],
)
def test_a_line_is_understood(line: str, command: Command) -> None:
    assert read(line, SPECS) == command


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("aprove 7", "I do not know the command “aprove”. Did you mean “approve”?"),
        ("zzz", "I do not know the command “zzz”."),
        ("approve", "The case’s number is missing. Usage: approve NUMBER [upto]"),
        ("approve upto", "The case’s number is missing. Usage: approve NUMBER [upto]"),
        ("approve seven", "“seven” is no whole number. Usage: approve NUMBER [upto]"),
        ("approve -7", "“-7” is no whole number. Usage: approve NUMBER [upto]"),
        ("approve ７", "“７” is no whole number. Usage: approve NUMBER [upto]"),
        ("approve " + "9" * 16, f"“{'9' * 16}” is no whole number. Usage: approve NUMBER [upto]"),
        ("approve 7 please", "I do not understand “please”. Usage: approve NUMBER [upto]"),
        ("mode off", "“off” is none of manual, semi, auto."),
        ("help me", "I do not understand “me”. Usage: help"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(line: str, problem: str) -> None:
    assert read(line, SPECS).problem == problem


def test_long_words_are_cut_where_they_are_repeated() -> None:
    assert "x" * 41 not in read("x" * 5000, SPECS).problem
    assert "x" * 41 not in read("approve " + "x" * 5000, SPECS).problem
    assert "x" * 41 not in read("approve 7 " + "x" * 5000, SPECS).problem


@given(
    st.text()
    | st.lists(st.sampled_from(["approve", "mode", "settings", "upto", "community", "7", "x"]), max_size=8).map(
        " ".join
    )
)
def test_any_line_gives_a_command_that_can_be_answered(line: str) -> None:
    command = read(line, SPECS)
    spec = next(spec for spec in SPECS if spec.name == command.name)
    assert command.problem or check(spec, command.options) == command


def test_options_that_a_platform_asked_for_itself_are_checked_too() -> None:
    assert check(APPROVE, (("number", "x"),)).problem == "“x” is no whole number. Usage: approve NUMBER [upto]"
    assert check(APPROVE, (("number", "7"),)) == given_("approve", ("number", "7"))


def test_usage_shows_what_may_be_left_out() -> None:
    assert [spec.usage for spec in SPECS] == [
        "help",
        "approve NUMBER [upto]",
        "mode [manual|semi|auto] [community]",
        "settings [community] [KEY] [VALUE]",
        "poll ASK [lasts=LASTS]",
    ]
