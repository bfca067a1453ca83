"""What scores tell about labels: curves of merit and of calibration, in numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.moderation.learn import Floats, area_under_curve
from pipelines.moderation.measured import Share

Flags = npt.NDArray[np.bool_]
Point = tuple[float, float]

BINS: Final = 10
COLUMNS: Final = 20
# More points than this are not seen in a picture.
_MOST_POINTS: Final = 300
# So many standard errors to each side hold nine of ten.
_NINE_IN_TEN: Final = 1.645
_RATES: Final = (0.1, 0.01, 0.001)
# A share of a count is meant exactly, however it was rounded.
_ROUNDED: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Messages with about the same score: the mean of their scores, and how many of them are abuse."""

    low: float
    high: float
    mean: float
    abuse: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How many messages of each kind have a score between `low` and `high`."""

    low: float
    high: float
    harmless: int
    abuse: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What is about telling two kinds apart is None or empty where all messages have the same label.

    `area` is that under the ROC curve, whose points are (false alarms, recall), and `area_within` its 90 % interval.
    `precision` is the average precision, the area under the other curve, whose points are (recall, precision).
    `recalls` are those at some shares of false alarms. `error` is the expected calibration error.
    """

    area: float | None
    area_within: tuple[float, float] | None
    precision: float | None
    roc: Sequence[Point]
    precisions: Sequence[Point]
    recalls: Sequence[tuple[float, float]]
    bins: Sequence[Bin]
    error: float
    columns: Sequence[Column]


def curves(scores: Floats, abuse: Flags) -> Curves:
    """All of them; scores are from 0 to 1, and there is at least one."""
    both = bool(abuse.any() and not abuse.all())
    steps = _steps(scores, abuse) if both else None
    area = area_under_curve(scores, abuse.astype(float)) if both else None
    bins = reliability(scores, abuse)
    return Curves(
        area=area,
        area_within=interval(area, int(abuse.sum()), int((~abuse).sum())) if area is not None else None,
        precision=_average_precision(*steps) if steps else None,
        roc=_roc(*steps) if steps else (),
        precisions=_precisions(*steps) if steps else (),
        recalls=[(rate, recall_at(scores, abuse, rate)) for rate in _RATES if both and rate * (~abuse).sum() >= 1],
        bins=bins,
        error=calibration_error(bins),
        columns=_columns(scores, abuse),
    )


def interval(area: float, abuse: int, harmless: int) -> tuple[float, float]:
    """The 90 % interval of an area from so many messages of each kind (Hanley and McNeil 1982)."""
    above, below = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (abuse - 1) * (above - area**2) + (harmless - 1) * (below - area**2)
    reach = _NINE_IN_TEN * math.sqrt(max(spread, 0.0) / (abuse * harmless))
    return max(0.0, area - reach), min(1.0, area + reach)


def reliability(scores: Floats, abuse: Flags) -> list[Bin]:
    """Messages by their score in `BINS` bins of equal width, without the empty ones (DeGroot and Fienberg 1983)."""
    numbers = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [_bin(number, scores[numbers == number], abuse[numbers == number]) for number in np.unique(numbers).tolist()]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Weigh the distance of promised and seen share by the messages of each bin (Naeini et al. 2015)."""
    total = sum(found.abuse.cases for found in bins)
    return sum(abs(found.mean * found.abuse.cases - found.abuse.hits) for found in bins) / total


def threshold(scores: Floats, abuse: Flags, false_alarms: float) -> float:
    """Find the lowest score such that at most this share of the harmless messages lies above it."""
    harmless = np.sort(scores[~abuse])[::-1]
    return float(harmless[min(len(harmless) - 1, int(false_alarms * len(harmless) + _ROUNDED))])


def recall_at(scores: Floats, abuse: Flags, false_alarms: float) -> float:
    """Tell the share of abuse above that score."""
    return float(np.mean(scores[abuse] > threshold(scores, abuse, false_alarms)))


def _steps(scores: Floats, abuse: Flags) -> tuple[Floats, Floats]:
    """How much abuse, and how many harmless messages, there are at or above each score, the highest first."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    hits, alarms = np.cumsum(abuse[order]), np.cumsum(~abuse[order])
    return hits[last].astype(float), alarms[last].astype(float)


def _roc(hits: Floats, alarms: Floats) -> list[Point]:
    return _thinned(np.append(0.0, alarms / alarms[-1]), np.append(0.0, hits / hits[-1]))


def _precisions(hits: Floats, alarms: Floats) -> list[Point]:
    return _thinned(hits / hits[-1], hits / (hits + alarms))


def _average_precision(hits: Floats, alarms: Floats) -> float:
    return float(np.sum(np.diff(hits, prepend=0.0) / hits[-1] * hits / (hits + alarms)))


def _thinned(x: Floats, y: Floats) -> list[Point]:
    """Points about equally far from each other along the curve, the first and the last among them."""
    way = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    chosen = np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], _MOST_POINTS)).clip(0, len(x) - 1))
    return list(zip(x[chosen].tolist(), y[chosen].tolist(), strict=True))


def _bin(number: int, scores: Floats, abuse: Flags) -> Bin:
    share = Share(int(abuse.sum()), len(abuse))
    return Bin(low=number / BINS, high=(number + 1) / BINS, mean=float(scores.mean()), abuse=share)


def _columns(scores: Floats, abuse: Flags) -> list[Column]:
    numbers = np.minimum((scores * COLUMNS).astype(int), COLUMNS - 1)
    harmless = np.bincount(numbers[~abuse], minlength=COLUMNS).tolist()
    found = np.bincount(numbers[abuse], minlength=COLUMNS).tolist()
    return [
        Column(low=n / COLUMNS, high=(n + 1) / COLUMNS, harmless=fine, abuse=bad)
        for n, (fine, bad) in enumerate(zip(harmless, found, strict=True))
    ]
