"""What a calibration would have done with cases that it had not learned from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.learning import Label
from pipelines.moderation.bands import TOXICITY, Standing
from pipelines.moderation.calibration import FOLDS
from pipelines.moderation.features import odds
from pipelines.moderation.measured import Share
from pipelines.moderation.opinion import Earned, stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Of so many `cases` it would have acted on some alone, `alone` of them right; `area` is how well it ranks them.

    `area` is the chance that abuse ranks above what was fine (AUC), None where one of the two is missing.
    """

    cases: int
    alone: Share
    area: float | None


def now(cases: Sequence[Label], earned: Earned) -> Trial:
    """What holds at this moment."""
    return _trial([(case, earned) for case in cases])


def held_out(cases: Sequence[Label], learn: Callable[[Sequence[Label]], Earned]) -> Trial:
    """Each case judged by what was learned from the others, in five folds."""
    judged: list[tuple[Label, Earned]] = []
    for fold in range(FOLDS):
        learned = learn([case for number, case in enumerate(cases) if number % FOLDS != fold])
        judged += [(case, learned) for case in cases[fold::FOLDS]]
    return _trial(judged)


def flagged(case: Label, earned: Earned) -> bool:
    """Whether people would be asked about it, or more."""
    return max(_standings(case, earned).values()) > Standing.CLEAR


def _trial(judged: Sequence[tuple[Label, Earned]]) -> Trial:
    acted = [case.abuse for case, earned in judged if _acts(case, earned)]
    ranked = [(_rank(case, earned), case.abuse) for case, earned in judged]
    return Trial(cases=len(judged), alone=Share(sum(acted), len(acted)), area=area(ranked))


def area(ranked: Sequence[tuple[float, bool]]) -> float | None:
    """The area under the curve; ties count half (Mann and Whitney 1947)."""
    bad = [rank for rank, abuse in ranked if abuse]
    fine = [rank for rank, abuse in ranked if not abuse]
    if not bad or not fine:
        return None
    wins = sum((high > low) + (high == low) / 2 for high in bad for low in fine)
    return wins / (len(bad) * len(fine))


def _acts(case: Label, earned: Earned) -> bool:
    standing, objections = stand(_standings(case, earned), earned, case.features)
    return standing is Standing.SURE and not objections


def _standings(case: Label, earned: Earned) -> Mapping[str, Standing]:
    found = odds(case.features)
    scores = {label: 1 / (1 + math.exp(-value)) for label, value in found.items()}
    return {label: band.stand(scores.get(label, 0.0)) for label, band in earned.bands.items()}


def _rank(case: Label, earned: Earned) -> float:
    return earned.head.log_odds(case.features) if earned.head else odds(case.features)[TOXICITY]
