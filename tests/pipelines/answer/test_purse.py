"""Tokens are set aside before the model is called, and nobody gets more than there is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text_answers
from bot.core.action import Spend
from bot.core.effect import Draft, Post
from bot.core.errors import ModelFailed
from bot.core.stored import Job
from pipelines.answer.compose import Budget
from pipelines.answer.jobs import ANSWER, Answering
from pipelines.answer.purse import SETTLED, Held, Limits, Purse, Whose, scopes_of
from tests.pipelines.answer.test_written import GOOD, QUESTION, RESET, FakeModel, house
from tests.pipelines.build import BOB, all_of
from tests.pipelines.fakes import NOON, House

DAY = f"{NOON:%Y-%m-%d}"
MINE = "test/home|u1"


async def held(purse: Purse, at: House, tokens: int, who: str = "u1") -> Held | Whose:
    event = replace(QUESTION, who=replace(QUESTION.who, id=who))
    return await purse.hold(event, tokens, at.context)


@pytest.mark.parametrize(
    ("limits", "whose"),
    [
        (Limits(member=99), Whose.MEMBER),
        (Limits(channel=99), Whose.CHANNEL),
        (Limits(community=99), Whose.COMMUNITY),
    ],
)
async def test_each_budget_is_kept(limits: Limits, whose: Whose) -> None:
    at = House(spendings={MINE: 50, "test/home/lobby": 50, "test/home": 50})
    assert await held(Purse(limits), at, 50) is whose
    assert isinstance(await held(Purse(limits), at, 49), Held)
    assert isinstance(await held(Purse(), at, 10**9), Held)


async def test_what_is_set_aside_cannot_be_taken_twice() -> None:
    purse, at = Purse(Limits(member=100)), House()
    taken = await asyncio.gather(*(held(purse, at, 30) for _ in range(50)))
    assert [isinstance(one, Held) for one in taken].count(True) == 3
    assert isinstance(await held(purse, at, 100, who=BOB.id), Held)


async def test_what_was_not_used_is_given_back_and_what_was_counts_once() -> None:
    purse, at = Purse(Limits(member=100)), House()
    first = await held(purse, at, 100)
    assert isinstance(first, Held)
    assert first.spent(20, NOON) == Spend(day=DAY, scopes=tuple(scopes_of(QUESTION).values()), tokens=20)
    assert await held(purse, at, 81) is Whose.MEMBER
    second = await held(purse, at, 80)
    assert isinstance(second, Held)
    second.spent(0, NOON)
    at.spendings, at.now = {MINE: 20}, NOON + SETTLED + timedelta(seconds=1)
    assert isinstance(await held(purse, at, 80), Held)


async def test_a_used_up_budget_leaves_the_words_of_those_who_said_it() -> None:
    model = FakeModel([GOOD])
    answering = Answering(model=model, purse=Purse(Limits(member=10)))
    (told,) = await all_of(answering.answer(Job(name=ANSWER, key="test:e1"), house(RESET).context))
    assert isinstance(told, Post)
    assert told.text.startswith(f"{text_answers.over_budget('member')}\n\n> hold the router")
    assert model.read == []


@pytest.mark.parametrize(("pieces", "free"), [([GOOD], False), ([ModelFailed("busy")], True)])
async def test_an_answer_costs_what_was_read_and_written(pieces: list[str | Exception], *, free: bool) -> None:
    answering = Answering(model=FakeModel(pieces), budget=Budget(window=4_000, answer=100))
    *others, spend = await all_of(answering.answer(Job(name=ANSWER, key="test:e1"), house(RESET).context))
    assert all(isinstance(one, Draft | Post) for one in others)
    assert isinstance(spend, Spend)
    assert (spend.tokens == 0) is free
    assert spend.tokens < 4_000
