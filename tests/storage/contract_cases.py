"""The contract of cases: one for each message, decided once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.core.action import Decide
from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.case import Case
from bot.core.effect import Card
from bot.core.evidence import Decision, Evidence
from bot.core.settlement import Outcome, note
from bot.core.stored import Store
from tests.storage.build import (
    FERN,
    GARDEN,
    GENERAL,
    INSULT,
    LATER,
    NOON,
    RECEIPT,
    REVIEW,
    Opening,
    ask,
    due,
    edited,
    heard,
    judged,
    one_case,
    posted,
    removal,
    said,
    settle,
    timeless,
)


def _case(number: int = 1, message_id: str = "1", where: Address = GENERAL) -> Case:
    """What `ask` opens about a message of `posted`."""
    return Case(
        number=number,
        where=where,
        message_id=message_id,
        event_key=f"somewhere:{message_id}",
        event_hash="",
        author=FERN,
        quote="hello",
        evidence=INSULT,
        opened_at=NOON,
        proposal=(removal(message_id, where),),
        room=REVIEW,
    )


def _decided(case: Case, decision: Decision = Decision.APPROVE, by: str = "mo") -> Case:
    return replace(case, decision=decision, decided_by=by, decided_at=NOON)


def _hashless(case: Case) -> Case:
    assert len(case.event_hash) == 64
    return replace(case, event_hash="")


async def _keys(store: Store) -> list[str]:
    """The keys of cards that were written since the last look."""
    keys = await due(store)
    await store.delivered(keys, RECEIPT)
    return keys


def _decide(number: int = 1, decision: Decision = Decision.APPROVE, by: str = "mo", *keys: str) -> Decide:
    return Decide(case=number, decision=decision, by=by, effects=tuple(said(key).effect for key in keys))


class CaseContract:
    """Inherit, and give the fixtures `store` and `opening`."""

    async def test_a_decision_is_taken_back_while_it_stands(self, store: Store) -> None:
        await settle(
            store, posted(), reviews=[ask()], decisions=[replace(_decide(decision=Decision.BAN), about="somewhere:1")]
        )
        over = replace(_decide(1, Decision.APPROVE, "max", "told"), over=Decision.BAN)
        await _keys(store)
        for wrong in (replace(over, over=Decision.REMOVE), replace(over, over=None)):
            await settle(store, cause=f"{wrong}", decisions=[wrong])
            assert (await one_case(store)).decision is Decision.BAN
        for _ in range(2):
            await settle(store, cause="undo", decisions=[over])
        assert _hashless(await one_case(store)) == _decided(_case(), Decision.APPROVE, "max")
        assert len(await due(store)) == 1
        assert await store.approved(GENERAL) == 0

    async def test_a_question_opens_a_case_with_a_card(self, store: Store) -> None:
        await settle(store, posted(), verdict=judged(Outcome.ASKED, INSULT), reviews=[ask()])
        found = await store.message("somewhere", "1")
        assert found is not None
        assert await one_case(store) == replace(_case(), event_hash=found.hash)
        assert [row.note for row in await store.pending(LATER, (), 9)] == [
            note("case1/somewhere:1", Card(to=REVIEW, case=1))
        ]

    async def test_a_case_is_where_its_message_is(self, store: Store) -> None:
        thread = replace(GENERAL, thread="7")
        await settle(store, posted(where=thread), reviews=[ask(about=GENERAL)])
        assert (await one_case(store)).where == thread

    async def test_a_question_about_an_unknown_message_is_dropped(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask("2")], notes=[said("a")])
        assert (await store.case(1), await due(store)) == (None, ["a"])

    async def test_a_case_is_found_by_number_and_while_open_by_message(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        elsewhere = Address("elsewhere", "Fernhill", "general")
        case = await store.case(1)
        assert [await store.case(number) for number in (0, 2)] == [None, None]
        assert await store.open_case(GENERAL, "1") == await store.open_case(GARDEN, "1") == case
        assert [await store.open_case(GENERAL, "2"), await store.open_case(elsewhere, "1")] == [None, None]
        await settle(store, decisions=[_decide()])
        assert await store.open_case(GENERAL, "1") is None
        assert _hashless(await one_case(store)) == _decided(_case())

    async def test_an_appeal_opens_a_decided_case_again_and_names_who_decided(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await settle(store, decisions=[replace(_decide(decision=Decision.REMOVE), by_id="u:mo")])
        decided = await store.case_about(GENERAL, "1")
        assert decided is not None
        assert (decided.decided_by, decided.decided_by_id, decided.appeal) == ("mo", "u:mo", None)
        appeal = Appeal(reason="a joke", decision=Decision.REMOVE, by="mo", by_id="u:mo")
        await settle(store, reviews=[replace(ask(), appeal=appeal)])
        again = await store.open_case(GENERAL, "1")
        assert again is not None
        assert (again.number, again.appeal) == (1, appeal)
        await settle(store, edited("1"), reviews=[ask()])
        assert (await one_case(store)).appeal is None
        assert await store.case_about(GENERAL, "2") is None

    async def test_a_report_adds_its_reporter_once(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        assert await _keys(store) == ["case1/somewhere:1"]
        for number, reporter in enumerate(("ivy", "moss", "ivy", "")):
            await settle(store, posted(f"r{number}"), reviews=[ask(reporter=reporter)])
        assert _hashless(await one_case(store)) == replace(_case(), reporters=("ivy", "moss"))
        assert await _keys(store) == ["case1/somewhere:r0", "case1/somewhere:r1"]

    async def test_two_reports_in_one_breath_are_both_kept(self, store: Store) -> None:
        await settle(store, posted("1"))
        await asyncio.gather(*(settle(store, reviews=[ask(reporter=f"u{n}")]) for n in range(5)))
        assert sorted((await one_case(store)).reporters) == [f"u{n}" for n in range(5)]

    async def test_reports_to_two_processes_are_all_kept(self, opening: Opening) -> None:
        async with opening() as one, opening() as other:
            await settle(one, posted("1"))
            reports = [settle((one, other)[n % 2], reviews=[ask(reporter=f"{n:02}")]) for n in range(20)]
            await asyncio.gather(*reports)
            # Whoever came second may have used up a number.
            case = await one.case_about(GENERAL, "1")
            assert case is not None
            assert sorted(case.reporters) == [f"{n:02}" for n in range(20)]

    async def test_a_case_asked_about_again_is_left_alone(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await _keys(store)
        await settle(store, posted("2"), reviews=[replace(ask(), evidence=Evidence(), proposal=())])
        assert (_hashless(await one_case(store)), await _keys(store)) == (_case(), [])

    async def test_a_newer_revision_opens_the_case_again(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask(reporter="ivy")])
        await settle(store, decisions=[_decide()])
        await _keys(store)
        newer = replace(ask(), evidence=replace(INSULT, score=0.9), proposal=())
        await settle(store, edited("1", "worse"), reviews=[newer])
        found = await store.message("somewhere", "1")
        assert found is not None
        expected = replace(
            _decided(_case()),
            event_key="somewhere:1r1",
            event_hash=found.hash,
            quote="worse",
            evidence=newer.evidence,
            proposal=(),
            reporters=("ivy",),
            decision=None,
        )
        assert (await one_case(store), await _keys(store)) == (expected, ["case1/somewhere:1r1"])

    async def test_a_report_does_not_open_a_decided_case(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await settle(store, decisions=[_decide()])
        await settle(store, posted("r"), reviews=[ask(reporter="ivy")])
        await settle(store, edited("1"), reviews=[ask(reporter="moss")])
        assert _hashless(await one_case(store)) == replace(_decided(_case()), reporters=("ivy", "moss"))
        assert await store.open_cases(None, 9) == []

    async def test_a_problem_opens_the_case_again_each_time(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await _keys(store)
        for attempt in range(3):
            await settle(store, decisions=[_decide(decision=Decision.REMOVE)])
            assert (await one_case(store)).problem == ""
            await settle(store, cause=f"failed{attempt}", reviews=[ask(problem=f"I may not, {attempt}.")])
            case = await one_case(store)
            assert (case.decision, case.problem) == (None, f"I may not, {attempt}.")
            assert len(await _keys(store)) == 1

    async def test_a_quiet_case_has_no_card_until_it_is_shown(self, store: Store) -> None:
        quiet = replace(ask(), quiet=True)
        await settle(store, posted("1"), reviews=[quiet])
        await settle(store, edited("1"), reviews=[quiet])
        assert (await due(store), (await one_case(store)).card_id) == ([], "")
        await store.card_shown(1, "m-card")
        await settle(store, edited("1", revision=2), reviews=[quiet])
        assert (await due(store), (await one_case(store)).card_id) == (["case1/somewhere:1r2"], "m-card")

    async def test_a_report_shows_a_quiet_case(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[replace(ask(), quiet=True)])
        await settle(store, posted("r"), reviews=[ask(reporter="ivy")])
        assert await due(store) == ["case1/somewhere:r"]

    async def test_a_case_without_a_room_has_no_card(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[replace(ask(), review_room=None)])
        assert (await due(store), (await one_case(store)).room) == ([], None)

    async def test_a_room_that_is_set_later_gets_the_card(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[replace(ask(), review_room=None)])
        await settle(store, posted("r"), reviews=[ask(reporter="ivy")])
        assert (await due(store), (await one_case(store)).room) == (["case1/somewhere:r"], REVIEW)

    async def test_asking_again_for_one_event_shows_one_card(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask(), ask(reporter="ivy"), ask(reporter="moss")])
        assert await due(store) == ["case1/somewhere:1"]

    async def test_a_decision_closes_the_case_and_its_effects_happen(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await _keys(store)
        decided = Decide(case=1, decision=Decision.REMOVE, by="mo", effects=(said("x").effect, removal()))
        await settle(store, posted("press"), decisions=[decided])
        assert _hashless(await one_case(store)) == _decided(_case(), Decision.REMOVE)
        stem = "somewhere:press/case1"
        assert [row.note for row in await store.pending(LATER, (), 9)] == [
            note(f"{stem}/1", removal()),
            note(f"{stem}/0", said("x").effect),
        ]

    async def test_a_second_decision_changes_nothing(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await settle(store, decisions=[_decide(1, Decision.REMOVE, "mo")])
        await _keys(store)
        await settle(store, posted("press"), decisions=[_decide(1, Decision.APPROVE, "ivy", "x"), _decide(7)])
        assert _hashless(await one_case(store)) == _decided(_case(), Decision.REMOVE)
        assert (await due(store), await store.approved(GENERAL)) == ([], 0)

    async def test_of_two_decisions_at_once_one_wins(self, store: Store) -> None:
        await settle(store, posted("1"), reviews=[ask()])
        await _keys(store)
        await _race(store, store)

    async def test_of_decisions_in_two_processes_one_wins(self, opening: Opening) -> None:
        async with opening() as one, opening() as other:
            await settle(one, posted("1"), reviews=[ask()])
            await _keys(one)
            await _race(one, other)

    async def test_an_approved_case_counts_for_its_channel_once(self, store: Store) -> None:
        thread = replace(GENERAL, thread="7")
        await settle(store, posted("1"), verdict=judged(Outcome.WAITING), reviews=[ask()])
        await settle(store, posted("2", where=thread), verdict=judged(Outcome.ASKED), reviews=[ask("2")])
        await settle(store, decisions=[_decide(1), _decide(1), _decide(2)])
        await settle(store, decisions=[_decide(1)])
        assert await store.approved(GENERAL) == 2

    async def test_open_cases_come_reported_ones_first_then_oldest_first(self, store: Store) -> None:
        for number in range(1, 6):
            reporter = "ivy" if number in {3, 5} else ""
            await settle(store, posted(str(number)), reviews=[ask(str(number), reporter=reporter)])
        await settle(store, decisions=[_decide(2)])
        assert [case.number for case in await store.open_cases(None, 9)] == [3, 5, 1, 4]
        assert [case.number for case in await store.open_cases(None, 3)] == [3, 5, 1]
        assert [_hashless(timeless(case)) for case in await store.open_cases(None, 1)] == [
            replace(_case(3, "3"), reporters=("ivy",))
        ]

    async def test_open_cases_are_those_at_or_below_a_place(self, store: Store) -> None:
        places = [
            Address("p", "s", "c"),
            Address("p", "s", "c", "t"),
            Address("p", "s", "c2"),
            Address("p", "s2", "c"),
            Address("p", "%", "c"),
            Address("p", "_", "c"),
            Address("p2", "s", "c"),
        ]
        for number, place in enumerate(places, 1):
            await settle(store, posted(str(number), where=place), reviews=[ask(str(number), place)])
        below = {
            None: "1234567",
            Address("p"): "123456",
            Address("p", "s"): "123",
            Address("p", "s", "c"): "12",
            Address("p", "s", "c", "t"): "2",
            Address("p", "%"): "5",
            Address("p", "_"): "6",
            Address("p", "s/c"): "",
            Address("P"): "",
        }
        assert {under: await _numbers(store, under) for under in below} == below

    async def test_cases_outlast_a_restart(self, opening: Opening) -> None:
        async with opening() as store:
            await settle(store, posted("1"), reviews=[ask()])
            before = await store.open_cases(None, 9)
        async with opening() as store:
            assert await store.open_cases(None, 9) == before


async def _numbers(store: Store, under: Address | None) -> str:
    return "".join(str(case.number) for case in await store.open_cases(under, 99))


async def _race(one: Store, other: Store) -> None:
    """Decide the case ten times at once; then one decision stands, and only its effect will happen."""
    await one.accept(heard(*(posted(f"press{n}") for n in range(10))), None)
    presses = [
        settle((one, other)[n % 2], posted(f"press{n}"), decisions=[_decide(1, Decision.REMOVE, f"mo{n}", "x")])
        for n in range(10)
    ]
    await asyncio.gather(*presses)
    winner = (await one_case(one)).decided_by.removeprefix("mo")
    assert await due(one) == [f"somewhere:press{winner}/case1/0"]
