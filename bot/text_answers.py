"""What Parley says about its answers. Short, kind, and with what the reader can do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.core.markdown import literal

AGAIN: Final = "Try again"
ASK_AGAIN: Final = "To try again, ask once more."
HELLO: Final = (
    "Hello! Ask me anything that was said here, and I look it up and say who said it. “help” lists what else I can do."
)
THANKS: Final = "You are welcome."
NOT_KNOWN: Final = (
    "I do not know: what I may tell here does not answer that. Other words may help, or somebody who was there."
)
MAYBE_THIS: Final = "This is the nearest that was said:"
MODEL_SILENT: Final = "The language model does not answer at the moment, so here is what was said about it:"
SILENT_AND_NOTHING: Final = (
    "The language model does not answer at the moment, and I found nothing about that in what I may tell here."
)
INCOMPLETE: Final = "⚠️ *The language model broke off here, so this is not complete.*"
WITHHELD: Final = (
    "Something that I was about to tell was taken away meanwhile, or is not for everybody here any more. "
    "Please ask once more."
)
NOT_YOURS: Final = "Only whoever asked can have it tried again; ask yourself, and I answer you."


def over_budget(whose: str) -> str:
    """To whoever asks when a day's tokens are used up."""
    use = {"member": "you may use", "channel": "this channel may use", "community": "this community may use"}[whose]
    return (
        f"What {use} of the language model today is used up; after midnight UTC there is more. Here is what was said:"
    )


def budget(spent: int, limit: int, whose: str) -> str:
    """What was used today of one budget."""
    name = {"member": "You", "channel": "This channel", "community": "This community"}[whose]
    return f"{name}: {spent:,} of {limit:,} tokens today" if limit else f"{name}: {spent:,} tokens today, without limit"


def budgets(lines: Sequence[str]) -> str:
    """All of them."""
    listed = "\n".join(f"- {line}" for line in lines)
    return f"{listed}\n\nA token is three or four letters; a day begins at midnight UTC."


def shares(parts: Sequence[tuple[str, int]], window: int) -> str:
    """What the window of a model would be used for."""
    listed = "\n".join(f"- {name}: {tokens:,}" for name, tokens in parts)
    return f"Of the {window:,} tokens that the model can read and write at once, an answer would take:\n{listed}"


def facts(kept: Sequence[tuple[int, str]]) -> str:
    """What a member asked to have remembered."""
    if not kept:
        return "I remember nothing for you here. “remember” with something behind it changes that."
    listed = "\n".join(f"- {number}: {literal(words)}" for number, words in kept)
    return f"For answers that only you see, I remember:\n{listed}\n\n“forget” and a number, or “all”, lets go of it."


def forgot(count: int) -> str:
    """After letting go."""
    return f"Forgotten: {count}." if count else "There is nothing of that number. “remember” alone lists what there is."


REMEMBERED_FOR_YOU: Final = "what you asked me to remember"
REMEMBERED: Final = "I remember it, for answers here that only you see. “remember” alone lists all."
TOO_MUCH_TO_REMEMBER: Final = "That is too much: up to 50 things of 300 characters each. “forget” makes room."
WITHOUT_MODEL: Final = "I have no language model: I would quote the best of these."
NO_SOURCES: Final = "I found nothing about that in what you may see here, so I would say that I do not know."


def sources(lines: Sequence[str]) -> str:
    """Where it stands, by the numbers in the answer."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
