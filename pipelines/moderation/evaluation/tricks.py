"""The evasion pack: what models were trained on with copies, and disguises that only the normaliser knows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

from pipelines.moderation.neural.evade import TRICKS, Trick

_SHARE: Final = 0.6
_LEAST_LETTERS: Final = 4
_TURNED: Final = "\u202e{}\u202c"
_DIRECTIONS: Final = "\u200e\u200f\u202a\u202c\u202d\u2066\u2068\u2069"
_BOLD: Final = {
    **{chr(ord("a") + n): chr(0x1D41A + n) for n in range(26)},
    **{chr(ord("A") + n): chr(0x1D400 + n) for n in range(26)},
}


def turned(text: str, source: random.Random) -> str:
    """Words written backwards and turned round again by a control character."""
    return _words(text, source, lambda word: _TURNED.format(word[::-1]))


def directed(text: str, source: random.Random) -> str:
    """Characters between the letters that say in which direction to read, and change nothing."""
    return _words(text, source, lambda word: "".join(char + source.choice(_DIRECTIONS) for char in word))


def escaped(text: str, source: random.Random) -> str:
    """Letters as a link would spell them."""
    return _words(text, source, lambda word: "".join(f"%{byte:02X}" for byte in word.encode()))


def split(text: str, source: random.Random) -> str:
    """Markup that shows nothing in the middle of a word."""

    def cut(word: str) -> str:
        at = source.randrange(1, len(word))
        mark = source.choice(("**", "__", "||", "``"))
        return f"{word[:at]}{mark}{mark}{word[at:]}"

    return _words(text, source, cut)


def covered(text: str, source: random.Random) -> str:
    """Words behind a spoiler."""
    return _words(text, source, "||{}||".format)


def styled(text: str, source: random.Random) -> str:
    """Mathematical letters, which look bold."""
    return _words(text, source, lambda word: "".join(_BOLD.get(char, char) for char in word))


def _words(text: str, source: random.Random, change: Callable[[str], str]) -> str:
    return " ".join(
        change(word) if len(word) >= _LEAST_LETTERS and word.isalpha() and source.random() < _SHARE else word
        for word in text.split()
    )


PACK: Final[Mapping[str, Trick]] = {
    **TRICKS,
    "turned round": turned,
    "direction marks": directed,
    "percent-encoded": escaped,
    "split by markup": split,
    "spoilers": covered,
    "styled letters": styled,
}
