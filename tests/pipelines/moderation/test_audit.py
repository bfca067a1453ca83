"""Checks drawn at random: which, how many a day, what they measure, and what follows when they say it got worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import AskReview, Configure, Judged, Outlet
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.evidence import Decision
from bot.core.learning import Label
from bot.core.stored import Job
from pipelines.moderation.adopt import adopt, adopted
from pipelines.moderation.audit import Lot, day_of
from pipelines.moderation.commands import AUDIT, BANDS
from pipelines.moderation.drift import Drift
from pipelines.moderation.earned import Book
from pipelines.moderation.measured import Measured, Share
from pipelines.moderation.pipeline import Moderation
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import Mode
from pipelines.moderation.showing import Showing
from tests.pipelines.build import LOBBY, MO, OFFICE, all_of, asked, policy, said, toxic
from tests.pipelines.fakes import NOON, House, Opinion
from tests.pipelines.moderation.learned import decided

ALWAYS: Mapping[str, object] = {"audit_rate": 1, "audit_rate_acted": 1}
CALM = "have a look at the garden, everyone"
RUDE = "you idiot"
CHECK_PASSED = "A check, drawn at random: nothing was found here. Approve says that was right; remove takes it away."
CHECK_ACTED = (
    "A check, drawn at random: I removed this by myself. Remove says that was right; approve, that it was not."
)


async def checks(text: str, changed: Mapping[str, object], house: House | None = None) -> list[AskReview]:
    level = policy(**changed)
    moderation = Moderation(lambda _: level, Opinion(toxic(0.1)))
    actions = await all_of(moderation(said(text), (house or House()).context))
    (verdict,) = (action for action in actions if isinstance(action, Judged))
    assert verdict.evidence.audit == ""
    return [action for action in actions if isinstance(action, AskReview)]


def acted(right: int, wrong: int, first: int = 0) -> list[Label]:
    kinds = [Decision.REMOVE] * right + [Decision.APPROVE] * wrong
    return [decided(first + number, 5.0, kind, audit="acted") for number, kind in enumerate(kinds)]


async def test_a_check_of_a_passed_message_says_so_and_keeps_what_the_model_saw() -> None:
    (check,) = await checks(CALM, ALWAYS)
    assert (check.about, check.message_id, check.review_room, check.proposal) == (LOBBY, "m1", OFFICE, ())
    assert (check.evidence.note, check.evidence.audit) == (CHECK_PASSED, "passed")
    assert check.evidence.features[0] == ("toxicity", -2.1972)


async def test_a_check_of_what_was_acted_on_says_so() -> None:
    (check,) = await checks(RUDE, {**ALWAYS, "mode": Mode.AUTO})
    assert (check.evidence.note, check.evidence.audit) == (CHECK_ACTED, "acted")


@pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.SHADOW])
async def test_where_nothing_is_decided_nothing_is_checked(mode: Mode) -> None:
    assert await checks(CALM, {**ALWAYS, "mode": mode}) == []


async def test_what_moderators_are_asked_about_anyway_is_no_check() -> None:
    assert await checks(RUDE, ALWAYS) == []


@pytest.mark.parametrize("text", [CALM, RUDE])
async def test_checks_can_be_switched_off(text: str) -> None:
    assert await checks(text, {"mode": Mode.AUTO, "audit_rate": 0, "audit_rate_acted": 0}) == []


async def test_moderators_are_not_flooded_with_checks() -> None:
    assert len(await checks(CALM, ALWAYS, House(checks=4))) == 1
    assert await checks(CALM, ALWAYS, House(checks=5)) == []
    assert day_of(NOON) == NOON - timedelta(hours=12)


async def test_a_picture_is_no_check_of_words() -> None:
    assert await checks("", ALWAYS) == []
    assert await checks("🎉", ALWAYS) == []


def test_lots_are_the_same_for_ever_and_spread_evenly() -> None:
    level = policy(mode=Mode.AUTO, audit_rate=0.1, audit_rate_acted=0.3).settings
    lots = [Lot.of(f"test:{number}") for number in range(10_000)]
    assert Lot.of("test:1").number == pytest.approx(0.05595, abs=1e-5)
    assert 900 < sum(lot.drawn(level, Outlet.CLEAR) == "passed" for lot in lots) < 1_100
    assert 2_800 < sum(lot.drawn(level, Outlet.LIVE) == "acted" for lot in lots) < 3_200
    assert not any(lot.drawn(level, Outlet.REVIEW) for lot in lots)
    assert all(lot.may_be_drawn(level) for lot in lots if lot.drawn(level, Outlet.LIVE))


def test_checks_measure_what_was_wrong_and_what_was_missed() -> None:
    passed = [decided(100 + n, 0.0, kind, audit="passed") for n, kind in enumerate([Decision.APPROVE] * 9)]
    missed = decided(200, 0.0, Decision.REMOVE, audit="passed")
    other = [decided(300, 5.0), decided(301, 5.0, Decision.APPROVE)]
    measured = Measured.of([*acted(18, 2), *passed, missed, *other])
    assert (measured.wrong, measured.missed, measured.right) == (Share(2, 20), Share(1, 10), Share(18, 20))
    assert measured.wrong.low < 0.1 < measured.wrong.high
    assert Measured.of(acted(18, 2), NOON + timedelta(minutes=19)).wrong == Share(1, 1)


@pytest.mark.parametrize(
    ("right", "wrong", "drifted"),
    [(9, 0, False), (6, 3, False), (8, 2, True), (19, 1, False), (149, 0, False), (148, 1, True), (235, 1, False)],
)
def test_auto_mode_is_left_when_it_is_worse_than_promised(right: int, wrong: int, *, drifted: bool) -> None:
    assert Measured.of(acted(right, wrong)).drifted(0.98) == drifted


async def test_drift_lets_people_decide_and_tells_them_once() -> None:
    levels = {"mode": Mode.AUTO}
    house = House(decided=acted(7, 3))
    drift = Drift(lambda _: policy(**levels), lambda _: ["test/home", "test/home/lobby"])
    job = Job(name="moderation.measure", key="test/home|2030-01-01T13")
    actions = await all_of(drift.measure(job, house.context))
    reason = "7 of 10 checks of what I did by myself were right, which vouches for 39.3%; asked for are 98.0%"
    assert actions == [
        Configure(scope="test/home", key="moderation.mode", value="semi", by=f"parley: {reason}"),
        Configure(scope="test/home/lobby", key="moderation.mode", value="semi", by=f"parley: {reason}"),
        Configure(scope="test/home", key="moderation.measured_since", value=NOON.isoformat(), by="parley"),
        Post(to=OFFICE, text=actions[-1].text if isinstance(actions[-1], Post) else ""),
    ]
    assert isinstance(actions[-1], Post)
    assert actions[-1].text.startswith("I ask you again before I act: 7 of 10 checks")


@pytest.mark.parametrize(
    ("settings", "scopes", "right"),
    [
        ({"measured_since": "2031-01-01T00:00:00Z"}, ["test/home"], 7),
        ({}, [], 7),
        ({"precision": 0.5}, ["test/home"], 27),
    ],
    ids=["set back by moderators", "nobody acts", "good enough"],
)
async def test_nothing_changes_where_there_is_nothing_to_say(
    settings: dict[str, object], scopes: list[str], right: int
) -> None:
    drift = Drift(lambda _: policy(**settings), lambda _: scopes)
    job = Job(name="moderation.measure", key="test/home|2030-01-01T13")
    assert await all_of(drift.measure(job, House(decided=acted(right, 3)).context)) == []


async def test_a_calibration_made_beside_a_running_parley_is_taken_over() -> None:
    chosen, later = adopted(Address("test", "home"), 7, NOON)
    assert chosen == Configure(scope="test/home", key="moderation.calibration", value=7, by="parley calibrate")
    assert await all_of(adopt(Job(name=later.job, key=later.key), House().context)) == [chosen]


def showing(level: Policy, model: Opinion | None = None) -> Showing:
    return Showing(lambda _: level, model, Book())


async def test_moderators_read_how_often_checks_were_wrong() -> None:
    (post,) = await all_of(showing(policy()).audit(asked(AUDIT.name), House(decided=acted(9, 1)).context))
    assert post == Post(
        to=LOBBY,
        whisper_to=MO.id,
        text=(
            "Checks that you decided: Of what I removed by myself, 1 of 10 (0.5% to 39.4%, with 90 % confidence) "
            "should have stayed. Of what I let pass, none was decided, so I do not know how much should have gone."
        ),
    )


async def test_moderators_read_the_bands_and_why() -> None:
    (post,) = await all_of(showing(policy(), Opinion(toxic(0.0))).bands(asked(BANDS.name), House().context))
    assert isinstance(post, Post)
    assert "- **toxicity** 0.8 / –: asks: nothing was counted for this model" in post.text.replace("\\", "")
    assert post.text.endswith("model `model-1`")


async def test_bands_are_not_for_members() -> None:
    open_room = House(can=replace(House().can, ephemeral=False))
    shown = await all_of(showing(policy(), Opinion(toxic(0.0))).bands(asked(BANDS.name), open_room.context))
    assert [action.to for action in shown if isinstance(action, Post)] == [OFFICE, LOBBY]
    nowhere = await all_of(showing(policy(review_room="")).audit(asked(AUDIT.name), open_room.context))
    assert [action.text[:9] for action in nowhere if isinstance(action, Post)] == ["I say tha"]


async def test_without_a_model_there_are_no_bands() -> None:
    (post,) = await all_of(showing(policy()).bands(asked(BANDS.name), House().context))
    assert isinstance(post, Post)
    assert post.text.startswith("No model takes part here")
