"""Misspell texts the way people do who mean to slip past a filter, for the disguises no normaliser undoes."""

import random
from typing import Final

_MIN_LETTERS: Final = 4
_SHARE: Final = 0.5


def disguise(text: str, source: random.Random) -> str:
    """Misspell about half of the longer words of a normalised text."""
    return " ".join(_misspell(word, source) if source.random() < _SHARE else word for word in text.split())


def _misspell(word: str, source: random.Random) -> str:
    if len(word) < _MIN_LETTERS or not word.isalpha():
        return word
    at = source.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return source.choice(
        (
            f"{before}{after}",  # id*ot, whose sign the normaliser drops
            f"{before} {after}",  # id#ot, whose sign becomes a space
            f"{before}{letter} {after}",  # idi.ot
            f"{before}{after[0]}{letter}{after[1:]}",  # idoit
            f"{before}{letter}{letter}{after}",  # idiiiot
        )
    )
