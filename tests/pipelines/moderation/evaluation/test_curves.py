from __future__ import annotations

import numpy as np
import pytest

from pipelines.moderation.evaluation.curves import (
    Bin,
    Column,
    Flags,
    calibration_error,
    curves,
    interval,
    recall_at,
    reliability,
    threshold,
)
from pipelines.moderation.learn import Floats
from pipelines.moderation.measured import Share

# Of the six pairs of abuse and harmless message, one is the wrong way round and one is a tie: 4.5 of 6.
SCORES = np.array([0.9, 0.4, 0.4, 0.6, 0.1])
ABUSE = np.array([True, True, False, False, False])


def test_areas_are_those_found_by_hand() -> None:
    found = curves(SCORES, ABUSE)
    assert found.area == pytest.approx(4.5 / 6)
    # 1 of 1 at the first half of the recall, 2 of 4 at the second.
    assert found.precision == pytest.approx((1 + 2 / 4) / 2)


def test_an_area_from_few_messages_lies_within_wide_bounds() -> None:
    # By hand: (0.0956 + 50 * 0.00924 + 57 * 0.0451) / (51 * 58) is the square of 0.0325.
    low, high = interval(0.893, 51, 58)
    assert (high - low) / 2 / 1.645 == pytest.approx(0.0325, abs=1e-4)
    assert (high + low) / 2 == pytest.approx(0.893)
    assert interval(1.0, 5, 5) == (1.0, 1.0)
    wide, narrow = interval(0.9, 10, 10), interval(0.9, 10_000, 10_000)
    assert wide[0] < narrow[0] < 0.9 < narrow[1] < wide[1]


def test_curves_pass_through_every_score() -> None:
    found = curves(SCORES, ABUSE)
    assert found.roc == [(0, 0), (0, 0.5), (1 / 3, 0.5), (2 / 3, 1), (1, 1)]
    assert found.precisions == [(0.5, 1), (0.5, 0.5), (1, 0.5), (1, 0.4)]


def test_curves_of_many_messages_stay_small_and_keep_their_ends() -> None:
    source = np.random.default_rng(1)
    abuse = source.random(20_000) < 0.3
    found = curves(np.clip(source.normal(0.4 + 0.2 * abuse, 0.15), 0, 1), abuse)
    assert len(found.roc) <= 301
    assert (found.roc[0], found.roc[-1]) == ((0, 0), (1, 1))
    # The area under the thinned points is that of all of them.
    x, y = np.array(found.roc).T
    assert np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) == pytest.approx(found.area, abs=0.001)


def test_calibration_compares_promised_and_seen_shares() -> None:
    scores = np.array([0.125, 0.1875, 0.75, 0.75, 0.75, 1.0])
    abuse = np.array([False, False, True, True, False, True])
    bins = reliability(scores, abuse)
    assert bins == [
        Bin(low=0.1, high=0.2, mean=0.15625, abuse=Share(0, 2)),
        Bin(low=0.7, high=0.8, mean=0.75, abuse=Share(2, 3)),
        Bin(low=0.9, high=1.0, mean=1.0, abuse=Share(1, 1)),
    ]
    assert calibration_error(bins) == pytest.approx((2 * 0.15625 + 3 * (0.75 - 2 / 3)) / 6)


def test_scores_that_are_chances_have_hardly_any_error() -> None:
    source = np.random.default_rng(2)
    scores = source.random(50_000)
    assert calibration_error(reliability(scores, source.random(50_000) < scores)) < 0.01
    assert calibration_error(reliability(scores, source.random(50_000) < scores / 2)) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(("rate", "least", "recall"), [(0.0, 0.6, 0.5), (0.3, 0.6, 0.5), (0.34, 0.4, 0.5), (1, 0.1, 1)])
def test_no_more_harmless_messages_exceed_the_threshold_than_allowed(rate: float, least: float, recall: float) -> None:
    assert threshold(SCORES, ABUSE, rate) == least
    assert (SCORES[~ABUSE] > least).mean() <= rate
    assert recall_at(SCORES, ABUSE, rate) == recall


def test_recalls_are_told_only_where_the_share_is_a_message() -> None:
    scores, abuse = np.linspace(0, 1, 101), np.arange(101) > 99
    assert [rate for rate, _ in curves(scores, abuse).recalls] == [0.1, 0.01]


@pytest.mark.parametrize(("abuse", "error"), [(np.array([True, True]), 0.45), (np.array([False, False]), 0.55)])
def test_one_kind_of_message_has_no_curves(abuse: Flags, error: float) -> None:
    found = curves(np.array([0.2, 0.9]), abuse)
    assert (found.area, found.area_within, found.precision, found.recalls) == (None, None, None, [])
    assert (found.roc, found.precisions) == ((), ())
    assert found.error == pytest.approx(error)


def test_columns_count_every_message_once() -> None:
    scores: Floats = np.array([0.0, 0.02, 0.5, 1.0])
    columns = curves(scores, np.array([False, True, False, True])).columns
    assert [column for column in columns if column.harmless or column.abuse] == [
        Column(low=0.0, high=0.05, harmless=1, abuse=1),
        Column(low=0.5, high=0.55, harmless=1, abuse=0),
        Column(low=0.95, high=1.0, harmless=0, abuse=1),
    ]
