"""The contract of learning: decisions are kept with what the machine saw, and calibrations never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.action import Decide
from bot.core.evidence import Decision, Evidence
from bot.core.learning import Calibrated, Label
from bot.core.settlement import Outcome
from bot.core.stored import Store
from tests.storage.build import GENERAL, INSULT, NOON, ask, edited, judged, posted, settle

SEEN = replace(INSULT, model="m1", features=(("toxicity", 1.5), ("text.words", 0.2)))
COMMUNITY = GENERAL.community


def _label(number: str = "1", decision: Decision = Decision.REMOVE, audit: str = "") -> Label:
    return Label(
        event_key=f"somewhere:{number}",
        community=str(COMMUNITY),
        model="m1",
        features=SEEN.features,
        decision=decision,
        audit=audit,
        at=NOON,
    )


def _calibrated(content: str = "{}", community: str = str(COMMUNITY)) -> Calibrated:
    return Calibrated(community=community, model="m1", content=content, at=NOON)


async def _asked(store: Store, number: str, evidence: Evidence = SEEN) -> None:
    await settle(store, posted(number), reviews=[replace(ask(number), evidence=evidence)])


async def _decided(store: Store, case: int, decision: Decision) -> None:
    await settle(store, cause=f"press{case}{decision}", decisions=[Decide(case=case, decision=decision, by="mo")])


async def _timeless(store: Store) -> list[Label]:
    return sorted((replace(label, at=NOON) for label in await store.labels(COMMUNITY)), key=lambda one: one.event_key)


class LearningContract:
    """Inherit, and give the fixture `store`."""

    async def test_a_decision_is_kept_with_what_the_machine_saw(self, store: Store) -> None:
        for number, decision in enumerate((Decision.REMOVE, Decision.APPROVE, Decision.WARN), 1):
            await _asked(store, str(number))
            await _decided(store, number, decision)
        labels = await _timeless(store)
        assert labels == [_label("1"), _label("2", Decision.APPROVE), _label("3", Decision.WARN)]
        assert [label.abuse for label in labels] == [True, False, True]
        assert await store.taught() == [COMMUNITY]
        assert await store.labels(replace(COMMUNITY, space="Elsewhere")) == []

    async def test_only_the_first_decision_counts(self, store: Store) -> None:
        await _asked(store, "1")
        await _decided(store, 1, Decision.APPROVE)
        await _decided(store, 1, Decision.REMOVE)
        assert await _timeless(store) == [_label("1", Decision.APPROVE)]

    async def test_a_decision_that_is_taken_back_teaches_the_opposite(self, store: Store) -> None:
        await _asked(store, "1")
        await _decided(store, 1, Decision.REMOVE)
        back = Decide(case=1, decision=Decision.APPROVE, by="max", over=Decision.REMOVE)
        await settle(store, cause="undo", decisions=[back])
        assert await _timeless(store) == [_label("1", Decision.APPROVE)]

    async def test_a_case_that_no_machine_judged_or_that_went_away_says_nothing(self, store: Store) -> None:
        await _asked(store, "1", INSULT)
        await _decided(store, 1, Decision.REMOVE)
        await _asked(store, "2")
        await _decided(store, 2, Decision.GONE)
        assert (await store.labels(COMMUNITY), await store.taught()) == ([], [])

    async def test_each_revision_has_its_own_label(self, store: Store) -> None:
        await _asked(store, "1")
        await _decided(store, 1, Decision.APPROVE)
        await settle(store, edited("1"), reviews=[replace(ask("1"), evidence=SEEN)])
        await _decided(store, 1, Decision.REMOVE)
        assert await _timeless(store) == [_label("1", Decision.APPROVE), _label("1r1")]

    async def test_checks_are_counted_when_they_are_shown_and_say_something_when_decided(self, store: Store) -> None:
        since = NOON - timedelta(days=36_500)
        await _asked(store, "1", replace(SEEN, audit="passed"))
        await _asked(store, "2")
        assert (await store.audits(COMMUNITY, since), await store.labels(COMMUNITY)) == (1, [])
        await _decided(store, 1, Decision.APPROVE)
        assert await _timeless(store) == [_label("1", Decision.APPROVE, "passed")]
        assert await store.audits(COMMUNITY, since) == 1
        assert await store.audits(COMMUNITY, NOON + timedelta(days=36_500)) == 0

    async def test_calibrations_are_kept_as_they_were_made(self, store: Store) -> None:
        numbers = [
            await store.keep(_calibrated("a")),
            await store.keep(_calibrated("b", "else/where")),
            await store.keep(_calibrated("c")),
        ]
        assert numbers == sorted(set(numbers))
        first, last = (
            replace(_calibrated(content), number=number) for content, number in (("a", numbers[0]), ("c", numbers[2]))
        )
        assert await store.calibrations(COMMUNITY) == [first, last]
        assert (await store.calibration(numbers[0]), await store.calibration(10_000)) == (first, None)

    async def test_passed_scores_are_those_of_the_same_model_newest_first(self, store: Store) -> None:
        for number, (model, score, outcome) in enumerate(
            [
                ("m1", 0.1, Outcome.APPROVED),
                ("m1+calibration 3", 0.2, Outcome.APPROVED),
                ("m2", 0.3, Outcome.APPROVED),
                ("m1", 0.4, Outcome.ASKED),
            ]
        ):
            evidence = Evidence(score=score, model=model)
            await settle(store, posted(str(number)), verdict=judged(outcome, evidence))
        assert await store.passed(COMMUNITY, "m1", 9) == [0.2, 0.1]
        assert await store.passed(COMMUNITY, "m1", 1) == [0.2]
