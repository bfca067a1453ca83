"""Logistic regression, its calibration and its figures of merit, in numpy and with fixed seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.moderation.ngrams import BUCKET_BITS, Batch, Buckets, Ints, ngrams

Floats = npt.NDArray[np.float64]

_TEXTS_PER_BATCH: Final = 512
_SEED: Final = 20_24


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Texts as buckets: those of row i are `buckets[offsets[i]:offsets[i + 1]]`, never none."""

    buckets: Buckets
    offsets: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Rows":
        """Hash normalised texts."""
        parts = [_rows(texts[at : at + _TEXTS_PER_BATCH]) for at in range(0, len(texts), _TEXTS_PER_BATCH)]
        counts = np.concatenate([counts for _, counts in parts])
        return cls(np.concatenate([buckets for buckets, _ in parts]), np.concatenate(([0], np.cumsum(counts))))

    def __len__(self) -> int:
        """How many texts."""
        return len(self.offsets) - 1

    def choose(self, chosen: Ints) -> "Rows":
        """Take the rows with these numbers, in this order."""
        counts = np.diff(self.offsets)[chosen]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], counts)
        return Rows(self.buckets[places], offsets)

    def coarse(self, shift: int) -> "Rows":
        """Merge `2**shift` buckets into one."""
        return Rows(self.buckets >> shift, self.offsets)

    def sums(self, weights: Floats) -> Floats:
        """Per row: the sum of its buckets' weights over the root of their number."""
        counts = np.diff(self.offsets)
        return np.asarray(np.add.reduceat(weights[self.buckets], self.offsets[:-1]) / np.sqrt(counts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to fit: sizes are in rows, `decay` is the L2 penalty per step."""

    epochs: int = 12
    rows_per_step: int = 256
    rate: float = 0.1
    decay: float = 1e-6
    shift: int = 0


def fit(rows: Rows, truth: Floats, importance: Floats, recipe: Recipe) -> Floats:
    """Weights per bucket, the bias last, by AdaGrad (Duchi et al. 2011) on the logistic loss."""
    weights = np.zeros((1 << (BUCKET_BITS - recipe.shift)) + 1)
    squares = np.full_like(weights, 1e-8)
    random = np.random.default_rng(_SEED)
    order = random.permutation(len(rows))
    rows, truth, importance = rows.choose(order).coarse(recipe.shift), truth[order], importance[order]
    starts = np.arange(0, len(rows), recipe.rows_per_step)
    for _ in range(recipe.epochs):
        for start in random.permutation(starts):
            chosen = np.arange(start, min(start + recipe.rows_per_step, len(rows)))
            slope = _slope(rows.choose(chosen), truth[chosen], importance[chosen], weights)
            slope[:-1] += recipe.decay * weights[:-1]
            squares += slope * slope
            weights -= recipe.rate * slope / np.sqrt(squares)
    return weights


def calibrate(sums: Floats, truth: Floats) -> tuple[float, float]:
    """Slope and bias that turn sums into log odds (Platt 1999, with his smoothed targets), by Newton's method."""
    positives = truth.sum()
    targets = np.where(truth > 0, (positives + 1) / (positives + 2), 1 / (len(truth) - positives + 2))
    design = np.column_stack((sums, np.ones_like(sums)))
    solution = np.zeros(2)
    for _ in range(50):
        chance = probability(design @ solution)
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + 1e-9 * np.eye(2)
        solution -= np.linalg.solve(curvature, design.T @ (chance - targets))
    return float(solution[0]), float(solution[1])


def probability(log_odds: Floats) -> Floats:
    """Log odds as probabilities, without overflow."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * log_odds))


def area_under_curve(scores: Floats, truth: Floats) -> float:
    """Estimate the chance that a positive scores above a negative, ties counting half (Mann and Whitney 1947)."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = truth.sum()
    return float((ranks[truth > 0].sum() - positives * (positives + 1) / 2) / (positives * (len(truth) - positives)))


def best_f1(scores: Floats, truth: Floats) -> float:
    """F1 at the threshold where it is highest."""
    hits = np.cumsum(truth[np.argsort(-scores, kind="stable")])
    return float(np.max(2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())))


def recall_at(scores: Floats, truth: Floats, *, false_alarms: float) -> float:
    """Tell the share of positives above the score that the given share of negatives exceeds."""
    return float(np.mean(scores[truth > 0] > np.quantile(scores[truth == 0], 1 - false_alarms)))


def _rows(texts: Sequence[str]) -> tuple[Buckets, Ints]:
    batch = Batch.of(texts)
    kinds = list(ngrams(batch))
    owner = np.concatenate([np.searchsorted(batch.offsets, kind.starts, side="right") - 1 for kind in kinds])
    buckets = np.concatenate([kind.buckets for kind in kinds])
    return buckets[np.argsort(owner, kind="stable")], np.bincount(owner, minlength=len(texts))


def _slope(rows: Rows, truth: Floats, importance: Floats, weights: Floats) -> Floats:
    """Compute the gradient of the mean loss, the bias last."""
    counts = np.diff(rows.offsets)
    error = (probability(rows.sums(weights) + weights[-1]) - truth) * importance / len(rows)
    slope = np.bincount(rows.buckets, np.repeat(error / np.sqrt(counts), counts), minlength=len(weights))
    slope[-1] = error.sum()
    return np.asarray(slope, np.float64)
