"""What an answer would be made of, and what answers cost."""

from __future__ import annotations

from dataclasses import replace

from bot import text_answers
from bot.core.effect import Post
from bot.core.ports import Readers
from pipelines.answer.explaining import Explaining
from pipelines.answer.jobs import Answering
from pipelines.answer.purse import Limits, Purse
from tests.pipelines.answer.test_written import RESET, FakeModel, house
from tests.pipelines.build import BOB, LOBBY, OFFICE, all_of, asked
from tests.pipelines.fakes import House

GIVEN = asked("explain", ("question", "how do I reset the router?"), who=BOB)
SOURCE = "1. Bob\\_ in [the lobby](<https://chat.example/m5>), 1 January 2030"


async def test_the_budget_is_told_with_what_was_used() -> None:
    at = House(spendings={"test/home|u2": 1_200, "test/home": 90_000})
    explaining = Explaining(Answering(purse=Purse(Limits(member=50_000))))
    (told,) = await all_of(explaining.budget(replace(GIVEN, name="budget"), at.context))
    assert isinstance(told, Post)
    assert told.whisper_to == "u2"
    assert told.text.splitlines()[:3] == [
        "- You: 1,200 of 50,000 tokens today",
        "- This channel: 0 tokens today, without limit",
        "- This community: 90,000 tokens today, without limit",
    ]


async def test_an_answer_is_explained_without_asking_the_model() -> None:
    model = FakeModel([])
    (told,) = await all_of(Explaining(Answering(model=model)).explain(GIVEN, house(RESET).context))
    assert isinstance(told, Post)
    assert (told.to, told.whisper_to, model.read) == (LOBBY, "u2", [])
    assert told.text.startswith("Of the 8,192 tokens")
    assert "- kept for the answer: 1,024" in told.text
    assert told.text.endswith(SOURCE)
    (told,) = await all_of(Explaining(Answering()).explain(GIVEN, house(RESET).context))
    assert isinstance(told, Post)
    assert told.text == f"{text_answers.WITHOUT_MODEL}\n\n{SOURCE}"


async def test_an_explanation_obeys_the_same_audience() -> None:
    at = house(replace(RESET, where=OFFICE), office=Readers(members=frozenset({"u1"})))
    (told,) = await all_of(Explaining(Answering()).explain(GIVEN, at.context))
    assert isinstance(told, Post)
    assert told.text == text_answers.NO_SOURCES
