"""Members' words inside our own CommonMark: shown as they are, never obeyed."""

from __future__ import annotations

import re

MAX_NAME = 80
# Everything that CommonMark, and the dialects of chat programs, give a meaning to.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+=\-.!|~&:@])")
_LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# What turns the order of all that follows on a line, our own words included.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def literal(text: str) -> str:
    """One line that reads as the text did, without formatting, links or mentions."""
    return _SPECIAL.sub(r"\\\1", _TURNS.sub("", _LINES.sub(" ", text)))


def called(name: str) -> str:
    """A member's name, however long they made it, in one short line that reads as it did."""
    words = " ".join(name[: MAX_NAME + 1].split()) or "somebody"
    return literal(words if len(words) <= MAX_NAME else words[: MAX_NAME - 1] + "…")


def quoted(text: str, limit: int) -> str:
    """A block quote of at most `limit` characters of the text."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    # Indented lines would be code, in which an escape is shown instead of obeyed.
    lines = [line.strip() for line in _LINES.split(shown) if line.strip()] or ["(no words)"]
    return "\n".join(f"> {literal(line)}" for line in lines)
