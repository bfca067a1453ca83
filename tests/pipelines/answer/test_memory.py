"""What a member has remembered is used for that member alone."""

from __future__ import annotations

from dataclasses import replace

from bot import text_answers
from bot.core.action import Action, Remember, Spend, Unlearn
from bot.core.effect import Post
from bot.core.passage import Fact
from bot.core.stored import Job
from pipelines.answer.jobs import ANSWER, Answering
from pipelines.answer.memory import LONGEST, MOST, forget, remember
from tests.pipelines.answer.test_written import FakeModel, house
from tests.pipelines.build import BOB, LOBBY, all_of, asked, said
from tests.pipelines.fakes import House

HOME = LOBBY.community
OAK = Fact(community=HOME, member="u2", words="my tree is an oak", number=3)
OTHERS = [replace(OAK, member="u1", number=4), replace(OAK, community=replace(HOME, space="away"), number=5)]


def told(words: str) -> Post:
    return Post(to=LOBBY, text=words, whisper_to="u2")


async def given(name: str, fact: str, *kept: Fact) -> list[Action]:
    command = asked(name, *([("fact", fact)] if fact else []), who=BOB)
    answer = remember if name == "remember" else forget
    return await all_of(answer(command, House(remembered=kept).context))


async def test_a_fact_is_kept_for_its_member() -> None:
    kept = Remember(fact=Fact(community=HOME, member="u2", words="my tree is an oak"))
    assert await given("remember", " my tree\nis an oak ") == [kept, told(text_answers.REMEMBERED)]


async def test_facts_are_listed_by_their_member_alone() -> None:
    assert await given("remember", "", OAK, *OTHERS) == [told(text_answers.facts([(3, "my tree is an oak")]))]


async def test_there_is_an_end_to_what_is_remembered() -> None:
    refused = [told(text_answers.TOO_MUCH_TO_REMEMBER)]
    assert await given("remember", "x" * (LONGEST + 1)) == refused
    assert await given("remember", "x", *[OAK] * MOST) == refused


async def test_a_member_forgets_their_own_facts_only() -> None:
    gone = Unlearn(community=HOME, member="u2", numbers=(3,))
    for which in ("3", "All"):
        assert await given("forget", which, OAK, *OTHERS) == [gone, told(text_answers.forgot(1))]
    assert await given("forget", "4", OAK, *OTHERS) == [told(text_answers.forgot(0))]


async def test_facts_answer_their_member_in_private_and_nobody_in_public() -> None:
    private = asked("ask", ("question", "which tree is mine?"), who=BOB)
    at, model = house(event=private), FakeModel(["Your tree is an oak [1]."])
    at.remembered = [OAK, *OTHERS]
    answer, spend = await all_of(Answering(model=model).answer(Job(name=ANSWER, key="test:e5"), at.context))
    assert isinstance(spend, Spend)
    assert answer == told(f"Your tree is an oak \\[1\\]\\.\n\n1. {text_answers.REMEMBERED_FOR_YOU}")
    public = said("which tree is mine?", mentions_bot=True, who=BOB)
    at, model = house(event=public), FakeModel(["Your tree is an oak [1]."])
    at.remembered = [OAK]
    await all_of(Answering(model=model).answer(Job(name=ANSWER, key="test:e1"), at.context))
    assert model.read == []
