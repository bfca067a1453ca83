"""Words that say who people are, and words that people swear with: neither may carry a verdict alone."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import re2

_HERE: Final = Path(__file__).parent
# What stands in their place: a word about which nobody has an opinion.
_ANYBODY, _NOTHING = "people", ""


@dataclass(frozen=True, slots=True)
class Words:
    """A lexicon, compiled: finds whole words in normalised text, and reads a text as if they were not there."""

    pattern: re2.Pattern
    instead: str

    @classmethod
    def of(cls, words: Sequence[str], instead: str) -> Words:
        """A trailing * finds every longer word too."""
        parts = "|".join(_part(word) for word in sorted(words, key=len, reverse=True))
        return cls(re2.compile(rf"\b(?:{parts})\b"), instead)

    def within(self, text: str) -> bool:
        """Whether any of them occurs in a normalised text."""
        return self.pattern.search(text) is not None

    def without(self, text: str) -> str:
        """A normalised text with what stands in their place."""
        words: list[str] = self.pattern.sub(self.instead, text).split()
        return " ".join(words)


def _part(word: str) -> str:
    stem = re2.escape(word.removesuffix("*"))
    return f"{stem}\\w*" if word.endswith("*") else f"{stem}"


@cache
def identities() -> Words:
    """Words for beliefs, origins, genders, orientations, bodies and ages."""
    groups = _read("identity.toml")
    return Words.of([word for words in groups.values() for word in words], _ANYBODY)


@cache
def swearing() -> Words:
    """Swearwords."""
    return Words.of(_read("swearing.toml")["words"], _NOTHING)


def _read(name: str) -> dict[str, list[str]]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
