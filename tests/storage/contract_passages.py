"""The contract of the search index: approved messages are found, and what is gone is not."""

from __future__ import annotations

from bot.core.action import Decide
from bot.core.address import Address
from bot.core.event import Event, MessageDeleted
from bot.core.evidence import Decision
from bot.core.settlement import Outcome, Settlement
from bot.core.stored import Store
from tests.storage.build import FERN, GARDEN, GENERAL, INSULT, NOON, ask, edited, heard, judged, posted, settle

APPROVED = judged(Outcome.APPROVED)


async def approved(store: Store, *events: Event) -> None:
    for event in events:
        await settle(store, event, verdict=APPROVED)


async def index(store: Store, limit: int = 100) -> None:
    await store.settle(Settlement(cause="test", index=limit))


async def found(store: Store, *words: str, community: Address = GENERAL.community) -> list[str]:
    return [passage.message_id for passage in await store.passages(community, words, 9)]


def gone(message_id: str) -> MessageDeleted:
    return MessageDeleted(id=f"{message_id}gone", at=NOON, where=GENERAL, who=FERN, message_id=message_id)


class PassageContract:
    """Inherit, and give the fixture `store`."""

    async def test_approved_messages_are_found_by_any_word_best_first(self, store: Store) -> None:
        await approved(store, posted("1", "the oak is old"), posted("2", "an old oak, a very old oak", GARDEN))
        await approved(store, posted("3", "nothing of the kind"))
        await settle(store, posted("4", "an oak of insults"), verdict=judged(Outcome.ACTED, INSULT))
        await index(store)
        assert [await found(store, "OAK", "old"), await found(store, "elm"), await found(store)] == [["2", "1"], [], []]
        best, *_ = await store.passages(GENERAL.community, ("oak", "old"), 1)
        assert (best.where, best.author, best.at, best.words) == (GARDEN, "Fern", NOON, "an old oak, a very old oak")
        assert await found(store, "oak", community=Address("somewhere", "Elsewhere")) == []

    async def test_words_are_words_whatever_they_hold(self, store: Store) -> None:
        await approved(store, posted("1", 'say "near" and don’t OR a*b c++'), posted("2", "привет мир"))
        await index(store)
        assert await found(store, "near") == await found(store, "say") == ["1"]
        assert await found(store, "мир") == ["2"]

    async def test_what_changes_or_goes_is_not_found_from_then_on(self, store: Store) -> None:
        await approved(store, posted("1", "an oak"), posted("2", "an oak"), posted("3", "an oak"))
        await index(store)
        await store.accept(heard(edited("1", "an elm"), gone("2")), None)
        assert await found(store, "oak") == ["3"]
        await store.settle(Settlement(event_key="somewhere:1r1", verdict=APPROVED))
        await store.settle(Settlement(event_key="somewhere:2gone"))
        await index(store)
        assert [await found(store, "oak"), await found(store, "elm")] == [["3"], ["1"]]

    async def test_what_changed_before_it_was_indexed_is_never_found(self, store: Store) -> None:
        await approved(store, posted("1", "an oak"), edited("1", "an elm"), posted("2", "an oak"))
        await store.accept(heard(gone("2")), None)
        await store.settle(Settlement(event_key="somewhere:2gone"))
        await index(store)
        assert [await found(store, "oak"), await found(store, "elm")] == [[], ["1"]]

    async def test_the_index_waits_for_what_is_not_judged_and_goes_on_in_steps(self, store: Store) -> None:
        await approved(store, *(posted(str(number), "an oak") for number in range(3)))
        await store.accept(heard(posted("3", "an oak")), None)
        await approved(store, posted("4", "an oak"))
        for number, count in enumerate((2, 3, 3)):
            await index(store, 2)
            assert len(await found(store, "oak")) == count, number
        await store.settle(Settlement(event_key="somewhere:3", verdict=APPROVED))
        await index(store)
        assert len(await found(store, "oak")) == 5

    async def test_moderators_decide_what_is_found(self, store: Store) -> None:
        await settle(store, posted("1", "an oak"), verdict=judged(Outcome.ASKED, INSULT), reviews=[ask("1")])
        await settle(store, posted("2", "an oak"), verdict=APPROVED, reviews=[ask("2", reporter="ivy")])
        await index(store)
        assert await found(store, "oak") == ["2"]
        await settle(store, decisions=[Decide(case=1, decision=Decision.APPROVE, by="mo")])
        await settle(store, decisions=[Decide(case=2, decision=Decision.REMOVE, by="mo")])
        assert await found(store, "oak") == ["1"]

    async def test_an_event_is_found_by_its_key(self, store: Store) -> None:
        await store.accept(heard(posted("1")), None)
        assert [await store.event("somewhere:1"), await store.event("somewhere:2")] == [posted("1"), None]
