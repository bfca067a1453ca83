"""By words, by what they mean, and both as one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.core.action import Embed, Index, Later
from bot.core.effect import Post
from bot.core.errors import ModelFailed
from bot.core.passage import Meaning, Passage, Wordy
from bot.core.ports import Readers
from bot.core.stored import Job
from pipelines.answer.jobs import ANSWER, Answering
from pipelines.answer.keeping import AT_ONCE, INDEX, PART, TEXTS, Keeper
from pipelines.answer.retrieval import found, fused, share
from tests.pipelines.build import LOBBY, OFFICE, all_of, said
from tests.pipelines.fakes import NOON, House

RAIN, SUN, DRY = bytes((10, 0)), bytes((0, 10)), bytes((8, 6))


@dataclass(slots=True)
class FakeEmbedder:
    """Knows some texts; every other one is refused."""

    vectors: dict[str, bytes]
    asked: list[int] = field(default_factory=list)

    def close(self) -> None:
        self.vectors = {}

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        self.asked.append(len(texts))
        try:
            return [self.vectors[text] for text in texts]
        except KeyError as error:
            raise ModelFailed("unknown") from error


def passage(message_id: str, words: str = "words", **changes: object) -> Passage:
    usual = Passage(where=LOBBY, message_id=message_id, author="Bob", at=NOON, words=words, rank=1.0)
    build: object = replace(usual, **changes)  # type: ignore[arg-type]  # as its fields are
    assert isinstance(build, Passage)
    return build


def ids(passages: Sequence[Passage]) -> list[str]:
    return [each.message_id for each in passages]


def test_what_is_high_in_both_lists_comes_first() -> None:
    a, b, c, d = (passage(name) for name in "abcd")
    assert ids(fused([[a, b, c], [d, b, a]])) == ["a", "b", "d", "c"]
    assert fused([[], []]) == []


def test_of_what_is_as_good_the_later_comes_first_and_never_what_is_much_worse() -> None:
    old, new = passage("old", at=NOON - timedelta(days=900)), passage("new")
    others = [passage(f"o{number}", at=NOON - timedelta(days=900)) for number in range(40)]
    assert ids(fused([[old, new]], NOON)) == ["new", "old"]
    assert ids(fused([[old, *others, new]], NOON))[0] == "old"


def test_a_question_and_its_answer_lift_each_other() -> None:
    a, b = passage("a"), passage("b")
    question, answer = passage("question"), passage("answer", reply_to="question")
    assert ids(fused([[a, question, answer, b]])) == ["question", "answer", "a", "b"]


async def test_what_shares_no_word_is_found_by_what_it_means() -> None:
    known = [passage("wet", "umbrellas are in the hall"), passage("hot", "sunglasses too"), passage("dry", "it rains")]
    house = House(known=known, vectors={"wet": RAIN, "hot": SUN, "dry": DRY})
    there = await found("it rains", LOBBY.community, house.context, FakeEmbedder({"it rains": RAIN}))
    assert ids(there.passages) == ["dry", "wet"]
    assert [there.alike(each) for each in there.passages] == [0.8, 1.0]
    words_alone = await found("it rains", LOBBY.community, house.context, FakeEmbedder({}))
    assert ids(words_alone.passages) == ids((await found("it rains", LOBBY.community, house.context, None)).passages)
    assert ids(words_alone.passages) == ["dry"]


async def test_what_is_found_by_what_it_means_obeys_the_same_audience() -> None:
    known = [passage("wet", "umbrellas are in the hall", where=OFFICE)]
    house = House(known=known, vectors={"wet": RAIN}, heard=[said("it pours", mentions_bot=True)])
    job, answering = Job(name=ANSWER, key="test:e1"), Answering(FakeEmbedder({"it pours": RAIN}))
    (told,) = await all_of(answering.answer(job, house.context))
    assert isinstance(told, Post)
    assert "umbrellas" in told.text
    house.audiences = {str(OFFICE): Readers(members=frozenset({"u1"}))}
    (told,) = await all_of(answering.answer(job, house.context))
    assert isinstance(told, Post)
    assert "umbrellas" not in told.text


@pytest.mark.parametrize(("count", "pause"), [(PART + 1, timedelta(minutes=1)), (TEXTS, timedelta())])
async def test_passages_get_their_vectors_some_at_a_time(count: int, pause: timedelta) -> None:
    waiting = [Wordy(number, "rain") for number in range(count)]
    embedder = FakeEmbedder({"rain": RAIN})
    actions = await all_of(Keeper(embedder).index(Job(name=INDEX, key="k"), House(unplaced=waiting).context))
    kept = Embed(meanings=tuple(Meaning(wordy, RAIN) for wordy in waiting))
    assert actions == [Index(limit=AT_ONCE), kept, Later(job=INDEX, key="k", at=NOON + pause)]
    assert max(embedder.asked) == PART


@pytest.mark.parametrize("embedder", [None, FakeEmbedder({})])
async def test_without_a_model_the_words_alone_are_indexed(embedder: FakeEmbedder | None) -> None:
    actions = await all_of(Keeper(embedder).index(Job(name=INDEX, key="k"), House(unplaced=[Wordy(1, "rain")]).context))
    assert actions == [Index(limit=AT_ONCE), Later(job=INDEX, key="k", at=NOON + timedelta(minutes=1))]


def test_all_words_of_a_long_message_count() -> None:
    long = passage("long", " ".join(f"word{number}" for number in range(100)))
    assert share(long, ["word99", "missing"]) == 0.5
