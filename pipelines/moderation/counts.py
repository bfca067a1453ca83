"""Scores counted in bins of log odds, fine enough that an edge of a band loses nothing by them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, TypeAlias

BINS: Final = 1_000
SPAN: Final = 10.0
WIDTH: Final = 2 * SPAN / BINS
_ROUNDED: Final = 1e-6

# How many fell into each bin that has any.
Tally: TypeAlias = Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What was counted of one label when the model was made: `positives` and `negatives` in validation rows.

    `benign` is real chat, all of it taken for harmless. `share` is how much of the validation rows is positive.
    `clear_positives` and `clear_benign` are those of them that nothing but the score speaks about: no doubt of ours
    would keep Parley from acting on them. None where that was not counted, and then all count.
    """

    positives: Tally = field(default_factory=dict)
    negatives: Tally = field(default_factory=dict)
    benign: Tally = field(default_factory=dict)
    clear_positives: Tally | None = None
    clear_benign: Tally | None = None

    @property
    def actable(self) -> tuple[Tally, Tally]:
        """Positives and benign messages that a high enough score would be acted on."""
        positives = self.positives if self.clear_positives is None else self.clear_positives
        return positives, self.benign if self.clear_benign is None else self.clear_benign

    @property
    def share(self) -> float:
        """How much of the validation rows is positive."""
        rows = total(self.positives) + total(self.negatives)
        return total(self.positives) / rows if rows else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What moderators said about one label: `right` it was to flag such a message, or `wrong`.

    `passed` are messages of theirs that nobody had to look at.
    """

    right: Tally = field(default_factory=dict)
    wrong: Tally = field(default_factory=dict)
    passed: Tally = field(default_factory=dict)


def bin_of(log_odds: float) -> int:
    """Which bin log odds fall into; what lies outside falls into the outermost ones."""
    # An edge belongs to the bin above it, however its score was rounded on the way.
    return min(BINS - 1, max(0, math.floor((log_odds + SPAN) / WIDTH + _ROUNDED)))


def edge(number: int) -> float:
    """The lowest score, from 0 to 1, that falls into a bin."""
    return 1 / (1 + math.exp(SPAN - WIDTH * number))


def log_odds(score: float) -> float:
    """A score's log odds, no further from zero than the outermost bins."""
    if not 0 < score < 1:
        return math.copysign(SPAN, score - 0.5)
    return max(-SPAN, min(SPAN, math.log(score / (1 - score))))


def count(scores: Iterable[float]) -> Tally:
    """Scores from 0 to 1, counted."""
    return Counter(bin_of(log_odds(score)) for score in scores)


def dense(tally: Tally) -> list[float]:
    """A count for every bin."""
    return [tally.get(number, 0) for number in range(BINS)]


def tails(tally: Tally) -> list[float]:
    """For every bin how many fell into it or above it."""
    return list(accumulate(reversed(dense(tally))))[::-1]


def total(tally: Tally) -> float:
    """How many there are."""
    return sum(tally.values())
