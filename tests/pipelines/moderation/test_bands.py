"""Bands from counted evidence: where asking and acting begin, and that they do not where the evidence is thin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.moderation.bands import Aim, Band, Known, Pooled, Standing, aim_of, by_hand, fit, flagged
from pipelines.moderation.bounds import lower, upper
from pipelines.moderation.counts import BINS, Reviewed, Shipped, Tally, bin_of, edge, log_odds, tails, total

MIDDLE, HIGH, TOP = 500, 700, 900


def shipped(positives: Tally, benign: Tally) -> Shipped:
    return Shipped(positives=positives, negatives={100: 1_000}, benign=benign)


# A model that separates well, and chat in which a few ordinary messages score high.
GOOD = shipped({HIGH: 400, TOP: 600}, {100: 99_000, MIDDLE: 900, HIGH: 100})


def toxicity(known: Known, aim: Aim = Aim()) -> Band:  # noqa: B008 - it is frozen
    return fit({"toxicity": known}, aim)["toxicity"]


def test_bins_are_even_in_log_odds_and_their_edges_belong_to_them() -> None:
    assert [bin_of(odds) for odds in (-99, -10, -0.001, 0, 9.999, 99)] == [0, 0, 499, 500, 999, 999]
    assert all(bin_of(log_odds(edge(number))) == number for number in range(1, BINS))
    assert (log_odds(0.0), log_odds(1.0), log_odds(0.5)) == (-10.0, 10.0, 0.0)
    assert tails({1: 2, 3: 4})[:5] == [6, 6, 4, 4, 0]


def test_without_evidence_people_are_asked_and_nobody_acts() -> None:
    assert fit({}, Aim()) == dict.fromkeys(("toxicity", "identity attack", "spam"), Band(doubtful=0.8, sure=None))


def test_acting_begins_at_the_lowest_score_that_the_evidence_vouches_for() -> None:
    band = toxicity(Known(shipped=GOOD))
    assert band.sure == pytest.approx(edge(TOP))
    # 100,000 messages of chat with abuse in one of a hundred: 600 of 1,000 of it lies there, and nothing else.
    found = 100_000 * 0.01 / 0.99 * lower(600, 1_000)
    assert lower(found, found) >= 0.98


def test_how_rare_abuse_is_decides_whether_the_same_evidence_is_enough() -> None:
    chat = shipped({TOP: 1_000}, {100: 99_990, TOP: 10})
    assert toxicity(Known(shipped=chat), Aim(abuse=0.05)).sure is not None
    assert toxicity(Known(shipped=chat), Aim(abuse=0.001)).sure is None


def test_too_little_chat_gives_no_right_to_act() -> None:
    assert toxicity(Known(shipped=shipped({TOP: 1_000}, {100: 5_000}))).sure is None


@pytest.mark.parametrize(("right", "wrong", "acts"), [(148, 0, False), (149, 0, True), (200, 1, False), (236, 1, True)])
def test_a_communitys_own_cases_earn_it_alone(right: int, wrong: int, *, acts: bool) -> None:
    own = Reviewed(right={TOP: right}, wrong={TOP: wrong} if wrong else {})
    assert (toxicity(Known(reviewed=own)).sure is not None) == acts


def test_own_cases_count_more_than_other_peoples_chat() -> None:
    bad = Known(shipped=GOOD, reviewed=Reviewed(right={TOP: 60}, wrong={TOP: 40}))
    assert toxicity(Known(shipped=GOOD)).sure is not None
    assert toxicity(bad).sure is None


def test_what_is_right_only_together_with_better_is_not_acted_on() -> None:
    """Below the middle every second case was wrong; the many right ones above would hide it."""
    own = Reviewed(right={TOP: 5_000, MIDDLE: 20}, wrong={MIDDLE: 20})
    pooled = Pooled.of(Known(reviewed=own), Aim())
    assert lower(pooled.right[MIDDLE], pooled.cases[MIDDLE]) > 0.98
    assert toxicity(Known(reviewed=own)).sure == pytest.approx(edge(TOP))


def test_asking_begins_where_few_enough_ordinary_messages_are_flagged() -> None:
    known = Known(shipped=GOOD)
    band = toxicity(known)
    ordinary, messages = flagged(known, own=True)
    number = bin_of(log_odds(band.doubtful))
    assert upper(ordinary[number], messages) <= 0.003 < upper(ordinary[number - 1], messages)


def test_all_labels_together_keep_the_share_of_alarms() -> None:
    known = dict.fromkeys(("toxicity", "identity attack", "spam", "threat"), Known(shipped=GOOD))
    bands = fit(known, Aim(), ("threat",))
    each = [flagged(known[label], own=False) for label in bands]
    numbers = [bin_of(log_odds(band.doubtful)) for band in bands.values()]
    alarms = [ordinary[number] / messages for (ordinary, messages), number in zip(each, numbers, strict=True)]
    assert sum(alarms) <= 0.003


def test_what_is_ordinary_here_is_learned_from_what_was_passed_here() -> None:
    """Rough talk is ordinary in this community: fewer of its messages are put before its moderators."""
    rough = Known(shipped=GOOD, reviewed=Reviewed(passed={100: 4_000, HIGH: 1_000}))
    calm = Known(shipped=GOOD, reviewed=Reviewed(passed={100: 5_000}))
    assert toxicity(rough).doubtful > edge(HIGH) > toxicity(calm).doubtful == 0.5


def test_experimental_labels_ask_if_wanted_and_never_act() -> None:
    known = dict.fromkeys(("toxicity", "threat"), Known(shipped=GOOD))
    assert "threat" not in fit(known, Aim())
    bands = by_hand(fit(known, Aim(), ("threat",)), None, 0.9)
    assert (bands["threat"].sure, bands["toxicity"].sure) == (None, 0.9)


@pytest.mark.parametrize(
    ("doubtful", "sure", "band"),
    [
        (None, None, Band(doubtful=0.7, sure=0.9)),
        (0.8, None, Band(doubtful=0.8, sure=0.9)),
        (0.95, None, Band(doubtful=0.95, sure=0.95)),
        (None, 0.6, Band(doubtful=0.6, sure=0.6)),
        (0.5, 0.6, Band(doubtful=0.5, sure=0.6)),
    ],
)
def test_what_is_set_by_hand_goes_over_the_evidence(doubtful: float | None, sure: float | None, band: Band) -> None:
    assert by_hand({"toxicity": Band(doubtful=0.7, sure=0.9)}, doubtful, sure) == {"toxicity": band}


def test_a_score_stands_where_its_band_says() -> None:
    band = Band(doubtful=0.8, sure=0.99)
    assert [band.stand(score) for score in (0.79, 0.8, 0.98, 0.99)] == [0, 1, 1, 2]
    assert replace(band, sure=None).stand(1.0) is Standing.DOUBTFUL


def test_a_rare_label_is_taken_to_be_rarer_than_abuse() -> None:
    known = {
        "toxicity": Known(shipped=Shipped(positives={TOP: 50}, negatives={100: 50})),
        "spam": Known(shipped=Shipped(positives={TOP: 5}, negatives={100: 95})),
    }
    assert aim_of("spam", known, Aim(abuse=0.01)).abuse == pytest.approx(0.001)
    assert total(known["spam"].shipped.positives) == 5
