"""What was decided is taken back: restrictions end, the decision counts as a mistake, deleted text stays away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import text, text_undo
from bot.core.action import Action, AskReview, Decide
from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.case import Case
from bot.core.effect import Card, Lift, Penalty, Post
from bot.core.event import Role
from bot.core.evidence import Decision, Evidence
from bot.core.settlement import Outcome
from pipelines.review.pipeline import Review
from pipelines.review.undoing import Undoing
from tests.pipelines.build import ANN, LOBBY, MO, OFFICE, all_of, asked, case, found, policy, pressed, said
from tests.pipelines.fakes import House

HOME = ("test/home", MO.id)
FORGIVEN = Post(to=LOBBY, text=text_undo.forgiven("Ann", "A joke."), whisper_to=ANN.id)
CARD = Card(to=OFFICE, case=1)


def house(*cases: Case, outcome: Outcome = Outcome.ASKED, mo: Role = Role.MODERATOR) -> House:
    return House(cases=cases, messages={"test:m1": found(said("you idiot"), outcome)}, roles={HOME: mo})


async def undo(at: House, about: str = "1", where: Address = LOBBY) -> list[Action]:
    given = asked("undo", ("case", about), ("reason", "A joke."), where=where)
    return await all_of(Undoing(lambda _: policy()).undo(given, at.context))


def lift(penalty: Penalty) -> Lift:
    return Lift(to=LOBBY, user_id=ANN.id, penalty=penalty, reason="A joke.")


def told(words: str, where: Address = LOBBY) -> list[Action]:
    return [Post(to=where, text=words, whisper_to=MO.id)]


@pytest.mark.parametrize(
    ("was", "lifts"),
    [
        (Decision.REMOVE, []),
        (Decision.KICK, []),
        (Decision.TIMEOUT, [lift(Penalty.TIMEOUT)]),
        (Decision.BAN, [lift(Penalty.BAN)]),
    ],
)
async def test_a_decision_becomes_a_mistake_and_its_restriction_ends(was: Decision, lifts: list[Lift]) -> None:
    closing, answer = await undo(house(case(decision=was)))
    overturned = Decide(case=1, decision=Decision.APPROVE, by="Mo", by_id=MO.id, over=was)
    assert closing == replace(overturned, effects=(*lifts, FORGIVEN, CARD))
    assert [answer] == told(text_undo.undone(1, was))


@pytest.mark.parametrize("about", ["m1", "https://chat.example/home/lobby/m1"])
async def test_a_case_is_found_by_its_message_too(about: str) -> None:
    closing, _ = await undo(house(case(decision=Decision.REMOVE)), about)
    assert isinstance(closing, Decide)
    assert (closing.case, closing.over) == (1, Decision.REMOVE)


async def test_what_parley_removed_by_itself_gets_a_case_that_was_a_mistake() -> None:
    opened, removed, overturned, answer = await undo(house(outcome=Outcome.ACTED), "m1")
    assert opened == AskReview(about=LOBBY, message_id="m1", evidence=Evidence(), review_room=OFFICE, quiet=True)
    by_itself = Decide(case=0, about="test:m1", decision=Decision.REMOVE, by="Parley itself")
    assert removed == by_itself
    again = replace(by_itself, decision=Decision.APPROVE, by="Mo", by_id=MO.id)
    assert overturned == replace(again, over=Decision.REMOVE, effects=(FORGIVEN,))
    assert [answer] == told(text_undo.undone_alone(Decision.REMOVE))


async def test_what_was_not_done_is_not_taken_back() -> None:
    assert await undo(house(case())) == told(text_undo.OPEN_STILL)
    assert await undo(house(case(decision=Decision.APPROVE))) == told(text_undo.NOTHING_TO_UNDO)
    assert await undo(house(outcome=Outcome.APPROVED), "m1") == told(text_undo.NOTHING_TO_UNDO)
    assert await undo(house(), "m2") == told(text.NO_SUCH_MESSAGE)


async def test_only_moderators_of_its_place_take_anything_back() -> None:
    removed = case(decision=Decision.BAN)
    assert await undo(house(removed, mo=Role.MEMBER)) == told(text.NOT_A_MODERATOR)
    assert await undo(house(outcome=Outcome.ACTED, mo=Role.MEMBER), "m1") == told(text.NOT_A_MODERATOR)
    elsewhere = Address("irc", "net", "#room")
    assert await undo(house(removed), where=elsewhere) == told(text.NO_SUCH_MESSAGE, elsewhere)


@pytest.mark.parametrize(("button", "granted"), [("approve", True), ("remove", False)])
async def test_a_granted_appeal_ends_the_restriction(button: str, *, granted: bool) -> None:
    banned = Appeal(reason="it was a joke", decision=Decision.BAN, by="Eve", by_id="u7")
    press = pressed(f"case:1:{button}", text="A joke.")
    closing, _ = await all_of(Review(lambda _: policy())(press, house(case(appeal=banned)).context))
    assert isinstance(closing, Decide)
    assert [each for each in closing.effects if isinstance(each, Lift)] == [lift(Penalty.BAN)] * granted
