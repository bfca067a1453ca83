"""Write a text the way people do who mean to slip past a filter, or who merely like to decorate."""

# ruff: noqa: RUF001 - look-alikes are what this file is about

import random
from collections.abc import Callable, Mapping
from typing import Final

Trick = Callable[[str, random.Random], str]

_LEET: Final = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_ALIKE: Final = dict(zip("aceopxyiABEHKMOPTX", "асеорхуіАВЕНКМОРТХ", strict=True))
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\u00ad"
_MARKS: Final = [chr(code) for code in (*range(0x300, 0x316), *range(0x320, 0x333))]
_SHARE: Final = 0.6
_MIN_LETTERS: Final = 4


def _words(text: str, source: random.Random, change: Callable[[str], str]) -> str:
    return " ".join(change(word) if source.random() < _SHARE else word for word in text.split())


def leet(text: str, source: random.Random) -> str:
    """Signs and digits in place of letters."""
    return "".join(
        source.choice(_LEET[char]) if char in _LEET and source.random() < _SHARE else char for char in text.lower()
    )


def alike(text: str, source: random.Random) -> str:
    """Cyrillic letters that look Latin."""
    return "".join(_ALIKE.get(char, char) if source.random() < _SHARE else char for char in text)


def invisible(text: str, source: random.Random) -> str:
    """Characters of no width between the letters."""
    return _words(text, source, lambda word: source.choice(_INVISIBLE).join(word))


def dotted(text: str, source: random.Random) -> str:
    """A sign between the letters of a word."""
    return _words(text, source, lambda word: source.choice(".-_*").join(word) if word.isalpha() else word)


def spaced(text: str, source: random.Random) -> str:
    """The longer words spelled apart."""
    return _words(text, source, lambda word: " ".join(word) if len(word) >= _MIN_LETTERS else word)


def stacked(text: str, source: random.Random) -> str:
    """Marks piled on the letters."""
    return "".join(
        char + "".join(source.choices(_MARKS, k=source.randrange(4))) if char.isalpha() else char for char in text
    )


def swapped(text: str, source: random.Random) -> str:
    """Two neighbouring letters inside a word change places."""

    def swap(word: str) -> str:
        if len(word) < _MIN_LETTERS:
            return word
        at = source.randrange(1, len(word) - 2)
        return f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}"

    return _words(text, source, swap)


def starred(text: str, source: random.Random) -> str:
    """One vowel of a word hidden behind a sign."""

    def hide(word: str) -> str:
        vowels = [at for at, char in enumerate(word) if char in "aeiouAEIOU" and at]
        at = source.choice(vowels) if len(word) >= _MIN_LETTERS and vowels else None
        return word if at is None else f"{word[:at]}{source.choice('*#%')}{word[at + 1 :]}"

    return _words(text, source, hide)


def drawn_out(text: str, source: random.Random) -> str:
    """One letter of a word drawn out."""

    def draw(word: str) -> str:
        at = source.randrange(len(word))
        return word[:at] + word[at] * source.randrange(3, 6) + word[at + 1 :]

    return _words(text, source, draw)


TRICKS: Final[Mapping[str, Trick]] = {
    "leetspeak": leet,
    "look-alikes": alike,
    "zero width": invisible,
    "dotted": dotted,
    "spaced": spaced,
    "stacked marks": stacked,
    "swapped": swapped,
    "starred": starred,
    "drawn out": drawn_out,
}

_BEFORE: Final = ("", "", "", "lol ", "ok ", "hey ", "> ", "so ", "Re: ", "🎉 ", "1) ")
_AFTER: Final = (
    "",
    "!",
    "!!!",
    "!!1!",
    "...",
    " lol",
    " haha",
    " :)",
    " 😂",
    " 🙏🏽🙏🏽",
    " ❤️",
    "?!",
    " https://example.org/a/b",
)
_AROUND: Final = ("", "", "", "**", "*", "`", "_", "||", '"', "'", "“")


def decorate(text: str, source: random.Random) -> str:
    """Emoji, bold, quotes, links and exclamation marks, which say nothing about what is meant."""
    around = source.choice(_AROUND)
    said = f"{source.choice(_BEFORE)}{around}{text}{around}{source.choice(_AFTER)}"
    return said.upper() if source.random() < 0.1 else said  # noqa: PLR2004 - one in ten shouts
