"""The contract of an inbox: every event once, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import product

import pytest

from bot.core.action import Configure, Later
from bot.core.address import Address
from bot.core.event import Event, MessageDeleted
from bot.core.evidence import Evidence, Record
from bot.core.settlement import Outcome, Verdict
from bot.core.stored import Cursor, Found, Heard, Store
from tests.storage.build import (
    FERN,
    GARDEN,
    GENERAL,
    INSULT,
    MOSS,
    NOON,
    REVIEW,
    Opening,
    ask,
    due,
    edited,
    heard,
    judged,
    posted,
    removal,
    said,
    settle,
)
from tests.storage.vocabulary import EVENTS, EVIDENCE

ODD = {
    "astral": "🌿𝕏\U0010ffff",
    "right to left": "\u202eשלום\u2066 مرحبا\u2029",
    "controls": "\x01\x1b[2J\x7f\x85 ",
    "quotes": """'"`\\ %s :name ? $1 {} --;""",
    "combining": "e" + "\u0301" * 10_000,
    "a megabyte": "4" * 1_000_000,
    "empty": "",
}


class InboxContract:
    """Inherit, and give the fixtures `store` (empty) and `opening` (opens one lasting database again and again)."""

    async def test_an_event_is_accepted_once(self, store: Store) -> None:
        assert await store.accept(heard(posted("1"), posted("2"), posted("1")), None) == [posted("1"), posted("2")]
        assert await store.accept(heard(posted("2"), posted("3"), posted("1")), None) == [posted("3")]
        assert await store.unhandled() == [posted("1"), posted("2"), posted("3")]

    async def test_the_first_of_two_events_with_one_key_is_the_one_that_is_kept(self, store: Store) -> None:
        first, second = posted("1", "first"), posted("1", "second")
        assert await store.accept(heard(first, second), None) == [first]
        assert await store.unhandled() == [first]

    async def test_an_event_heard_many_times_at_once_is_accepted_once(self, store: Store) -> None:
        batches = [heard(posted(str(n)), posted(str((n + 1) % 20))) for n in range(20)]
        accepted = await asyncio.gather(*(store.accept(batch, None) for batch in batches * 3))
        assert sorted(event.id for events in accepted for event in events) == sorted(map(str, range(20)))

    async def test_an_event_is_known_after_a_restart(self, opening: Opening) -> None:
        async with opening() as store:
            await store.accept(heard(posted("1"), posted("2")), None)
            await settle(store, posted("1"), verdict=judged(Outcome.APPROVED))
        async with opening() as store:
            assert await store.accept(heard(posted("1"), posted("2")), None) == []
            assert await store.unhandled() == [posted("2")]

    async def test_two_processes_that_hear_the_same_accept_it_once(self, opening: Opening) -> None:
        async with opening() as one, opening() as other:
            batches = [heard(*(posted(str(n)) for n in range(first, first + 10))) for first in range(0, 100, 5)]
            halves = [store.accept(batch, None) for batch in batches for store in (one, other)]
            accepted = await asyncio.gather(*halves)
            everything = sorted(str(n) for n in range(105))
            assert sorted(event.id for events in accepted for event in events) == everything
            assert sorted(event.id for event in await one.unhandled()) == everything

    async def test_nothing_is_accepted_from_nothing(self, store: Store) -> None:
        assert await store.accept([], None) == []
        assert await store.unhandled() == []

    async def test_a_stream_goes_on_where_it_was_left(self, store: Store) -> None:
        assert await store.position("gateway") == ""
        await store.accept(heard(posted("1")), Cursor("gateway", "7"))
        await store.accept([], Cursor("gateway", "8"))
        await store.accept([], Cursor("history", "1"))
        assert [await store.position(stream) for stream in ("gateway", "history", "")] == ["8", "1", ""]

    async def test_a_cursor_does_not_pass_events_that_could_not_be_stored(self, store: Store) -> None:
        await store.accept([], Cursor("gateway", "7"))
        with pytest.raises(TypeError):
            await store.accept(heard(posted("1"), posted("2", "lone \ud800 surrogate")), Cursor("gateway", "8"))
        assert (await store.position("gateway"), await store.unhandled()) == ("7", [])

    async def test_events_of_different_platforms_may_have_one_id(self, store: Store) -> None:
        elsewhere = posted("1", where=Address("elsewhere", "Fernhill", "general"))
        assert await store.accept(heard(posted("1"), elsewhere), None) == [posted("1"), elsewhere]
        assert await store.message("elsewhere", "1") == Found(event=elsewhere, hash=await _hash(store), verdict=None)

    async def test_what_is_unhandled_comes_in_the_order_it_was_heard(self, store: Store) -> None:
        events = [posted(number) for number in ("9", "10", "1", "b", "a")]
        for event in events:
            await store.accept(heard(event), None)
        await settle(store, events[2])
        assert await store.unhandled() == [events[0], events[1], events[3], events[4]]

    async def test_every_kind_of_event_comes_back_as_it_went_in(self, store: Store) -> None:
        assert await store.accept([Heard(event, b"\0\xff{}") for event in EVENTS], None) == list(EVENTS)
        assert await store.unhandled() == list(EVENTS)

    @pytest.mark.parametrize("text", ODD.values(), ids=ODD)
    async def test_any_text_comes_back_as_it_went_in(self, store: Store, text: str) -> None:
        event = posted("1", text)
        verdict = judged(Outcome.ASKED, replace(INSULT, note=text))
        await settle(store, event, verdict=verdict, reviews=[ask(problem=text)], notes=[said("a")])
        found, case = await store.message("somewhere", "1"), await store.case(1)
        assert found is not None
        assert case is not None
        assert (found.event, found.verdict, case.quote, case.problem) == (event, verdict, text, text)

    async def test_every_verdict_comes_back_as_it_went_in(self, store: Store) -> None:
        evidences = [Evidence(), replace(EVIDENCE, findings=(), note=""), INSULT, EVIDENCE]
        verdicts = [
            Verdict(outcome=outcome, evidence=evidence, would=would)
            for outcome, evidence, would in product(Outcome, evidences, [(), (removal(), removal("2"))])
        ]
        for number, verdict in enumerate(verdicts):
            await settle(store, posted(str(number)), verdict=verdict)
        found = [await store.message("somewhere", str(number)) for number in range(len(verdicts))]
        assert [one and one.verdict for one in found] == verdicts

    async def test_an_event_without_a_verdict_is_handled_too(self, store: Store) -> None:
        await settle(store, posted("1"))
        found = await store.message("somewhere", "1")
        assert found is not None
        assert (found.verdict, await store.unhandled()) == (None, [])

    async def test_settling_again_changes_nothing(self, store: Store) -> None:
        await settle(store, posted("1"), verdict=judged(Outcome.APPROVED), notes=[said("a")])
        await settle(store, posted("1"), verdict=judged(Outcome.APPROVED), notes=[said("a")])
        assert (await store.approved(GENERAL), await due(store)) == (1, ["a"])

    async def test_the_first_verdict_stands(self, store: Store) -> None:
        await settle(store, posted("1"), verdict=judged(Outcome.APPROVED), notes=[said("a")])
        await settle(
            store,
            posted("1"),
            verdict=judged(Outcome.ACTED, INSULT),
            notes=[said("b")],
            reviews=[ask()],
            settings=[Configure(scope="", key="mode", value="auto", by="u")],
            jobs=[Later(job="index", key="1", at=NOON)],
        )
        found = await store.message("somewhere", "1")
        assert found is not None
        assert found.verdict == judged(Outcome.APPROVED)
        assert (await due(store), await store.open_cases(None, 9)) == (["a"], [])
        assert (await store.settings(), await store.next_due()) == ([], None)

    async def test_settling_twice_at_once_is_settling_once(self, store: Store) -> None:
        await store.accept(heard(posted("1")), None)
        twice = [settle(store, posted("1"), verdict=judged(Outcome.APPROVED)) for _ in range(5)]
        await asyncio.gather(*twice)
        assert await store.approved(GENERAL) == 1

    async def test_what_is_approved_is_counted_by_channel(self, store: Store) -> None:
        outcomes = [*Outcome, Outcome.APPROVED]
        for number, outcome in enumerate(outcomes):
            await settle(store, posted(str(number)), verdict=judged(outcome))
        await settle(store, posted("g", where=GARDEN), verdict=judged(Outcome.APPROVED))
        assert [await store.approved(place) for place in (GENERAL, GARDEN, REVIEW)] == [2, 1, 0]

    async def test_what_is_approved_in_a_thread_counts_for_its_channel(self, store: Store) -> None:
        thread = replace(GENERAL, thread="7")
        await settle(store, posted("1", where=thread), verdict=judged(Outcome.APPROVED))
        assert await store.approved(GENERAL) == 1

    async def test_the_newest_revision_of_a_message_is_found(self, store: Store) -> None:
        assert await store.message("somewhere", "1") is None
        versions: list[Event] = [edited(revision=2), posted(), edited(revision=10), edited(revision=3)]
        newest = []
        for version in versions:
            await store.accept(heard(version), None)
            found = await store.message("somewhere", "1")
            newest.append(found.event if found else None)
        assert newest == [versions[0], versions[0], versions[2], versions[2]]

    async def test_only_messages_are_found_as_messages(self, store: Store) -> None:
        await store.accept(heard(*EVENTS[2:]), None)
        assert [await store.message("some/where", number) for number in ("m1", "")] == [None, None]

    async def test_each_revision_has_a_hash_of_its_own(self, store: Store) -> None:
        await store.accept(heard(posted("1"), edited("1")), None)
        await store.accept(heard(posted("2")), None)
        hashes = [await _hash(store, number) for number in ("1", "2")]
        assert len(set(hashes)) == 2
        assert {len(value) for value in hashes} == {64}

    async def test_edits_and_deletions_come_newest_last_up_to_a_limit(self, store: Store) -> None:
        gone = MessageDeleted(id="d", at=NOON, where=GENERAL, who=FERN, message_id="1")
        events: list[Event] = [edited("1", revision=n) for n in (5, 4, 3)]
        await store.accept(heard(posted("1"), *events, gone, posted("2")), None)
        await settle(store, gone)
        assert await store.superseded(2) == [events[2], gone]
        assert await store.superseded(9) == [*events, gone]

    async def test_a_record_counts_what_was_judged_in_one_community(self, store: Store) -> None:
        elsewhere = Address("somewhere", "Fernhill2", "general")
        fates = [Outcome.APPROVED, Outcome.ACTED, Outcome.ACTED, Outcome.ASKED, Outcome.WAITING]
        for number, outcome in enumerate(fates):
            await settle(store, posted(str(number)), verdict=judged(outcome))
        await settle(store, posted("m", who=MOSS), verdict=judged(Outcome.ACTED))
        await settle(store, posted("e", where=elsewhere), verdict=judged(Outcome.ACTED))
        await store.accept(heard(posted("waits"), *EVENTS), None)
        assert await store.record(GARDEN.community, FERN.id) == Record(judged=5, removed=2, asked=1)
        assert await store.record(elsewhere.community, FERN.id) == Record(judged=1, removed=1)
        assert await store.record(GARDEN.community, "nobody") == Record()

    async def test_settings_are_replaced_and_taken_back(self, store: Store) -> None:
        first = Configure(scope="", key="mode", value="semi", by="u-fern")
        other = Configure(scope=str(GENERAL), key="mode", value={"π": [1, 2.5, None, True]}, by="u-fern")
        await settle(store, settings=[first, other])
        assert _by_place(await store.settings()) == [first, other]
        second = replace(first, value=None, by="u-moss")
        await settle(store, settings=[replace(first, value="auto"), second])
        assert _by_place(await store.settings()) == [second, other]

    async def test_settings_outlast_a_restart(self, opening: Opening) -> None:
        change = Configure(scope="", key="mode", value="semi", by="u-fern")
        async with opening() as store:
            await settle(store, settings=[change])
        async with opening() as store:
            assert await store.settings() == [change]


def _by_place(settings: list[Configure]) -> list[Configure]:
    return sorted(settings, key=lambda setting: setting.scope)


async def _hash(store: Store, number: str = "1") -> str:
    found = await store.message("elsewhere", number) or await store.message("somewhere", number)
    assert found is not None
    return found.hash
