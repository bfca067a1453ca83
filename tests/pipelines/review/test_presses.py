"""Buttons on cards: who may press them, and what a press does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import Action, Decide
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import Card, Delete, Outgoing, Penalty, Post, Restrict
from bot.core.event import ButtonPressed, Role
from bot.core.evidence import Decision
from pipelines.review.pipeline import Review
from tests.pipelines.build import (
    ANN,
    FAREWELL,
    LOBBY,
    MO,
    OFFICE,
    REASON,
    all_of,
    appealing,
    case,
    policy,
    pressed,
    removal,
    taking,
)
from tests.pipelines.fakes import House

HOME = "test/home"
ROLES = {(HOME, MO.id): Role.MODERATOR}
STANDING = Card(to=OFFICE, case=1, whisper_to=MO.id)
CARD = Card(to=OFFICE, case=1)


async def press(button: str | ButtonPressed, house: House | None = None, **changes: object) -> list[Action]:
    event = pressed(button) if isinstance(button, str) else button
    review = Review(lambda _: policy(**changes))
    return await all_of(review(event, (house or House(cases=[case()], roles=ROLES)).context))


def whispered(said: str) -> list[Action]:
    return [Post(to=OFFICE, text=said, whisper_to=MO.id)]


def restricted(penalty: Penalty, lasts: timedelta = timedelta(hours=1)) -> Restrict:
    return Restrict(
        to=LOBBY,
        user_id=ANN.id,
        penalty=penalty,
        reason=REASON,
        lasts=lasts,
        tell=FAREWELL,
        tell_buttons=(appealing(),),
    )


@pytest.mark.parametrize(
    "button",
    [
        "",
        ":",
        "case",
        "case:1",
        "case:1:",
        "case::remove",
        "case:1:gone",
        "case:-1:remove",
        "case:１:remove",
        "case:²:remove",
        "case:1.0:remove",
        "case: 1:remove",
        "case:1:REMOVE",
        "case:1:remove:",
        "case:1:remove ",
        "case:1:explode",
        "CASE:1:remove",
        "vote:1",
        f"case:{'9' * 16}:remove",
        f"case:{'9' * 5000}:remove",
        "\0",
    ],
)
async def test_a_forged_button_does_nothing(button: str) -> None:
    assert await press(button) == []


async def test_an_id_from_another_platform_has_no_authority() -> None:
    namesake = pressed("case:1:remove", where=Address("irc", "net", "#room"), who=replace(MO, name=MO.id))
    said = "Only moderators of that room can decide this."
    assert await press(namesake) == [Post(to=namesake.where, text=said, whisper_to=MO.id)]


DECISIONS: list[tuple[Decision, tuple[Outgoing, ...]]] = [
    (Decision.APPROVE, ()),
    (Decision.REMOVE, removal()),
    (
        Decision.WARN,
        (Post(to=LOBBY, text="Ann, a moderator asks you to mind the rules of this room.", whisper_to=ANN.id),),
    ),
    (Decision.TIMEOUT, (taking(), restricted(Penalty.TIMEOUT))),
    (Decision.KICK, (taking(), restricted(Penalty.KICK))),
    (Decision.BAN, (taking(), restricted(Penalty.BAN))),
]


@pytest.mark.parametrize(("decision", "effects"), DECISIONS)
async def test_a_press_closes_the_case_with_what_it_asks_for(decision: Decision, effects: tuple[Outgoing, ...]) -> None:
    assert await press(f"case:1:{decision}") == [
        Decide(case=1, decision=decision, by="Mo", by_id=MO.id, effects=(*effects, CARD)),
        STANDING,
    ]


async def test_settings_say_how_long_a_timeout_lasts_and_whether_authors_are_told() -> None:
    (decided, _) = await press("case:1:timeout", timeout=timedelta(minutes=5))
    assert isinstance(decided, Decide)
    assert decided.effects == (taking(), restricted(Penalty.TIMEOUT, timedelta(minutes=5)), CARD)
    (decided, _) = await press("case:1:remove", tell_author=False)
    assert isinstance(decided, Decide)
    assert decided.effects == (taking(), CARD)


async def test_who_speaks_in_a_thread_is_restricted_in_its_channel() -> None:
    thread = replace(LOBBY, thread="t1")
    house = House(cases=[case(where=thread)], roles=ROLES)
    (decided, _) = await press("case:1:kick", house)
    assert isinstance(decided, Decide)
    assert [(type(effect), effect.to) for effect in decided.effects] == [
        (Delete, thread),
        (Restrict, LOBBY),
        (Card, OFFICE),
    ]


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER])
@pytest.mark.parametrize("decision", [decision for decision, _ in DECISIONS])
async def test_authority_is_the_role_at_this_moment(role: Role, decision: Decision) -> None:
    """The event still says moderator: so it was when the card was shown."""
    house = House(cases=[case()], roles={(HOME, MO.id): role})
    assert await press(f"case:1:{decision}", house) == whispered("Only moderators of that room can decide this.")


async def test_a_moderator_of_another_room_has_no_authority_here() -> None:
    house = House(cases=[case()], roles={(str(OFFICE), MO.id): Role.OWNER})
    assert await press("case:1:remove", house) == whispered("Only moderators of that room can decide this.")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OWNER])
async def test_nobody_acts_on_a_moderator(role: Role) -> None:
    house = House(cases=[case()], roles={**ROLES, (HOME, ANN.id): role})
    for decision in (Decision.REMOVE, Decision.WARN, Decision.TIMEOUT, Decision.KICK, Decision.BAN):
        assert await press(f"case:1:{decision}", house) == whispered(
            "This member is a moderator there, and I never act on moderators. Please talk to each other."
        )
    approved = Decide(case=1, decision=Decision.APPROVE, by="Mo", by_id=MO.id, effects=(CARD,))
    assert await press("case:1:approve", house) == [approved, STANDING]


async def test_the_second_press_does_nothing_but_tell_who_was_first() -> None:
    decided = case(decision=Decision.APPROVE, decided_by="Eve")
    assert await press("case:1:ban", House(cases=[decided], roles=ROLES)) == [STANDING]


async def test_a_stranger_learns_nothing_of_a_decided_case() -> None:
    decided = case(decision=Decision.APPROVE, decided_by="Eve")
    said = "Only moderators of that room can decide this."
    assert await press("case:1:ban", House(cases=[decided])) == whispered(said)


async def test_a_case_that_does_not_exist_is_said_so() -> None:
    assert await press("case:2:remove") == whispered("There is no case 2. “queue” shows those that wait.")


@pytest.mark.parametrize("uncarded", [case(card_id=""), case(room=None)], ids=["not shown yet", "no room for it"])
async def test_a_case_without_a_card_gets_none(uncarded: Case) -> None:
    house = House(cases=[uncarded], roles=ROLES)
    assert await press("case:1:approve", house) == [
        Decide(case=1, decision=Decision.APPROVE, by="Mo", by_id=MO.id),
        STANDING,
    ]


def test_whoever_pressed_learns_that_it_did_not_work() -> None:
    said = "Sorry, that did not work. Nothing was changed; please try again, and tell whoever runs me if it stays so."
    assert list(Review(lambda _: policy()).failed(pressed("case:1:remove"))) == whispered(said)
