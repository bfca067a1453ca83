"""A question in, an answer out that quotes only what all its readers may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text
from bot.core.action import Action, Index, Later
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.effect import Post
from bot.core.event import Event
from bot.core.passage import Passage
from bot.core.ports import Readers
from bot.core.stored import Job
from pipelines.answer.jobs import ANSWER, Answering
from pipelines.answer.keeping import AT_ONCE
from pipelines.answer.passages import may_be_told
from pipelines.answer.pipeline import Answers
from pipelines.answer.question import MOST, keywords
from tests.pipelines.build import ANN, BOB, LOBBY, OFFICE, all_of, asked, said, taken_away
from tests.pipelines.fakes import NOON, House

SOON = [Index(limit=AT_ONCE), Later(job=ANSWER, key="test:e1", at=NOON)]
CAN = Capabilities(max_text=2000, ephemeral=True, name="the lobby", link="https://chat.example/{message}")
QUESTION = said("@parley how do I reset the router?", mentions_bot=True)


def passage(words: str, message_id: str = "m5", where: Address = LOBBY, rank: float = 1.0) -> Passage:
    return Passage(where=where, message_id=message_id, author="Bob_", at=NOON, words=words, rank=rank)


RESET = passage("hold the router button for ten seconds to reset it")
QUOTED = (
    "> hold the router button for ten seconds to reset it\n\n"
    "— Bob\\_ in [the lobby](<https://chat.example/m5>), 1 January 2030"
)


def house(*known: Passage, event: Event = QUESTION, **audiences: Readers) -> House:
    places = {"lobby": LOBBY, "office": OFFICE}
    by_place = {str(places[name]): readers for name, readers in audiences.items()}
    return House(heard=[event], known=known, audiences=by_place, can=CAN)


async def answered(at: House, key: str = "test:e1") -> list[Action]:
    return await all_of(Answering().answer(Job(name=ANSWER, key=key), at.context))


def replied(words: str) -> list[Action]:
    return [Post(to=LOBBY, text=words, reply_to="m1", stream="test:e1")]


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (QUESTION, SOON),
        (said("how?", is_direct=True), SOON),
        (said("how?"), []),
        (replace(QUESTION, who=replace(ANN, is_bot=True)), []),
        (replace(QUESTION, at=NOON - timedelta(minutes=6)), []),
        (taken_away(), []),
    ],
)
async def test_whoever_speaks_to_the_bot_just_now_is_answered(event: Event, wanted: list[Action]) -> None:
    assert await all_of(Answers()(event, house().context)) == wanted


async def test_an_answer_quotes_what_was_said_with_a_link() -> None:
    assert await answered(house(RESET, passage("unrelated words"))) == replied(f"{text.WHAT_WAS_SAID}\n\n{QUOTED}")


async def test_nothing_said_is_said_to_be_nothing() -> None:
    assert await answered(house(passage("unrelated words"))) == replied(text.NOTHING_KNOWN)


async def test_a_question_that_was_taken_away_is_not_answered() -> None:
    at = house(RESET)
    at.heard = [QUESTION, taken_away()]
    assert await answered(at) == []
    assert await answered(at, "test:unknown") == []


async def test_what_not_everybody_here_may_read_is_not_told_here() -> None:
    secret = replace(RESET, where=OFFICE, message_id="m6")
    few = Readers(members=frozenset({"u1", "u2"}))
    assert await answered(house(secret, office=few)) == replied(text.NOTHING_KNOWN)
    smaller = Readers(members=frozenset({"u1"}))
    told = (await answered(house(secret, office=few, lobby=smaller)))[0]
    assert isinstance(told, Post)
    assert "router button" in told.text


async def test_what_the_asker_may_read_is_whispered_to_them_alone() -> None:
    given = asked("ask", ("question", "reset the router"), who=BOB)
    secret, few = replace(RESET, where=OFFICE), Readers(members=frozenset({"u2"}))
    told = Post(to=LOBBY, text=f"{text.WHAT_WAS_SAID}\n\n{QUOTED}", whisper_to="u2")
    assert await answered(house(secret, event=given, office=few), "test:e5") == [told]
    others = Readers(members=frozenset({"u1"}))
    nothing = replace(told, text=text.NOTHING_FOR_YOU)
    assert await answered(house(secret, event=given, office=others), "test:e5") == [nothing]


async def test_what_cannot_be_whispered_must_be_for_all() -> None:
    given = asked("ask", ("question", "reset the router"), who=BOB)
    at = house(replace(RESET, where=OFFICE), event=given, office=Readers(members=frozenset({"u2"})))
    at.can = replace(CAN, ephemeral=False)
    assert await answered(at, "test:e5") == [Post(to=LOBBY, text=text.NOTHING_KNOWN, stream="test:e5")]


async def test_the_best_of_what_was_said_comes_first_and_nothing_twice() -> None:
    known = [
        passage("reset", "m2", rank=9.0),
        passage("the router has a reset button", "m3"),
        passage("The router has a  reset button", "m4"),
        passage("how do i reset the router?", "m1"),
        passage("router reset", "m7", rank=0.5),
    ]
    (told,) = await answered(house(*known))
    assert isinstance(told, Post)
    quotes = [line for line in told.text.splitlines() if line.startswith("> ")]
    assert quotes == ["> the router has a reset button", "> router reset", "> reset"]


@pytest.mark.parametrize(
    ("source", "audience", "may"),
    [
        (Readers(everyone=True), Readers(everyone=True), True),
        (Readers(everyone=True), Readers(members=frozenset("a")), True),
        (Readers(members=frozenset("ab")), Readers(everyone=True), False),
        (Readers(members=frozenset("ab")), Readers(members=frozenset("a")), True),
        (Readers(members=frozenset("a")), Readers(members=frozenset("ab")), False),
        (Readers(), Readers(members=frozenset("a")), False),
    ],
)
def test_everyone_who_reads_the_answer_must_be_a_reader_of_its_source(
    source: Readers, audience: Readers, *, may: bool
) -> None:
    assert may_be_told(source, audience) is may


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How do I reset the Router, please?", ["reset", "router"]),
        ("<@123> @parley what was that?", ["what", "was", "that"]),
        ("Что такое Матрица?", ["что", "такое", "матрица"]),
        ("ＲＥＳＥＴ reset", ["reset"]),
        ("???", []),
    ],
)
def test_a_question_is_about_its_telling_words(question: str, words: list[str]) -> None:
    assert keywords(question) == words


def test_a_question_has_only_so_many_words() -> None:
    assert len(keywords(" ".join(f"word{number}" for number in range(1000)))) == MOST
