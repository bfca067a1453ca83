"""Open cases are not forgotten."""

from __future__ import annotations

from datetime import timedelta

from bot.core.action import Action, Later
from bot.core.effect import Post
from bot.core.evidence import Decision
from bot.core.stored import Job
from pipelines.review.remind import REMIND, remind
from tests.pipelines.build import LOBBY, OFFICE, all_of, case
from tests.pipelines.fakes import NOON, House

JOB = Job(name=REMIND, key=f"{OFFICE}|2030-01-01")


async def reminded(house: House) -> list[Action]:
    return await all_of(remind(JOB, house.context))


async def test_it_says_what_is_open_and_comes_back_tomorrow() -> None:
    house = House(cases=[case(1), case(2, opened_at=NOON - timedelta(days=2)), case(3, room=LOBBY)])
    assert await reminded(house) == [
        Post(
            to=OFFICE,
            text="2 cases wait for a decision, the oldest since 30 December, 12:00 UTC. “queue all” shows them.",
        ),
        Later(job=REMIND, key="test/home/office|2030-01-02", at=NOON + timedelta(days=1)),
    ]


async def test_one_case_waits_in_the_singular() -> None:
    post, _ = await reminded(House(cases=[case()]))
    assert isinstance(post, Post)
    assert post.text.startswith("1 case waits for a decision, the oldest since 01 January, 12:00 UTC.")


async def test_running_it_again_asks_for_the_same() -> None:
    house = House(cases=[case()])
    assert await reminded(house) == await reminded(house)


async def test_when_nothing_is_open_it_stops() -> None:
    assert await reminded(House()) == []
    assert await reminded(House(cases=[case(decision=Decision.APPROVE), case(2, room=None)])) == []
