"""The same figures for parts of the messages: by what columns say of them, and by length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipelines.moderation.bands import Standing
from pipelines.moderation.evaluation.curves import Flags
from pipelines.moderation.evaluation.judged import Judged
from pipelines.moderation.evaluation.table import MOST_VALUES, Labelled
from pipelines.moderation.learn import Floats, area_under_curve
from pipelines.moderation.measured import Share

LENGTH: Final = "length"
_LENGTHS: Final = ((2, "1 to 2 words"), (5, "3 to 5 words"), (15, "6 to 15 words"), (40, "16 to 40 words"))
_LONGER: Final = "more than 40 words"
_REST, _NONE = "all others", "without"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One value of a column: how much of its abuse is `found`, how many harmless messages give `alarms`.

    `alone` counts the messages acted on without asking: so many were abuse, of so many. `area` is None where all
    messages have the same label.
    """

    value: str
    area: float | None
    found: Share
    alarms: Share
    alone: Share


def slices(labelled: Labelled, judged: Sequence[Judged]) -> Mapping[str, Sequence[Slice]]:
    """By column, the biggest slice first; length comes last, shortest first."""
    scores = np.array([each.toxic for each in judged])
    abuse = np.array(labelled.abuse)
    flagged = np.array([each.standing > Standing.CLEAR for each in judged])
    alone = np.array([each.alone for each in judged])
    figures = Figures(scores, abuse, flagged, alone)
    found = {column: figures.by(cells, _by_size(cells)) for column, cells in labelled.slices.items()}
    lengths = [_length(text) for text in labelled.texts]
    return found | {LENGTH: figures.by(lengths, [*dict(_LENGTHS).values(), _LONGER])}


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What is known of each message, side by side."""

    scores: Floats
    abuse: Flags
    flagged: Flags
    alone: Flags

    def by(self, cells: Sequence[str], values: Sequence[str]) -> list[Slice]:
        """A slice for each of the values that occurs, and one for what has another."""
        named = set(values)
        names = np.array([(cell or _NONE) if (cell or _NONE) in named else _REST for cell in cells])
        return [self._slice(value, names == value) for value in (*values, _REST) if (names == value).any()]

    def _slice(self, value: str, chosen: Flags) -> Slice:
        scores, abuse = self.scores[chosen], self.abuse[chosen]
        flagged, alone = self.flagged[chosen], self.alone[chosen]
        both = abuse.any() and not abuse.all()
        return Slice(
            value=value,
            area=area_under_curve(scores, abuse.astype(float)) if both else None,
            found=Share(int((flagged & abuse).sum()), int(abuse.sum())),
            alarms=Share(int((flagged & ~abuse).sum()), int((~abuse).sum())),
            alone=Share(int((alone & abuse).sum()), int(alone.sum())),
        )


def _by_size(cells: Sequence[str]) -> list[str]:
    return [value for value, _ in Counter(cell or _NONE for cell in cells).most_common(MOST_VALUES)]


def _length(text: str) -> str:
    words = len(text.split())
    return next((name for most, name in _LENGTHS if words <= most), _LONGER)
