"""Exact bounds of shares, against closed forms and published values."""

from __future__ import annotations

import math

import pytest

from pipelines.moderation.bounds import at_least, at_most, enough, lower, upper
from pipelines.moderation.isotonic import rising


@pytest.mark.parametrize("cases", [1, 10, 149, 18_000])
def test_a_flawless_record_vouches_for_the_root_of_what_may_be_missed(cases: int) -> None:
    assert lower(cases, cases) == pytest.approx(0.05 ** (1 / cases), abs=1e-8)
    assert upper(0, cases) == pytest.approx(1 - 0.05 ** (1 / cases), abs=1e-8)


def test_the_bounds_are_those_of_the_binomial_distribution() -> None:
    """At the lower bound, so many hits or more come up in one of twenty samples."""
    for hits, cases in ((3, 10), (45, 50), (7, 200)):
        low, high = lower(hits, cases), upper(hits, cases)
        tail = sum(math.comb(cases, k) * low**k * (1 - low) ** (cases - k) for k in range(hits, cases + 1))
        head = sum(math.comb(cases, k) * high**k * (1 - high) ** (cases - k) for k in range(hits + 1))
        assert [tail, head] == pytest.approx([0.05, 0.05], abs=1e-6)


def test_nothing_seen_vouches_for_nothing() -> None:
    assert (lower(0, 0), upper(0, 0), lower(0, 9), upper(9, 9)) == (0.0, 1.0, 0.0, 1.0)
    assert not at_least(0, 0, 0.1)


@pytest.mark.parametrize(("right", "cases"), [(148, 149), (149, 149), (235, 236), (980, 1000), (99.5, 100)])
def test_asking_about_a_share_agrees_with_the_bound(right: float, cases: float) -> None:
    for share in (0.9, 0.97, 0.98, 0.99):
        assert at_least(right, cases, share) == (lower(right, cases) >= share)
        assert at_most(cases - right, cases, 1 - share) == (upper(cases - right, cases) <= 1 - share)


def test_what_is_enough_is_just_enough() -> None:
    for share in (0.5, 0.9, 0.98, 0.999):
        assert lower(enough(share), enough(share)) >= share > lower(enough(share) - 1, enough(share) - 1)


def test_chances_never_fall_and_keep_their_mean() -> None:
    right, cases = [0.0, 3, 1, 5, 0, 9, 10], [4.0, 4, 4, 6, 0, 10, 10]
    chances = rising(right, cases)
    assert chances == sorted(chances)
    assert sum(chance * seen for chance, seen in zip(chances, cases, strict=True)) == pytest.approx(sum(right))
    assert chances[1:3] == [0.5, 0.5]


def test_a_bin_without_cases_knows_what_lies_below_it() -> None:
    assert rising([0, 0, 2, 0, 2], [0, 2, 4, 0, 2]) == [0.0, 0.0, 0.5, 0.5, 1.0]
