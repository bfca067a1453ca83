"""Everything `parley eval` measures, in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pipelines.moderation.bands import TOXICITY, Band, Standing
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.evaluation.curves import Curves, Flags, curves
from pipelines.moderation.evaluation.disguises import Disguises, disguise, used
from pipelines.moderation.evaluation.judged import Judged, judge
from pipelines.moderation.evaluation.mistakes import Mistakes, mistakes
from pipelines.moderation.evaluation.pace import Pace, pace
from pipelines.moderation.evaluation.slices import Slice, slices
from pipelines.moderation.evaluation.table import Labelled
from pipelines.moderation.evaluation.tricks import PACK
from pipelines.moderation.measured import Share
from pipelines.moderation.opinion import Earned

# What people set by hand, where they do.
_MARKS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What is at or above one mark: how much abuse is `found` there, and how many harmless messages give `alarms`."""

    name: str
    least: float | None
    found: Share
    alarms: Share

    @property
    def right(self) -> Share:
        """Of what is at or above it, how much is abuse."""
        return Share(self.found.hits, self.found.hits + self.alarms.hits)

    def precision_at(self, rate: float) -> float | None:
        """The precision where so many of all messages are abuse, None where it cannot be told."""
        if not self.found.cases or not self.alarms.cases or not self.right.cases:
            return None
        hits = rate * self.found.hits / self.found.cases
        alarms = (1 - rate) * self.alarms.hits / self.alarms.cases
        return hits / (hits + alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All figures: `reached` at the bands, `marks` at round scores; `disguises` is None where there are none.

    There are none where nobody asked for them, or where all messages are of one kind.
    """

    labelled: Labelled
    model: str
    band: Band
    curves: Curves
    reached: Sequence[Reached]
    marks: Sequence[Reached]
    mistakes: Mistakes
    slices: Mapping[str, Sequence[Slice]]
    pace: Pace
    disguises: Disguises | None

    @property
    def abuse(self) -> Share:
        """How many of the messages are abuse."""
        return Share(sum(self.labelled.abuse), len(self.labelled.abuse))


def evaluate(
    labelled: Labelled, model: Scorer, earned: Earned, *, perturb: bool, seen: Callable[[int], None] = lambda _: None
) -> Evaluation:
    """Judge every message with the toxicity band of `earned`; `seen` is told how many more were scored."""
    # What a file calls abuse may not be spam, so no other label counts.
    toxicity = replace(earned, bands={TOXICITY: earned.bands[TOXICITY]})
    judged = list(judge(labelled.texts, model, toxicity, seen))
    abuse, scores = np.array(labelled.abuse), np.array([each.toxic for each in judged])
    both = bool(abuse.any() and not abuse.all())
    return Evaluation(
        labelled=labelled,
        model=earned.version,
        band=earned.bands[TOXICITY],
        curves=curves(scores, abuse),
        reached=_reached(judged, abuse, earned.bands[TOXICITY]),
        marks=[_at(f"{mark:g}", mark, scores >= mark, abuse) for mark in _MARKS],
        mistakes=mistakes(labelled, judged),
        slices=slices(labelled, judged),
        pace=pace(model, labelled.texts),
        disguises=disguise(labelled.texts, labelled.abuse, model, seen=seen) if perturb and both else None,
    )


def scored(labelled: Labelled, *, perturb: bool) -> int:
    """How many messages will have been scored when it is done."""
    again = used(labelled.abuse) * (1 + len(PACK)) if perturb else 0
    return len(labelled.texts) + again


def _reached(judged: Sequence[Judged], abuse: Flags, band: Band) -> list[Reached]:
    marks = {
        "doubtful": (band.doubtful, [each.standing >= Standing.DOUBTFUL for each in judged]),
        "sure": (band.sure, [each.standing >= Standing.SURE for each in judged]),
        "acts alone": (band.sure, [each.alone for each in judged]),
    }
    return [_at(name, least, np.array(above), abuse) for name, (least, above) in marks.items()]


def _at(name: str, least: float | None, above: Flags, abuse: Flags) -> Reached:
    return Reached(
        name=name,
        least=least,
        found=Share(int((above & abuse).sum()), int(abuse.sum())),
        alarms=Share(int((above & ~abuse).sum()), int((~abuse).sum())),
    )
