"""Where scores and labels disagree most: what a person should read before trusting either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import Final

from bot.core.surface import clip, legible
from pipelines.moderation.evaluation.judged import Judged
from pipelines.moderation.evaluation.table import Labelled

SHOWN: Final = 12
_CHARS: Final = 400
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Mistake:
    """A message, shortened, and the score that it should not have."""

    text: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """Harmless messages that score above one half, the highest first, and abuse below it, the lowest first."""

    alarms: Sequence[Mistake]
    missed: Sequence[Mistake]


def mistakes(labelled: Labelled, judged: Sequence[Judged]) -> Mistakes:
    """At most `SHOWN` of each, no text twice."""
    rows = list(zip(labelled.texts, (each.toxic for each in judged), labelled.abuse, strict=True))
    alarms = {text: score for text, score, abuse in rows if not abuse and score >= _HALF}
    missed = {text: score for text, score, abuse in rows if abuse and score < _HALF}
    return Mistakes(
        alarms=_shown(nlargest(SHOWN, alarms.items(), key=lambda row: row[1])),
        missed=_shown(nsmallest(SHOWN, missed.items(), key=lambda row: row[1])),
    )


def _shown(rows: Iterable[tuple[str, float]]) -> list[Mistake]:
    return [Mistake(legible(clip(text, _CHARS)), score) for text, score in rows]
