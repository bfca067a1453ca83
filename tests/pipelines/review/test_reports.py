"""Reports, and messages that were gone before anybody decided."""

from __future__ import annotations

import pytest

from bot.core.action import Action, AskReview, Decide
from bot.core.effect import Card, Post
from bot.core.event import Event
from bot.core.evidence import Decision, Evidence, Finding
from pipelines.review.pipeline import Review
from tests.pipelines.build import (
    BOB,
    LOBBY,
    OFFICE,
    all_of,
    asked,
    case,
    found,
    policy,
    reported,
    said,
    taken_away,
)
from tests.pipelines.fakes import House

EVIDENCE = Evidence(findings=(Finding(rule="r", label="insult", score=0.9),), score=0.9)
THANKS = Post(to=LOBBY, text="Thank you. The moderators will look at it.", whisper_to=BOB.id)


async def review(event: Event, house: House) -> list[Action]:
    return await all_of(Review(lambda _: policy())(event, house.context))


async def test_a_report_makes_a_case_and_thanks_the_reporter() -> None:
    house = House(messages={"test:m1": found(said("you idiot"), evidence=EVIDENCE)})
    assert await review(reported(), house) == [
        AskReview(about=LOBBY, message_id="m1", evidence=EVIDENCE, review_room=OFFICE, reporter=BOB),
        THANKS,
    ]


async def test_a_report_may_be_faster_than_the_verdict() -> None:
    house = House(messages={"test:m1": found(said("you idiot"), None)})
    assert await review(reported(), house) == [
        AskReview(about=LOBBY, message_id="m1", evidence=Evidence(), review_room=OFFICE, reporter=BOB),
        THANKS,
    ]


async def test_a_report_of_nothing_makes_no_case() -> None:
    assert await review(reported(), House()) == [
        Post(to=LOBBY, text="I know of no such message here.", whisper_to=BOB.id)
    ]


async def test_a_deletion_closes_the_case_and_its_card() -> None:
    assert await review(taken_away(), House(cases=[case(evidence=Evidence())])) == [
        Decide(case=1, decision=Decision.GONE, by="Ann", effects=(Card(to=OFFICE, case=1),))
    ]
    assert await review(taken_away(), House(cases=[case(evidence=Evidence(), room=None)])) == [
        Decide(case=1, decision=Decision.GONE, by="Ann")
    ]


async def test_taking_the_words_back_does_not_undo_them() -> None:
    for kept in (case(evidence=EVIDENCE), case(evidence=Evidence(), reporters=("Bob",))):
        assert await review(taken_away(), House(cases=[kept])) == []


@pytest.mark.parametrize("house", [House(), House(cases=[case(decision=Decision.REMOVE)])])
async def test_a_deletion_without_an_open_case_changes_nothing(house: House) -> None:
    assert await review(taken_away(), house) == []


@pytest.mark.parametrize("event", [said("x"), asked("queue")])
async def test_what_is_no_press_report_or_deletion_is_none_of_its_business(event: Event) -> None:
    assert await review(event, House()) == []
    assert list(Review(lambda _: policy()).failed(event)) == []


def test_a_reporter_learns_that_it_did_not_work() -> None:
    (post,) = Review(lambda _: policy()).failed(reported())
    assert isinstance(post, Post)
    assert (post.to, post.whisper_to) == (LOBBY, BOB.id)
