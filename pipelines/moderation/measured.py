"""How often Parley was wrong, measured by checks that were drawn at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.learning import Label
from pipelines.moderation.audit import ACTED, PASSED
from pipelines.moderation.bounds import enough, lower, upper

# Before this many checks nothing is said about auto mode, whatever they were.
LEAST_CHECKS: Final = 10


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; `low` and `high` are its one-sided 95 % bounds, together a 90 % interval."""

    hits: int
    cases: int

    @property
    def low(self) -> float:
        """At least this, in nineteen of twenty samples."""
        return lower(self.hits, self.cases)

    @property
    def high(self) -> float:
        """At most this, in nineteen of twenty samples."""
        return upper(self.hits, self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Of what was acted on without asking how much was `wrong`; of what was let pass how much was `missed`."""

    wrong: Share
    missed: Share

    @classmethod
    def of(cls, labels: Sequence[Label], since: datetime | None = None) -> Measured:
        """Checks that were decided at or after `since`."""
        counted = [label for label in labels if since is None or label.at >= since]
        acted = [label for label in counted if label.audit == ACTED]
        passed = [label for label in counted if label.audit == PASSED]
        return cls(wrong=_share(not label.abuse for label in acted), missed=_share(label.abuse for label in passed))

    @property
    def right(self) -> Share:
        """Of what was acted on, how much was right."""
        return Share(self.wrong.cases - self.wrong.hits, self.wrong.cases)

    def drifted(self, precision: float) -> bool:
        """Whether auto mode no longer does what it promised.

        With so many checks that a flawless record would have proved it, the lower bound has to reach the precision;
        before that, what is almost certainly worse is enough.
        """
        right = self.right
        if right.cases >= enough(precision):
            return right.low < precision
        return right.cases >= LEAST_CHECKS and right.high < precision


def _share(hits: Iterable[bool]) -> Share:
    each = list(hits)
    return Share(sum(each), len(each))
