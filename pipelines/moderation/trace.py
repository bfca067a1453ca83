"""Where in a text each character of its normalised form came from, so that a card can show what was found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pipelines.moderation import normalise as steps

Replacement: TypeAlias = str | Callable[[re.Match[str]], str]

_LEADING: Final = re.compile(r"^[! ]+")
_WORD: Final = re.compile(r"\S+")
_APART: Final = re.compile("[^ ]+")
# With the letter before, which a mark may combine with.
_BEYOND_ASCII: Final = re.compile(r"[!-~]?[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Trace:
    """A text being rewritten; character i of `text` stands for `starts[i]` to `ends[i]` of what was written."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Trace:
        """The text as it was written."""
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of what was written that `text[start:end]`, which must not be empty, came from."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def cut(self, start: int, end: int) -> Trace:
        """A part of it."""
        return Trace(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def sub(self, pattern: re.Pattern[str], replacement: Replacement) -> Trace:
        """As `pattern.sub`: all of a replacement came from all of what it replaces."""
        return join(self._replaced(pattern, replacement))

    def translate(self, table: Mapping[int, str | int | None]) -> Trace:
        """As `str.translate`."""
        return self._each(lambda char: char.translate(table))

    def casefold(self) -> Trace:
        """As `str.casefold`."""
        return self._each(str.casefold)

    def whole(self, text: str) -> Trace:
        """Another reading of all of it, which is not empty: letter by letter where it is as long."""
        if len(text) == len(self.text):
            return Trace(text, self.starts, self.ends)
        start, end = self.span(0, len(self.text))
        return Trace(text, (start,) * len(text), (end,) * len(text))

    def words(self, change: Callable[[Trace], Trace]) -> Trace:
        """Change each word; one space stays between two of them, and goes with a word that goes."""
        parts: list[Trace] = []
        for found in _WORD.finditer(self.text):
            parts += [self._gap(found.start()), change(self.cut(found.start(), found.end()))]
        return join(iter(parts[1:]))

    def _gap(self, at: int) -> Trace:
        before = max(at - 1, 0)
        return Trace(" ", (self.starts[before],), (self.ends[before],))

    def _replaced(self, pattern: re.Pattern[str], replacement: Replacement) -> Iterator[Trace]:
        done = 0
        for found in pattern.finditer(self.text):
            yield self.cut(done, found.start())
            said = found.expand(replacement) if isinstance(replacement, str) else replacement(found)
            yield self.cut(found.start(), found.end()).whole(said)
            done = found.end()
        yield self.cut(done, len(self.text))

    def _each(self, change: Callable[[str], str]) -> Trace:
        read = [change(char) for char in self.text]
        starts = tuple(start for start, chars in zip(self.starts, read, strict=True) for _ in chars)
        ends = tuple(end for end, chars in zip(self.ends, read, strict=True) for _ in chars)
        return Trace("".join(read), starts, ends)


def join(parts: Iterator[Trace]) -> Trace:
    """One after the other."""
    kept = list(parts)
    starts = tuple(start for part in kept for start in part.starts)
    ends = tuple(end for part in kept for end in part.ends)
    return Trace("".join(part.text for part in kept), starts, ends)


def trace(text: str, *, once: bool = False) -> Trace:
    """The normalised text (`normalise(text)`, always) with where it came from; some fifty times as slow.

    With `once`, what `undrawn` gives.
    """
    read = _shortened(Trace.of(text))
    read = read.sub(steps.ENCODED, steps.decode).sub(steps.TURNED, steps.turn)
    if not read.text.isascii():
        read = _folded(read)
    read = _without_markup(read).casefold().sub(steps.SPELLED, steps.join)
    read = read.words(_undo_leet).translate(steps.PLAIN)
    return read.words(lambda word: word).sub(steps.DRAWN_OUT, r"\1" if once else r"\1\1")


def _shortened(read: Trace) -> Trace:
    size = len(read.text)
    if size <= steps.MAX_CHARS:
        return read
    head, tail = read.cut(0, steps.HEAD_CHARS), read.cut(size - steps.TAIL_CHARS, size)
    return join(
        iter((head, Trace(" ", read.starts[steps.HEAD_CHARS :][:1], read.ends[: size - steps.TAIL_CHARS][-1:]), tail))
    )


def _folded(read: Trace) -> Trace:
    loose = _shortened(_composed(_capped(read.sub(steps.FLAG, " ")), "NFKD")).translate(steps.FOLD)
    return _composed(loose, "NFC").sub(_APART, lambda word: steps.latinise(word[0]))


def _capped(read: Trace) -> Trace:
    kept = steps.cap_marks(read.text)
    if kept == read.text:
        return read
    places = list(_kept_places(read.text))
    return Trace(kept, tuple(read.starts[at] for at in places), tuple(read.ends[at] for at in places))


def _kept_places(text: str) -> Iterator[int]:
    run = 0
    for at, char in enumerate(text):
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= steps.MARKS_PER_LETTER:
            yield at


def _composed(read: Trace, form: Literal["NFC", "NFKD"]) -> Trace:
    return read.sub(_BEYOND_ASCII, lambda run: unicodedata.normalize(form, run[0]))


def _without_markup(read: Trace) -> Trace:
    if "<" in read.text:
        read = read.sub(steps.REFERENCE, " ").sub(steps.LABELLED_LINK, " ")
    if "://" in read.text:
        read = read.sub(steps.LINK, " ")
    if "@" in read.text:
        read = read.sub(steps.FULL_ID, " ")
    return read.sub(steps.MARKERS, "").sub(_LEADING, "")


def _undo_leet(word: Trace) -> Trace:
    if word.text.isalpha():
        return word
    kept = steps.undo_leet(word.text)
    if len(kept) == len(word.text):
        return Trace(kept, word.starts, word.ends)
    bare = word.text.strip(steps.EDGES).rstrip("!.,;:?")
    at = word.text.find(bare)
    return Trace(kept, word.starts[at : at + len(bare)], word.ends[at : at + len(bare)])
