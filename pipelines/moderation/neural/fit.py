"""Fit how both models' opinions are summed up, and from where on the second one is worth asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.moderation.cascade import cut, second_opinion
from pipelines.moderation.learn import area_under_curve, calibrate, probability, recall_at
from pipelines.moderation.linear import LinearModel
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.neural.rows import Row

Floats = npt.NDArray[np.float64]

# Where the abuse is less like that of the sources, the linear model overlooks more: so none above 0.1.
_CANDIDATES: Final = (0.1, 0.08, 0.06, 0.05, 0.04, 0.03)
_WORTH: Final = 0.002
_FALSE_ALARMS: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """What both models think of the most doubtful piece of each text; one column per name."""

    names: Sequence[str]
    linear: Floats
    neural: Floats
    truth: Floats  # NaN where nothing is known

    @classmethod
    def of(cls, linear: LinearModel, neural: NeuralModel, rows: Sequence[Row]) -> "Opinions":
        """Ask both models about every row."""
        names = tuple(name for name in neural.fusion.names if name in ("toxic", *linear.names))
        columns = [neural.fusion.names.index(name) for name in names]
        places = [("toxic", *linear.names).index(name) for name in names]
        first, second, truth = [], [], []
        for row, found in zip(rows, cut(linear, [row.text for row in rows]), strict=True):
            if not found:
                continue
            worst = max(found, key=lambda piece: piece.odds[0])
            opinion = second_opinion(neural, row.text, worst)
            first.append([worst.odds[place] for place in places])
            second.append([opinion[column] for column in columns])
            truth.append([row.labels.get(name, np.nan) for name in names])
        return cls(names, np.array(first), np.array(second), np.array(truth))

    def fuse(self, weights: dict[str, tuple[float, float, float]]) -> Floats:
        """Sum up both opinions."""
        each = np.array([weights[name] for name in self.names])
        return np.asarray(self.linear * each[:, 0] + self.neural * each[:, 1] + each[:, 2])

    def known(self, name: str) -> tuple[npt.NDArray[np.bool_], Floats]:
        """Which rows say something about the name, and what."""
        truth = self.truth[:, self.names.index(name)]
        return ~np.isnan(truth), truth[~np.isnan(truth)]


def weigh(opinions: Opinions) -> dict[str, tuple[float, float, float]]:
    """Weights per name, so that the sum of both opinions is calibrated log odds.

    Both count alike: weights of their own would follow the transformer, which knows these sources better than others.
    """
    weights = {}
    for column, name in enumerate(opinions.names):
        known, truth = opinions.known(name)
        slope, bias = calibrate(opinions.linear[known, column] + opinions.neural[known, column], truth)
        weights[name] = (round(slope, 4), round(slope, 4), round(bias, 4))
    return weights


def threshold(opinions: Opinions, fused: Floats) -> float:
    """Find the highest `lo` that costs next to no recall at 1 % false alarms."""
    known, truth = opinions.known("toxic")
    linear, both = opinions.linear[known, 0], fused[known, 0]
    best = recall_at(both, truth, false_alarms=_FALSE_ALARMS)
    for lo in _CANDIDATES:
        asked = probability(linear) >= lo
        # What is not asked about stays below everything that is.
        cascaded = np.where(asked, both, linear - 100)
        if recall_at(cascaded, truth, false_alarms=_FALSE_ALARMS) >= best - _WORTH:
            return lo
    return 0.0


def table(opinions: Opinions, fused: Floats) -> list[str]:
    """Give AUC and recall at 1 % false alarms, as lines of Markdown: linear model, transformer, both."""
    lines = ["| output | rows | positives | linear | transformer | both |", f"|{' --- |' * 6}"]
    for column, name in enumerate(opinions.names):
        known, truth = opinions.known(name)
        each = [_figures(scores[known, column], truth) for scores in (opinions.linear, opinions.neural, fused)]
        lines.append(f"| {name} | {len(truth):,} | {int(truth.sum()):,} | {' | '.join(each)} |")
    return lines


def _figures(scores: Floats, truth: Floats) -> str:
    return f"{area_under_curve(scores, truth):.3f} / {recall_at(scores, truth, false_alarms=_FALSE_ALARMS):.2f}"
