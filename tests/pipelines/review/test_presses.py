"""Buttons on cards: who may press them, and what a press does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.action import Action, Card, Decide, Delete, Outgoing, Penalty, Post, Restrict
from bot.core.address import Address
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
    return Restrict(to=LOBBY, user_id=ANN.id, penalty=penalty, reason=REASON, lasts=lasts, tell=FAREWELL)


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
