"""Learning from moderators: what is counted, what the head learns, and what it would have done with unseen cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.evidence import Decision
from bot.core.learning import Calibrated, Label
from pipelines.moderation.bands import Band
from pipelines.moderation.bounds import lower
from pipelines.moderation.calibration import Calibration, Learned, base, calibrate, usable, version
from pipelines.moderation.counts import Reviewed, bin_of
from pipelines.moderation.earned import Book, earned_with, entry
from pipelines.moderation.head import Head, learn
from pipelines.moderation.opinion import Earned
from pipelines.moderation.settings import ModerationSettings
from pipelines.moderation.trial import area, flagged, held_out, now
from tests.pipelines.build import policy
from tests.pipelines.fakes import NOON, House
from tests.pipelines.moderation.learned import COMMUNITY, decided, rough_room

BEFORE = Earned(bands={"toxicity": Band(doubtful=0.8, sure=None)}, version="model-1")


def learned(cases: list[Label]) -> Learned:
    return calibrate(cases, {}, lambda case: flagged(case, BEFORE))


def test_decisions_are_counted_by_score_and_label() -> None:
    cases = [decided(1, 4.0), decided(2, 4.0, Decision.APPROVE), decided(3, 5.0, Decision.WARN)]
    found = calibrate(cases, {7: 3}, lambda _: True)
    right, wrong = {bin_of(4.0): 1, bin_of(5.0): 1}, {bin_of(4.0): 1}
    assert found.reviewed["toxicity"] == Reviewed(right=right, wrong=wrong, passed={7: 3})
    assert found.reviewed["insult"].right == {bin_of(-2.0): 2}
    assert found.head is None


def test_checks_of_passed_messages_say_nothing_about_flagging() -> None:
    found = calibrate([decided(1, 1.0, audit="passed"), decided(2, 4.0, audit="acted")], {}, lambda _: True)
    assert found.reviewed["toxicity"].right == {bin_of(4.0): 1}


def test_only_cases_of_this_model_are_usable_in_an_order_of_their_own() -> None:
    mine = [decided(number, 1.0) for number in range(9)]
    calibrated = replace(decided(9, 1.0), model="model-1+calibration 4")
    others = [replace(decided(10, 1.0), model="model-2"), replace(decided(11, 1.0), features=())]
    found = usable([*mine, calibrated, *others], "model-1")
    assert sorted(found, key=lambda case: case.at) == [*mine, calibrated]
    assert found == usable([*others, calibrated, *reversed(mine)], "model-1")


def test_a_version_names_the_model_and_the_calibration() -> None:
    assert [version("m", 0), version("m", 3), base("m"), base("m+calibration 3")] == ["m", "m+calibration 3", "m", "m"]


def test_what_was_learned_outlasts_the_store() -> None:
    found = learned(rough_room(120))
    assert Learned.load(found.dump()) == found
    row = Calibrated(community=COMMUNITY, model="model-1", content=found.dump(), at=NOON, number=7)
    assert Calibration.read(row) == Calibration(model="model-1", number=7, learned=found)


def test_the_head_learns_what_the_score_alone_does_not_tell() -> None:
    cases = rough_room(200)
    before = now(cases, BEFORE)
    after = held_out(cases, lambda rest: earned_with(ModerationSettings(), {}, "model-1", learned(list(rest))))
    assert before.area is not None
    assert after.area is not None
    assert before.area < 0.65
    assert after.area > 0.99
    assert (before.alone.cases, after.cases) == (0, 200)


def test_enough_own_cases_let_the_head_act_and_its_objection_asks() -> None:
    found = earned_with(ModerationSettings(), {}, "model-1", learned(rough_room(600)))
    assert found.head is not None
    assert found.head_sure is not None
    kind, rude = decided(1, 5.0, swearing=1.0), decided(2, 5.0)
    assert found.head.chance(kind.features) < 0.5 < found.head_sure <= found.head.chance(rude.features)


def test_too_few_of_one_kind_teach_no_head() -> None:
    cases = [decided(number, 4.0) for number in range(60)]
    fine = [decided(100 + number, 4.0, Decision.APPROVE) for number in range(9)]
    assert learned([*cases, *fine]).head is None
    assert learned([*cases, *fine, decided(200, 4.0, Decision.APPROVE)]).head is not None


def test_few_cases_are_not_sure() -> None:
    own = Calibration(model="model-1", learned=learned(rough_room(100)))
    assert own.learned.head is not None
    assert own.head_sure(0.98) is None
    assert lower(60, 60) < 0.98


def test_the_head_is_the_optimum_of_its_loss() -> None:
    cases = rough_room(80)
    head = learn([case.features for case in cases], [case.abuse for case in cases])
    assert abs(sum(head.chance(case.features) - case.abuse for case in cases)) < 1e-3
    assert Head(weights={}, bias=0.0).chance(cases[0].features) == 0.5


def test_the_area_counts_ties_half() -> None:
    assert area([(1.0, True), (0.0, False), (1.0, False)]) == 0.75
    assert area([(1.0, True)]) is None


def test_a_calibration_for_another_model_counts_nothing() -> None:
    own = Calibration(model="model-0", number=3, learned=learned(rough_room(600)))
    found = entry(ModerationSettings(), {}, "model-1", own).earned
    assert (found.version, found.head) == ("model-1", None)


async def test_a_setting_chooses_the_calibration_and_verdicts_name_it() -> None:
    content = learned(rough_room(600)).dump()
    house = House(learned=[Calibrated(community=COMMUNITY, model="model-1", content=content, at=NOON, number=7)])
    book = Book(calibration=house.calibration)
    chosen = [await book.at(policy(calibration=number), "model-1") for number in (0, 7, 8)]
    assert [found.version for found in chosen] == ["model-1", "model-1+calibration 7", "model-1"]
    assert await book.at(policy(calibration=7), "model-1") is chosen[1]


@pytest.mark.parametrize("precision", [0.9, 0.98])
def test_the_precision_asked_for_decides_how_many_cases_are_enough(precision: float) -> None:
    own = Calibration(model="model-1", learned=learned(rough_room(130)))
    assert (own.head_sure(precision) is not None) == (precision == 0.9)
