"""Chances that never fall as the score rises: isotonic regression by pooling neighbours."""

from __future__ import annotations

from collections.abc import Sequence


def rising(right: Sequence[float], cases: Sequence[float]) -> list[float]:
    """The rising shares nearest to `right` of `cases` in each bin, by weighted least squares (Ayer et al. 1955).

    A bin without cases has the share of the bins below it; 0 where there are none.
    """
    pools: list[tuple[float, float, int]] = []
    for hits, seen in zip(right, cases, strict=True):
        pool = (hits, seen, 1)
        while pools and _share(pools[-1]) >= _share(pool):
            hits_below, seen_below, bins_below = pools.pop()
            pool = (hits_below + pool[0], seen_below + pool[1], bins_below + pool[2])
        pools.append(pool)
    return [_share(pool) for pool in pools for _ in range(pool[2])]


def _share(pool: tuple[float, float, int]) -> float:
    hits, seen, _ = pool
    return hits / seen if seen > 0 else 0.0
