"""A community's calibration: what its moderators said, counted, and its own judgement learned from that."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from pydantic import TypeAdapter

from bot.core.learning import Calibrated, Label
from pipelines.moderation.audit import PASSED
from pipelines.moderation.bands import Aim, Known, Pooled
from pipelines.moderation.counts import Reviewed, Tally, bin_of, edge
from pipelines.moderation.features import odds
from pipelines.moderation.head import Head, learn

FOLDS: Final = 5
# Fewer cases of either kind say nothing about what tells them apart.
LEAST_OF_EACH: Final = 10
_MARK: Final = "+calibration "


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is kept of a calibration: counts by label, the head, and how it ranked cases it had not learned from."""

    reviewed: Mapping[str, Reviewed] = field(default_factory=dict)
    head: Head | None = None
    ranked: Reviewed = field(default_factory=Reviewed)

    def dump(self) -> str:
        """What `load` reads."""
        return orjson.dumps(self, option=orjson.OPT_NON_STR_KEYS).decode()

    @classmethod
    def load(cls, content: str) -> Learned:
        """What `dump` wrote."""
        return TypeAdapter(cls).validate_json(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was learned for one version of a model; `number` is 0 where nothing was."""

    model: str
    number: int = 0
    learned: Learned = field(default_factory=Learned)

    @classmethod
    def read(cls, row: Calibrated) -> Calibration:
        """As the store keeps it."""
        return cls(model=row.model, number=row.number, learned=Learned.load(row.content))

    def head_sure(self, precision: float) -> float | None:
        """From which chance on the head has been right often enough about cases it had not learned from."""
        if self.learned.head is None:
            return None
        pooled = Pooled.of(Known(reviewed=self.learned.ranked), Aim(precision=precision))
        number = pooled.sure(precision)
        return None if number is None else edge(number)


def base(version: str) -> str:
    """The model's own version in the version that a verdict names."""
    return version.partition(_MARK)[0]


def version(model: str, number: int) -> str:
    """What verdicts under a calibration name."""
    return f"{model}{_MARK}{number}" if number else model


def usable(labels: Sequence[Label], model: str) -> list[Label]:
    """Those that say something about this model, in an order that nothing but their keys decides."""
    mine = [label for label in labels if label.features and base(label.model) == model]
    return sorted(mine, key=lambda label: hashlib.sha256(label.event_key.encode()).digest())


def calibrate(cases: Sequence[Label], passed: Tally, flagged: Callable[[Label], bool]) -> Learned:
    """Count the cases by label, and learn the head if there are enough of both kinds.

    `flagged` says which of them people would have been asked about: the head is measured on those alone.
    """
    names = dict.fromkeys(name for case in cases for name in odds(case.features))
    reviewed = {name: _reviewed(name, cases, passed) for name in names}
    if not _both_kinds(cases):
        return Learned(reviewed=reviewed)
    ranked = [(case, chance) for case, chance in ranking(cases) if flagged(case)]
    return Learned(reviewed=reviewed, head=_head(cases), ranked=_ranked(ranked))


def ranking(cases: Sequence[Label]) -> Iterator[tuple[Label, float]]:
    """Each case with its log odds by a head that learned from the others: five folds (Stone 1974)."""
    for fold in range(FOLDS):
        rest = [case for number, case in enumerate(cases) if number % FOLDS != fold]
        head = _head(rest)
        yield from ((case, head.log_odds(case.features)) for case in cases[fold::FOLDS])


def _both_kinds(cases: Sequence[Label]) -> bool:
    abuse = sum(case.abuse for case in cases)
    return min(abuse, len(cases) - abuse) >= LEAST_OF_EACH


def _head(cases: Sequence[Label]) -> Head:
    return learn([case.features for case in cases], [case.abuse for case in cases])


def _ranked(cases: Sequence[tuple[Label, float]]) -> Reviewed:
    right = [bin_of(chance) for case, chance in cases if case.abuse]
    wrong = [bin_of(chance) for case, chance in cases if not case.abuse]
    return Reviewed(right=_counted(right), wrong=_counted(wrong))


def _reviewed(name: str, cases: Sequence[Label], passed: Tally) -> Reviewed:
    """What was shown as a check of passed messages was not flagged, so it says nothing about flagging."""
    flagged = [(case, odds(case.features).get(name)) for case in cases if case.audit != PASSED]
    right = [bin_of(value) for case, value in flagged if case.abuse and value is not None]
    wrong = [bin_of(value) for case, value in flagged if not case.abuse and value is not None]
    return Reviewed(right=_counted(right), wrong=_counted(wrong), passed=passed)


def _counted(bins: Sequence[int]) -> Tally:
    return dict(sorted(Counter(bins).items()))
