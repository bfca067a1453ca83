"""What was typed becomes a poll, or one sentence says what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text_polls
from pipelines.polls.asking import asked as poll_of
from pipelines.polls.asking import span
from tests.pipelines.build import MO, asked
from tests.pipelines.polls.build import DAY

ASK = ("ask", "Which day? | Saturday| Sunday ")


def test_a_line_becomes_a_poll_that_is_known_by_its_command() -> None:
    expected = replace(DAY, by=MO.id, lasts=timedelta(days=1))
    assert poll_of(asked("poll", ASK)) == expected
    switches = (("multiple", "yes"), ("anonymous", "yes"), ("lasts", "2h"))
    assert poll_of(asked("poll", ASK, *switches)) == replace(DAY, by=MO.id, multiple=True, anonymous=True)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Tea? | yes", text_polls.poll_needs(2, 10, 1)),
        ("Tea?", text_polls.poll_needs(2, 10, 0)),
        ("| yes | no", text_polls.poll_needs(2, 10, 2)),
        ("Tea? | " + " | ".join("abcdefghijk"), text_polls.poll_needs(2, 10, 11)),
        ("T" * 400 + " | yes | no", text_polls.poll_question_too_long(400, 300)),
        ("Tea? | yes | ", text_polls.POLL_OPTION_EMPTY),
        ("Tea? | yes | YES", text_polls.POLL_OPTION_TWICE),
        ("Tea? | yes | " + "n" * 56, text_polls.poll_option_too_long("n" * 56, 55)),
    ],
)
def test_bad_questions_get_one_sentence(line: str, problem: str) -> None:
    assert poll_of(asked("poll", ("ask", line))) == problem


@pytest.mark.parametrize(
    ("lasts", "problem"),
    [
        ("90d", text_polls.POLL_SPAN_LIMITS),
        ("0m", text_polls.POLL_SPAN_LIMITS),
        ("soon", text_polls.POLL_SPAN),
        ("-1h", text_polls.POLL_SPAN),
    ],
)
def test_bad_spans_get_one_sentence(lasts: str, problem: str) -> None:
    assert poll_of(asked("poll", ASK, ("lasts", lasts))) == problem


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", timedelta(days=1)),
        ("30m", timedelta(minutes=30)),
        ("5 min", timedelta(minutes=5)),
        ("8H", timedelta(hours=8)),
        ("2w", timedelta(weeks=2)),
        ("h", None),
        ("٣h", timedelta(hours=3)),
    ],
)
def test_spans_are_read_as_people_write_them(typed: str, meant: timedelta | None) -> None:
    assert span(typed) == meant
