"""From what a member typed to a poll, or to the one sentence that says what is wrong with it."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import text_polls
from bot.core.effect import OpenPoll
from bot.core.event import CommandGiven

FEWEST, MOST = 2, 10
MAX_QUESTION, MAX_OPTION = 300, 55
SHORTEST, LONGEST, USUAL = timedelta(minutes=1), timedelta(days=32), timedelta(days=1)

_SPAN = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def asked(given: CommandGiven) -> OpenPoll | str:
    """The poll, to be known by the id of the command that asked for it; or what is wrong."""
    question, *options = [part.strip() for part in given.option("ask").split("|")]
    lasts = span(given.option("lasts"))
    problem = _wrong(question, options) or _too_long_or_short(lasts)
    if problem or lasts is None:
        return problem
    return OpenPoll(
        to=given.where,
        question=question,
        options=tuple(options),
        lasts=lasts,
        multiple=bool(given.option("multiple")),
        anonymous=bool(given.option("anonymous")),
        id=given.key,
        by=given.who.id,
    )


def span(typed: str) -> timedelta | None:
    """A day where nothing was typed, None where it is no span."""
    if not typed:
        return USUAL
    found = _SPAN.fullmatch(typed.strip().lower())
    return int(found[1]) * _UNITS[found[2]] if found else None


def _wrong(question: str, options: list[str]) -> str:
    if not question or not FEWEST <= len(options) <= MOST:
        return text_polls.poll_needs(FEWEST, MOST, len(options))
    if len(question) > MAX_QUESTION:
        return text_polls.poll_question_too_long(len(question), MAX_QUESTION)
    if not all(options):
        return text_polls.POLL_OPTION_EMPTY
    if len({option.casefold() for option in options}) < len(options):
        return text_polls.POLL_OPTION_TWICE
    longest = max(options, key=len)
    return text_polls.poll_option_too_long(longest, MAX_OPTION) if len(longest) > MAX_OPTION else ""


def _too_long_or_short(lasts: timedelta | None) -> str:
    if lasts is None:
        return text_polls.POLL_SPAN
    return "" if SHORTEST <= lasts <= LONGEST else text_polls.POLL_SPAN_LIMITS
