"""What every store promises about what passages mean, and about who answers whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot.core.action import Remember, Spend, Unlearn
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import MessagePosted
from bot.core.passage import Fact, Meaning, Wordy
from bot.core.settlement import Outcome, Settlement, Verdict
from bot.core.stored import Receipt, Store
from tests.storage.build import GENERAL, RECEIPT, edited, heard, judged, posted, said
from tests.storage.contract_passages import approved, gone, index

APPROVED: Verdict = judged(Outcome.APPROVED)
WIDTH = 384


def vector(*numbers: int) -> bytes:
    return np.array([*numbers, *[1] * (WIDTH - len(numbers))], np.int8).tobytes()


async def embed(store: Store, vectors: dict[str, bytes]) -> None:
    """Give the passages with these words their vectors."""
    made = tuple(Meaning(wordy, vectors[wordy.words]) for wordy in await store.wordy(100))
    await store.settle(Settlement(cause="index", meanings=list(made)))


async def near(store: Store, asked: bytes, community: Address = GENERAL.community, limit: int = 10) -> list[str]:
    return [passage.message_id for passage in await store.alike(community, asked, limit)]


def answering(number: str, to: str, text: str = "yes") -> MessagePosted:
    return replace(posted(number, text), reply_to=to)


class MeaningContract:
    """Inherit, and give the fixture `store`."""

    async def test_what_means_the_same_is_nearest(self, store: Store) -> None:
        elsewhere = replace(GENERAL, space="Mossbank")
        await approved(
            store, posted("1", "oak"), posted("2", "elm"), posted("3", "stone"), posted("4", "oak", elsewhere)
        )
        await index(store)
        assert await near(store, vector(90, 90)) == []
        await embed(store, {"oak": vector(90, 90), "elm": vector(90, 60, -40), "stone": vector(-90, -90)})
        assert await near(store, vector(100, 90)) == ["1", "2", "3"]
        assert await near(store, vector(100, 90), limit=1) == ["1"]
        assert await near(store, vector(100, 90), elsewhere.community) == ["4"]
        assert await near(store, vector(100, 90), replace(GENERAL, space="Nowhere").community) == []
        best, *_ = await store.alike(GENERAL.community, vector(90, 90), 1)
        assert (best.where, best.words, round(best.rank, 3)) == (GENERAL, "oak", 1.0)

    async def test_vectors_of_another_model_never_meet(self, store: Store) -> None:
        await approved(store, posted("1", "oak"), posted("2", "elm"))
        await index(store)
        await embed(store, {"oak": bytes(range(16)), "elm": vector(5)})
        assert await near(store, bytes(range(16))) == ["1"]
        assert await near(store, vector(5)) == ["2"]

    async def test_the_nearest_of_many_are_found(self, store: Store) -> None:
        source = np.random.default_rng(3)
        asked = source.normal(0, 25, WIDTH)
        rows = source.normal(0, 25, (1_500, WIDTH))
        rows[::150] += asked
        small = rows.clip(-127, 127).astype(np.int8)
        await approved(store, *(posted(str(number), f"word{number}") for number in range(len(rows))))
        await index(store, 5_000)
        made = [Meaning(wordy, small[int(wordy.words[4:])].tobytes()) for wordy in await store.wordy(5_000)]
        await store.settle(Settlement(meanings=made[:900]))
        await store.settle(Settlement(meanings=made[900:]))
        found = await near(store, asked.clip(-127, 127).astype(np.int8).tobytes())
        assert sorted(map(int, found)) == list(range(0, 1_500, 150))

    async def test_what_changes_or_goes_is_near_nothing_from_then_on(self, store: Store) -> None:
        await approved(store, posted("1", "oak"), posted("2", "oak"), posted("3", "oak"))
        await index(store)
        await embed(store, {"oak": vector(90, 90)})
        await store.accept(heard(edited("3", "elm"), gone("2")), None)
        assert await near(store, vector(90, 90)) == ["1"]
        await store.settle(Settlement(event_key="somewhere:3r1", verdict=APPROVED))
        await store.settle(Settlement(event_key="somewhere:2gone"))
        await index(store)
        assert await near(store, vector(90, 90)) == ["1"]
        await embed(store, {"elm": vector(90, 80)})
        assert await near(store, vector(90, 80)) == ["3", "1"]

    async def test_a_vector_stays_with_the_words_it_was_made_of(self, store: Store) -> None:
        await approved(store, posted("1", "oak"), posted("2", "oak"))
        await index(store)
        waiting = await store.wordy(100)
        await store.accept(heard(edited("2", "elm")), None)
        await store.settle(Settlement(event_key="somewhere:2r1", verdict=APPROVED))
        await index(store)
        await store.settle(Settlement(meanings=[Meaning(wordy, vector(9)) for wordy in waiting]))
        assert await near(store, vector(9)) == ["1"]
        (left,) = await store.wordy(100)
        assert left.words == "elm"

    async def test_passages_without_a_vector_are_told_oldest_first(self, store: Store) -> None:
        await approved(store, posted("1", "oak"), posted("2", "elm"))
        await index(store)
        first, second = await store.wordy(100)
        assert (first.words, second.words) == ("oak", "elm")
        assert await store.wordy(1) == [first]
        await store.settle(Settlement(meanings=[Meaning(first, vector(9)), Meaning(Wordy(999, "oak"), vector(9))]))
        assert await store.wordy(100) == [second]

    async def test_questions_and_answers_are_found_around_each_other(self, store: Store) -> None:
        await approved(
            store, posted("1", "oak?"), answering("2", "1"), answering("3", "2"), answering("4", "elsewhere")
        )
        await index(store)
        assert [passage.message_id for passage in await store.around("somewhere", ["2"])] == ["1", "3"]
        assert [passage.reply_to for passage in await store.around("somewhere", ["1"])] == ["1"]
        assert await store.around("somewhere", []) == await store.around("elsewhere", ["1"]) == []

    async def test_a_passage_stands_as_long_as_it_can_be_found(self, store: Store) -> None:
        await approved(store, posted("1", "oak"), posted("2", "elm"), posted("3", "fir"))
        assert await store.standing("somewhere", ["1"]) == []
        await index(store)
        (there,) = await store.standing("somewhere", ["1", "4"])
        assert (there.words, there.author, there.author_id) == ("oak", "Fern", "u-fern")
        assert await store.standing("elsewhere", ["1"]) == await store.standing("somewhere", []) == []
        assert [each.words for each in await store.latest(GENERAL, 2)] == ["elm", "fir"]
        await store.accept(heard(gone("1"), edited("3", "fig")), None)
        assert await store.standing("somewhere", ["1", "3"]) == []
        assert [each.words for each in await store.latest(GENERAL, 2)] == ["elm"]

    async def test_what_we_said_is_known_by_its_message(self, store: Store) -> None:
        await store.settle(Settlement(cause="job", notes=[said("a"), said("b")]))
        assert await store.posted("somewhere", "m-1") is await store.posted("somewhere", "") is None
        await store.delivered(["a"], RECEIPT)
        assert await store.posted("somewhere", "m-1") == Post(to=GENERAL, text="a")
        assert await store.posted("elsewhere", "m-1") is None
        await store.delivered(["b"], Receipt(message_id="m-2", gone=True))
        assert await store.posted("somewhere", "m-2") is None

    async def test_what_is_spent_adds_up_by_day(self, store: Store) -> None:
        def spend(day: str, tokens: int, *scopes: str) -> Spend:
            return Spend(day=day, scopes=scopes, tokens=tokens)

        today = [spend("2030-01-01", 5, "a", "b"), spend("2030-01-01", 7, "a")]
        await store.settle(Settlement(cause="one", noted=[*today]))
        await store.settle(Settlement(cause="two", noted=[spend("2030-01-02", 9, "a"), spend("2030-01-01", 1)]))
        assert await store.spent("2030-01-01", ["a", "b", "c"]) == {"a": 12, "b": 5}
        assert await store.spent("2030-01-02", ["a", "b"]) == {"a": 9}

    async def test_facts_are_kept_once_and_let_go(self, store: Store) -> None:
        def fact(words: str, member: str = "ivy") -> Fact:
            return Fact(community=GENERAL.community, member=member, words=words)

        kept = [Remember(fact=fact(words)) for words in ("oak", "elm", "oak")]
        await store.settle(Settlement(cause="one", noted=[*kept, Remember(fact=fact("fir", "fern"))]))
        first, second = await store.facts(GENERAL.community, "ivy")
        assert (first.words, second.words) == ("oak", "elm")
        assert await store.facts(replace(GENERAL, space="Mossbank").community, "ivy") == []
        (theirs,) = await store.facts(GENERAL.community, "fern")
        numbers = (first.number, theirs.number)
        await store.settle(
            Settlement(cause="two", noted=[Unlearn(community=GENERAL.community, member="ivy", numbers=numbers)])
        )
        assert await store.facts(GENERAL.community, "ivy") == [second]
        assert await store.facts(GENERAL.community, "fern") == [theirs]
