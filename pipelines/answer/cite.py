"""Whether what an answer says stands in what it says it from: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pipelines.answer.question import keywords

_CITED: Final = re.compile(r"[ \t]*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
# The end of a claim: of a sentence after its citations, or of a line.
_END: Final = re.compile(r"(?<=[.!?…\]])(?!\w)(?=\s|$)(?!\s*\[\d)|\n+")
# So many letters tell one word from another in whatever form it stands.
STEM: Final = 5
TERMS: Final = 2


@dataclass(frozen=True, slots=True)
class Cited:
    """The text with its citations numbered from 1, and which source each of them is, by the order it was given in."""

    text: str
    sources: tuple[int, ...]

    @property
    def supported(self) -> bool:
        """Whether anything it says stands somewhere."""
        return bool(self.sources)


def checked(answer: str, sources: Sequence[str]) -> Cited:
    """Drops citations whose source holds none of the claim's terms."""
    numbers: dict[int, int] = {}

    def checked_claim(claim: str) -> str:
        return _CITED.sub(lambda found: _kept(found[1], claim, sources, numbers), claim)

    return Cited("".join(map(checked_claim, _claims(answer))).strip(), tuple(numbers))


def _claims(answer: str) -> list[str]:
    cuts = [0, *(found.end() for found in _END.finditer(answer)), len(answer)]
    return [answer[start:end] for start, end in pairwise(cuts)]


def _kept(cited: str, claim: str, sources: Sequence[str], numbers: dict[int, int]) -> str:
    asked = [int(number) - 1 for number in re.findall(r"\d+", cited)]
    good = [place for place in dict.fromkeys(asked) if 0 <= place < len(sources) and holds(sources[place], claim)]
    marks = [f"[{numbers.setdefault(place, len(numbers) + 1)}]" for place in good]
    return f" {''.join(marks)}" if marks else ""


def holds(source: str, claim: str) -> bool:
    """Whether the source has two of the claim's telling words, or all it has."""
    said, there = _stems(_CITED.sub(" ", claim)), _stems(source)
    return bool(said) and len(said & there) >= min(TERMS, len(said))


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in keywords(text, most=None)}
