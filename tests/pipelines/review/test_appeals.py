"""Appeals: once for each decision, by the author, answered by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot import text
from bot.core.action import Action, AskReview, Decide
from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Button, Card, Post
from bot.core.event import Event, Role
from bot.core.evidence import Decision, Evidence, Record
from bot.core.settlement import Outcome
from pipelines.review.card import CardText
from pipelines.review.pipeline import Review
from tests.pipelines.build import ANN, BOB, LOBBY, MO, OFFICE, all_of, asked, case, found, policy, pressed, said
from tests.pipelines.fakes import House

REMOVED = case(decision=Decision.REMOVE, decided_by="Mo", decided_by_id=MO.id)
APPEAL = Appeal(reason="it was a joke", decision=Decision.REMOVE, by="Mo", by_id=MO.id)
APPEALED = case(appeal=APPEAL)
ASKED = AskReview(about=LOBBY, message_id="m1", evidence=Evidence(), review_room=OFFICE, appeal=APPEAL)
HOME = "test/home"


def house(
    *cases: Case, outcome: Outcome | None = Outcome.ASKED, mo: Role = Role.MODERATOR, others: Sequence[str] = ()
) -> House:
    live = {(HOME, MO.id): mo, **{(HOME, who): Role.MODERATOR for who in others}}
    return House(cases=cases, messages={"test:m1": found(said("you idiot"), outcome)}, roles=live)


def appealing(**changes: object) -> Event:
    return pressed("appeal:m1", **{"where": LOBBY, "who": ANN, "text": "it was a joke", **changes})


async def review(event: Event, at: House) -> list[Action]:
    return await all_of(Review(lambda _: policy())(event, at.context))


def told(words: str, to: str = ANN.id, where: Address = LOBBY) -> Post:
    return Post(to=where, text=words, whisper_to=to)


async def test_a_press_puts_the_decision_before_the_moderators_again() -> None:
    assert await review(appealing(), house(REMOVED)) == [ASKED, told(text.APPEAL_RECEIVED)]


@pytest.mark.parametrize("about", ["1", "m1", "https://chat.example/home/lobby/m1"])
async def test_a_command_does_what_the_button_does(about: str) -> None:
    given = asked("appeal", ("message", about), ("reason", "it was a joke"), who=ANN)
    actions = await all_of(Review(lambda _: policy()).appeal(given, house(REMOVED).context))
    assert actions == [ASKED, told(text.APPEAL_RECEIVED)]


async def test_what_parley_did_by_itself_can_be_appealed_too() -> None:
    by_itself = replace(APPEAL, by="", by_id="")
    actions = await review(appealing(), house(outcome=Outcome.ACTED))
    assert actions == [replace(ASKED, appeal=by_itself), told(text.APPEAL_RECEIVED)]


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        (case(), text.NOTHING_TO_APPEAL),
        (case(decision=Decision.APPROVE), text.NOTHING_TO_APPEAL),
        (case(decision=Decision.WARN), text.NOTHING_TO_APPEAL),
        (case(decision=Decision.REMOVE, event_key="test:e0"), text.NOTHING_TO_APPEAL),
        (APPEALED, text.APPEAL_WAITS),
        (replace(APPEALED, decision=Decision.REMOVE), text.APPEAL_DECIDED),
    ],
)
async def test_only_what_was_decided_can_be_appealed_and_once(known: Case, answer: str) -> None:
    assert await review(appealing(), house(known)) == [told(answer)]


async def test_nobody_appeals_for_others() -> None:
    assert await review(appealing(who=BOB), house(REMOVED)) == [told(text.NO_SUCH_MESSAGE, BOB.id)]
    elsewhere = appealing(where=Address("irc", "net", "#room"))
    assert await review(elsewhere, house(REMOVED)) == [told(text.NO_SUCH_MESSAGE, where=elsewhere.where)]


async def test_somebody_else_decides_an_appeal() -> None:
    press = pressed("case:1:approve")
    assert await review(press, house(APPEALED, others=["u7"])) == [told(text.SOMEBODY_ELSE, MO.id, OFFICE)]
    other = pressed("case:1:approve", who=replace(MO, id="u7", name="Eve"), text="Jokes are fine.")
    words = text.appeal_answered("Ann", "Jokes are fine.", granted=True)
    closing = Decide(
        case=1, decision=Decision.APPROVE, by="Eve", by_id="u7", effects=(told(words), Card(to=OFFICE, case=1))
    )
    assert (await review(other, house(APPEALED, others=["u7"])))[0] == closing


async def test_whoever_moderates_alone_decides_their_own_appeals() -> None:
    decided, _ = await review(pressed("case:1:remove"), house(APPEALED))
    assert isinstance(decided, Decide)
    assert decided.effects[0] == told(text.appeal_answered("Ann", "", granted=False))


@pytest.mark.parametrize(("role", "may"), [(Role.MODERATOR, False), (Role.OWNER, True)])
async def test_above_whoever_is_no_owner_there_is_somebody_else(role: Role, *, may: bool) -> None:
    at = replace(house(APPEALED, mo=role), secretive=True)
    assert isinstance((await review(pressed("case:1:remove"), at))[0], Decide) is may


@pytest.mark.parametrize("decision", ["warn", "timeout", "kick", "ban"])
async def test_an_appeal_makes_nothing_worse(decision: str) -> None:
    eve = pressed(f"case:1:{decision}", who=replace(MO, id="u7"))
    assert await review(eve, house(APPEALED, others=["u7"])) == [told(text.APPEAL_ANSWERS, "u7", OFFICE)]


def test_a_card_names_who_decided_before() -> None:
    can = Capabilities(max_text=2000, can_delete_others=True)
    shown = CardText().full(APPEALED, Record(), can, OFFICE)
    assert "🙋 **Appeal** by its author: “it was a joke”\nIt was removed, by Mo." in shown.text
    asks = "Reason, which its author will read"
    assert shown.buttons == (
        Button("case:1:approve", "Grant", "✅", asks),
        Button("case:1:remove", "Uphold", "🗑️", asks),
    )
    hostile = replace(APPEALED, appeal=replace(APPEAL, reason="**@everyone**", by=""))
    said_ = CardText().full(hostile, Record(), can, OFFICE).text
    assert "**@everyone**" not in said_
    assert "by Parley itself" in said_
