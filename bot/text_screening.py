"""What Parley says about a platform’s own filter, and about what it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.markdown import literal

NO_FILTER = "This place has no filter of its own that I may use. “doctor” says what I lack."


def screened(filters: int, remarks: Sequence[str]) -> str:
    """After the platform took our filters, or gave them back."""
    if not filters and not remarks:
        return "Nothing of mine is in the platform’s own filter any more; I go on looking by myself."
    said = f"The platform’s own filter looks for {filters} of my rules; I go on looking for all of them too."
    return said + ("\n\nThis did not fit:\n" + "\n".join(f"- {literal(each)}" for each in remarks) if remarks else "")


def not_screened(reason: str) -> str:
    """After the platform refused."""
    return f"The platform’s own filter did not take it: {literal(reason)}"


def asks_first(rule: str) -> str:
    """A rule that moderators decide about stays with us where they have no room."""
    return f"{rule}: moderators are asked first, and they have no review_room here to be asked in."


def stays_with_me(rule: str) -> str:
    """A rule of a kind that filters do not know."""
    return f"{rule}: filters look for words and patterns only, so I alone do what this rule says."


def never_acts(rule: str, mode: str) -> str:
    """A rule that by the settings leads to nothing the platform could do."""
    return f"{rule}: in mode {mode}, or with its score, nothing happens because of it alone."


def doctor(lacks: Sequence[str]) -> str:
    """What is missing."""
    if not lacks:
        return "I may do everything here that I am set to do."
    return "What I lack for what is set here:\n" + "\n".join(f"- {each}" for each in lacks)
