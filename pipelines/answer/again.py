"""A question that is answered once more: how such an answer is named, so that each is given once."""

from __future__ import annotations

from typing import Final

from bot import text_answers as text
from bot.core.effect import Button

PREFIX: Final = "answer.again:"
MOST: Final = 5


def key_of(name: str) -> str:
    """The event that an answer of this name is to."""
    number, bar, key = name.partition("|")
    return key if bar and number.isdecimal() else name


def button(name: str) -> tuple[Button, ...]:
    """What the asker presses; none where it was tried often enough."""
    number, bar, _ = name.partition("|")
    tries = int(number) + 1 if bar and number.isdecimal() else 1
    if tries > MOST:
        return ()
    return (Button(f"{PREFIX}{tries}|{key_of(name)}", text.AGAIN, "🔁", instead=text.ASK_AGAIN),)


def pressed(button_id: str) -> str:
    """The name of the answer that a button asks for, '' where it is none of these."""
    name = button_id.removeprefix(PREFIX)
    number, bar, key = name.partition("|")
    good = button_id.startswith(PREFIX) and bar and key and number.isdecimal() and 1 <= int(number[:3]) <= MOST
    return name if good else ""
