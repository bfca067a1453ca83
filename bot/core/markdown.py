"""Members' words inside our own CommonMark: shown as they are, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

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


def quoted(text: str, limit: int, marked: Sequence[tuple[int, int]] = ()) -> str:
    """A block quote of at most `limit` characters of the text, those from the first marked place on if it is far in.

    `marked` places, as offsets into the text, are bold.
    """
    first = min((start for start, _ in marked), default=0)
    begin = max(0, first - limit // 3) if first > limit * 2 // 3 else 0
    shown, spans = _window(text, begin, limit, marked)
    lines = [line for line in _lines(shown, spans) if line] or [literal("(no words)")]
    return "\n".join(f"> {line}" for line in lines)


def _window(text: str, begin: int, limit: int, marked: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    before = "…" if begin else ""
    part = text[begin : begin + limit - len(before)]
    cut = begin + len(part) < len(text)
    shown = before + (part[:-1] + "…" if cut else part)
    shift = len(before) - begin
    return shown, [(max(start + shift, 0), min(end + shift, len(shown))) for start, end in marked]


def _lines(text: str, marked: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Each line on its own: an indented one would be code, in which an escape is shown instead of obeyed."""
    done = 0
    for gap in [*_LINES.finditer(text), None]:
        end = gap.start() if gap else len(text)
        yield _line(text[done:end], [(start - done, stop - done) for start, stop in marked])
        done = gap.end() if gap else end


def _line(line: str, marked: Sequence[tuple[int, int]]) -> str:
    bold = [any(start <= at < end for start, end in marked) for at in range(len(line))] if marked else []
    if not any(bold):
        return literal(line.strip())
    parts = [("".join(line[at] for at, _ in run), on) for on, run in groupby(enumerate(bold), key=itemgetter(1))]
    return "".join(_bold(part) if on else literal(part) for part, on in parts).strip()


def _bold(words: str) -> str:
    """Marks stand next to letters, or they would be read as signs."""
    bare = words.strip()
    if not bare:
        return words
    start = words.index(bare)
    return f"{words[:start]}**{literal(bare)}**{words[start + len(bare) :]}"
