"""What Parley says about polls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.markdown import literal

POLL_OPTION_EMPTY = "An answer is empty: write each one between two “|”."
POLL_OPTION_TWICE = "Two of the answers are the same; each may be there once."
POLL_SPAN = "I do not understand how long it should last: say it as 30m, 8h, 3d or 1w."
POLL_SPAN_LIMITS = "A poll lasts between a minute and 32 days."
POLL_AGAINST_THE_RULES = "That seems to go against the rules here, so I will not ask it. Please say it differently."
POLL_SEEN_BY_ALL = "Here everybody can see who votes for what, so a poll cannot be anonymous. Ask it without that."
POLL_OVER = "This poll has ended."
POLL_ENDED = "This poll has ended, so your vote was not counted."
NOT_YOUR_POLL = "Only whoever asked, or a moderator, can end this poll."


def poll_needs(fewest: int, most: int, given: int) -> str:
    """A poll without question or with too few or too many answers."""
    return (
        f"A poll needs a question and {fewest} to {most} answers, and I read {given}: "
        "write them as “Which day? | Saturday | Sunday”."
    )


def poll_question_too_long(length: int, most: int) -> str:
    """A question nobody would read."""
    return f"The question has {length} characters; please say it in {most}."


def poll_option_too_long(option: str, most: int) -> str:
    """An answer that fits no button."""
    return f"The answer “{literal(option[:most])}…” has {len(option)} characters; please say it in {most}."


def poll_open(voters: int, ends_at: datetime) -> str:
    """Last line of a poll that takes votes."""
    return f"{_votes(voters)} so far, open until {ends_at:%H:%M} UTC on {ends_at:%d %B}."


def poll_over(voters: int) -> str:
    """Last line of a poll that takes no more votes."""
    return f"This poll has ended with {_votes(voters)}."


def poll_result(question: str, winners: Sequence[str], votes: int) -> str:
    """How a poll ended."""
    asked = f"The poll **{literal(question)}** has ended"
    if not winners:
        return f"{asked}; nobody voted."
    names = " and ".join(f"**{literal(winner)}**" for winner in winners)
    return f"{asked} with a tie between {names}." if len(winners) > 1 else f"{asked}: {names}, with {_votes(votes)}."


def polls(lines: Sequence[str], more: int) -> str:
    """The open polls of a place."""
    if not lines:
        return "No poll is open here. “poll” asks one."
    rest = [f"…and {more} more."] if more else []
    return "\n".join(["Open polls here; “endpoll N” ends one:", *lines, *rest])


def no_poll(number: str) -> str:
    """A number without an open poll."""
    return f"There is no open poll {number} here; “polls” lists them."


def _votes(number: int) -> str:
    return "1 vote" if number == 1 else f"{number:,} votes"
