"""Polls by the unstable names of MSC3381, which are the ones that clients know: what we ask, and what members vote."""

from __future__ import annotations

from typing import Final

from bot import text_polls
from bot.core.capability import DIGITS, VOTE, PollSupport
from bot.core.effect import Button, ClosePoll, OpenPoll
from bot.core.surface import legible
from connectors.matrix.memory import BUTTONS, labelled
from connectors.matrix.reading import Json, ident, mapping

_NAME: Final = "org.matrix.msc3381.poll"
START, RESPONSE, END = f"{_NAME}.start", f"{_NAME}.response", f"{_NAME}.end"
# Some clients have moved on to the name that will stand.
RESPONSES: Final = (RESPONSE, "m.poll.response")
ENDS: Final = (END, "m.poll.end")
TEXT: Final = "org.matrix.msc1767.text"
# As many as the specification lets clients show.
SUPPORT: Final = PollSupport(max_options=20, counts=False)
MAX_WORDS = 340


def start(poll: OpenPoll) -> dict[str, object]:
    """The poll; where a client shows none, its text says what to react with."""
    options = [legible(option)[:MAX_WORDS] for option in poll.options]
    question = legible(poll.question)[:MAX_WORDS]
    answers = [{"id": str(number), TEXT: option} for number, option in enumerate(options, 1)]
    lines = [f"{sign(number)} {option}" for number, option in enumerate(options, 1)]
    fallback = "\n".join([question, *lines])
    return {
        START: {
            "question": {TEXT: question},
            "kind": f"{_NAME}.disclosed",
            "max_selections": len(options) if poll.multiple else 1,
            "answers": answers,
        },
        TEXT: fallback,
        "body": fallback,
        "m.mentions": {},
        BUTTONS: labelled(ballot(poll)),
    }


def end(poll: ClosePoll) -> dict[str, object]:
    """No more votes."""
    return {
        "m.relates_to": {"rel_type": "m.reference", "event_id": poll.message_id},
        END: {},
        TEXT: text_polls.POLL_OVER,
        "body": text_polls.POLL_OVER,
        "m.mentions": {},
    }


def ballot(poll: OpenPoll) -> tuple[Button, ...]:
    """What a reaction to the poll stands for, for members whose client shows no polls."""
    return tuple(Button(f"{VOTE}{number}", "", symbol) for number, symbol in zip(_numbers(poll), DIGITS, strict=False))


def sign(number: int) -> str:
    """What to react with, or the bare number where there is no sign for it."""
    return DIGITS[number - 1] if number <= len(DIGITS) else f"{number}."


def voted(content: Json) -> tuple[str, tuple[str, ...]]:
    """The poll that a vote is about, and the ids of the chosen answers; a vote that is none chooses nothing."""
    about = ident(mapping(content.get("m.relates_to")).get("event_id"))
    given = [mapping(content.get(name)).get("answers") for name in RESPONSES]
    answers = next((each for each in (*given, content.get("m.selections")) if isinstance(each, list)), [])
    return about, tuple(ident(answer) for answer in answers[:20])


def ended(content: Json) -> str:
    """The poll that an end is about."""
    return ident(mapping(content.get("m.relates_to")).get("event_id"))


def _numbers(poll: OpenPoll) -> range:
    return range(1, len(poll.options) + 1)
