"""The contract of waves: one case for all messages of one, whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.action import AskReview, Decide
from bot.core.event import Author
from bot.core.evidence import Decision
from bot.core.privacy import Member
from bot.core.settlement import Outcome, Settlement
from bot.core.stored import Store
from bot.core.wave import Known, Part, Swell, Wave
from tests.storage.build import (
    FERN,
    GARDEN,
    GENERAL,
    INSULT,
    MOSS,
    NOON,
    RECEIPT,
    ask,
    due,
    edited,
    heard,
    judged,
    posted,
    settle,
)

NAME = "somewhere:1"


def _swelling(number: str, *earlier: str, name: str = NAME, done: Decision | None = None) -> AskReview:
    return replace(ask(number), swell=Swell(wave=name, earlier=earlier, done=done))


async def _joins(store: Store, number: str, *earlier: str, name: str = NAME, done: Decision | None = None) -> None:
    outcome = Outcome.ACTED if done else Outcome.ASKED
    who = Author(f"u{number}", f"U{number}")
    asked = _swelling(number, *earlier, name=name, done=done)
    await settle(store, posted(number, "gifts", who=who), verdict=judged(outcome, INSULT), reviews=[asked])


async def _passes(store: Store, number: str, who: Author = FERN) -> None:
    await settle(store, posted(number, "gifts", who=who), verdict=judged(Outcome.APPROVED))


class WaveContract:
    """Inherit, and give the fixture `store`."""

    async def test_all_messages_of_a_wave_share_one_case_and_its_first_card(self, store: Store) -> None:
        await _passes(store, "1")
        await _passes(store, "2", MOSS)
        await _joins(store, "3", "1", "2")
        keys = await due(store)
        await store.delivered(keys, RECEIPT)
        await _joins(store, "4")
        await _joins(store, "5")
        assert (len(keys), await due(store)) == (1, [])
        case = await store.case(1)
        assert case is not None
        assert await store.case(2) is None
        examples = (("Fern", "gifts"), ("Moss", "gifts"), ("U3", "gifts"))
        assert case.wave == Wave(name=NAME, members=5, messages=5, places=1, examples=examples)
        assert (case.message_id, case.decision) == ("3", None)
        assert await store.wave_case(NAME) == case
        assert await store.open_cases(GENERAL, 9) == [case]
        for number in "12345":
            assert await store.case_about(GENERAL, number) == await store.open_case(GENERAL, number) == case
        assert await store.case_about(GENERAL, "6") is None

    async def test_its_parts_come_back_in_the_order_they_were_heard(self, store: Store) -> None:
        await _passes(store, "1")
        await settle(store, posted("2", "gifts", GARDEN, MOSS), verdict=judged(Outcome.APPROVED))
        await _joins(store, "3", "1", "2")
        assert await store.wave(1) == [
            Part(where=GENERAL, message_id="1", author=FERN),
            Part(where=GARDEN, message_id="2", author=MOSS),
            Part(where=GENERAL, message_id="3", author=Author("u3", "U3")),
        ]
        await settle(store, posted("7"), reviews=[ask("7")])
        assert await store.wave(2) == await store.wave(99) == []

    async def test_a_wave_is_known_by_any_of_its_messages(self, store: Store) -> None:
        assert await store.known_wave(NAME) is None
        await _joins(store, "3")
        # After a restart its name is that of the first message which is remembered.
        await _joins(store, "4", name="somewhere:3")
        known = Known(wave=NAME, decision=None)
        assert [await store.known_wave(name) for name in (NAME, "somewhere:3", "somewhere:4")] == [known] * 3
        assert await store.case(2) is None
        await settle(store, cause="press", decisions=[Decide(case=1, decision=Decision.BAN, by="mo")])
        assert await store.known_wave("somewhere:4") == replace(known, decision=Decision.BAN)

    async def test_what_was_done_already_is_a_closed_case(self, store: Store) -> None:
        await _joins(store, "3", done=Decision.BAN)
        await _joins(store, "4", done=Decision.BAN)
        case = await store.case(1)
        assert case is not None
        assert (case.decision, case.decided_by) == (Decision.BAN, "Parley")
        assert len(await due(store)) == 1
        assert await store.open_cases(None, 9) == []

    async def test_an_open_wave_that_is_acted_on_is_closed_and_what_failed_opens_it(self, store: Store) -> None:
        await _joins(store, "3")
        await _joins(store, "4", done=Decision.REMOVE)
        assert [one and one.decision for one in (await store.case(1),)] == [Decision.REMOVE]
        failed = replace(_swelling("4"), problem="I may not.")
        await settle(store, cause="failed", reviews=[failed])
        case = await store.case(1)
        assert case is not None
        assert (case.decision, case.problem) == (None, "I may not.")

    async def test_what_was_let_pass_before_shares_the_fate_of_the_wave(self, store: Store) -> None:
        for number in ("1", "2"):
            await _passes(store, number)
        await store.settle(Settlement(cause="index", index=9))
        assert len(await store.passages(GENERAL.community, ["gifts"], 9)) == 2
        await _joins(store, "3", "1", done=Decision.REMOVE)
        found = [await store.message("somewhere", number) for number in ("1", "2", "3")]
        outcomes = [one and one.verdict and one.verdict.outcome for one in found]
        assert outcomes == [Outcome.ACTED, Outcome.APPROVED, Outcome.ACTED]
        passages = await store.passages(GENERAL.community, ["gifts"], 9)
        assert [passage.message_id for passage in passages] == ["2"]

    async def test_moderators_decide_what_is_found_of_all_of_it(self, store: Store) -> None:
        for number in ("3", "4"):
            await _joins(store, number)
        await settle(store, cause="leave", decisions=[Decide(case=1, decision=Decision.APPROVE, by="mo")])
        passages = await store.passages(GENERAL.community, ["gifts"], 9)
        assert sorted(passage.message_id for passage in passages) == ["3", "4"]
        assert await store.approved(GENERAL) == 2

    async def test_a_message_of_its_own_case_goes_by_that(self, store: Store) -> None:
        await _joins(store, "3")
        await settle(store, cause="report", reviews=[ask("3", reporter="moss")])
        own, shared = await store.case_about(GENERAL, "3"), await store.wave_case(NAME)
        assert own is not None
        assert shared is not None
        assert (own.number, own.wave, shared.number) == (2, None, 1)

    async def test_what_was_said_lately_comes_back_once_it_was_judged(self, store: Store) -> None:
        await _passes(store, "1")
        await _passes(store, "2")
        await settle(store, edited("2"), verdict=judged(Outcome.APPROVED))
        await store.accept(heard(posted("3")), None)
        assert [each.id for each in await store.lately(NOON, 9)] == ["1", "2", "2r1"]
        assert [each.id for each in await store.lately(NOON, 1)] == ["2r1"]
        assert await store.lately(NOON + timedelta(seconds=1), 9) == []

    async def test_a_wave_stays_as_large_when_one_of_it_is_forgotten(self, store: Store) -> None:
        for number in ("3", "4"):
            await _joins(store, number)
        await store.settle(Settlement(cause="erase", erased=[Member(platform="somewhere", id="u3")]))
        case = await store.wave_case(NAME)
        assert case is not None
        assert case.wave is not None
        assert (case.wave.members, case.wave.messages) == (2, 2)
        assert case.wave.examples == (("a former member", ""), ("U4", "gifts"))
        assert "u3" not in {part.author.id for part in await store.wave(1)}
