"""How sure a share is that was counted: exact one-sided bounds (Clopper and Pearson 1934), in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

# One-sided: in nineteen of twenty samples the true share lies on the right side of the bound.
CONFIDENCE: Final = 0.95
_MISS: Final = 1 - CONFIDENCE
_STEPS: Final = 30
_MOST_TERMS: Final = 2_000
_TINY, _EXACT = 1e-300, 1e-12


def lower(right: float, cases: float) -> float:
    """The lower bound of a share of which `right` of `cases` were seen; either may be a weighted count."""
    if right <= 0:
        return 0.0
    return _where(lambda share: _below(share, right, cases - right + 1) >= _MISS)


def upper(right: float, cases: float) -> float:
    """The upper bound of the same share."""
    if right >= cases:
        return 1.0
    return _where(lambda share: _below(share, right + 1, cases - right) >= CONFIDENCE)


def at_least(right: float, cases: float, share: float) -> bool:
    """Whether the lower bound reaches the share; cheaper than the bound itself."""
    return 0 < right <= cases and _below(share, right, cases - right + 1) <= _MISS


def at_most(right: float, cases: float, share: float) -> bool:
    """Whether the upper bound stays within the share."""
    return right < cases and _below(share, right + 1, cases - right) >= CONFIDENCE


def enough(share: float) -> int:
    """How many cases a flawless record needs until its lower bound reaches the share."""
    return math.ceil(math.log(_MISS) / math.log(share)) if share < 1 else 1_000_000


def _where(beyond: Callable[[float], bool]) -> float:
    """The share from which on it holds."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high


def _below(share: float, a: float, b: float) -> float:
    """The chance that a share from the Beta distribution of `a` and `b` is below `share`."""
    if not 0 < share < 1:
        return float(share >= 1)
    if share > (a + 1) / (a + b + 2):
        return 1 - _below(1 - share, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(share) + b * math.log1p(-share)
    return math.exp(log_front) * _fraction(share, a, b) / a


def _fraction(share: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    above, under = 1.0, 1 / _whole(1 - (a + b) * share / (a + 1))
    value = under
    for m in range(1, _MOST_TERMS):
        for term in _terms(m, share, a, b):
            under = 1 / _whole(1 + term * under)
            above = _whole(1 + term / above)
            value *= above * under
        if abs(above * under - 1) < _EXACT:
            break
    return value


def _terms(m: int, share: float, a: float, b: float) -> tuple[float, float]:
    even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
    odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
    return even, odd


def _whole(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
