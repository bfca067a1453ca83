"""A community's own judgement: a small logistic regression over what the model found, learned from its moderators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.moderation.features import Features

# In units of the standardised features: with fifty cases, no weight leaves the range that they can speak for.
PENALTY: Final = 3.0
_ROUNDS: Final = 30
_SMALLEST: Final = 1e-6
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Weights by feature and a bias; a feature that it does not know counts nothing."""

    weights: Mapping[str, float]
    bias: float

    def log_odds(self, found: Features) -> float:
        """How likely the community's moderators would act on it, as log odds."""
        return self.bias + sum(self.weights.get(name, 0.0) * value for name, value in found)

    def chance(self, found: Features) -> float:
        """The same as a chance."""
        return 0.5 + 0.5 * math.tanh(0.5 * self.log_odds(found))


def learn(examples: Sequence[Features], truth: Sequence[bool], penalty: float = PENALTY) -> Head:
    """Logistic regression with an L2 penalty, by Newton's method; the bias is free (Hastie et al. 2009, 4.4 and 18.4).

    The examples must name the same features in the same order.
    """
    # Here, so that a bot that has learned already never pays for numpy.
    import numpy as np

    names = [name for name, _ in examples[0]]
    table = np.array([[value for _, value in example] for example in examples])
    middle, spread = table.mean(axis=0), np.maximum(table.std(axis=0), _SMALLEST)
    design = np.column_stack(((table - middle) / spread, np.ones(len(table))))
    target = np.array(truth, np.float64)
    ridge = np.diag([penalty] * len(names) + [_SMALLEST])
    solution = np.zeros(len(names) + 1)
    for _ in range(_ROUNDS):
        chances = 0.5 + 0.5 * np.tanh(0.5 * design @ solution)
        curvature = design.T @ (design * (chances * (1 - chances))[:, None]) + ridge
        solution -= np.linalg.solve(curvature, design.T @ (chances - target) + ridge @ solution)
    weights = solution[:-1] / spread
    bias = float(solution[-1] - weights @ middle)
    return Head(
        weights={n: round(float(w), _DIGITS) for n, w in zip(names, weights, strict=True)}, bias=round(bias, _DIGITS)
    )
