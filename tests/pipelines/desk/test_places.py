"""Places that move or are lost."""

from __future__ import annotations

import pytest

from bot.assembly import Judging
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import PlaceLost, PlaceMoved
from pipelines.desk.places import Places
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.build import LOBBY, MO, OFFICE, all_of, said
from tests.pipelines.fakes import NOON, House

NEW = Address("test", "home", "new-lobby")
HOME = str(LOBBY.community)


def stored(scope: Address | str, key: str, value: object) -> Configure:
    return Configure(scope=str(scope), key=f"moderation.{key}", value=value, by=MO.id)


def places(*changes: Configure, room: Address | None = OFFICE) -> Places:
    return Places(lambda _: room, Judging.of(ModerationSettings(), changes).moved)


async def done(pipeline: Places, event: PlaceMoved | PlaceLost) -> list[Action]:
    return await all_of(pipeline(event, House().context))


async def test_what_was_set_for_a_place_follows_it_and_so_does_whatever_named_it() -> None:
    pipeline = places(
        stored(LOBBY, "mode", "auto"),
        stored(LOBBY, "ban_lists", [str(LOBBY), "test/home/other"]),
        stored(OFFICE, "mode", "manual"),
        stored(HOME, "review_room", str(LOBBY)),
    )
    moved = PlaceMoved(id="e", at=NOON, where=LOBBY, who=MO, to=NEW)
    assert await done(pipeline, moved) == [
        stored(NEW, "mode", "auto"),
        stored(NEW, "ban_lists", [str(NEW), "test/home/other"]),
        stored(HOME, "review_room", str(NEW)),
    ]


@pytest.mark.parametrize(
    ("banned", "reason", "words"),
    [
        (True, "no bots", "Mo banned me from **The lobby** (“no bots”), so I look after it no more. Lift the ban and"),
        (False, "", "Mo took me out of **The lobby**, so I look after it no more. Invite me"),
    ],
)
async def test_moderators_hear_of_a_place_that_is_lost(banned: bool, reason: str, words: str) -> None:  # noqa: FBT001 - a case
    lost = PlaceLost(id="e", at=NOON, where=LOBBY, who=MO, name="The lobby", reason=reason, banned=banned)
    (told,) = await done(places(), lost)
    assert isinstance(told, Post)
    assert (told.to, told.text.startswith(words)) == (OFFICE, True)
    assert await done(places(room=LOBBY), lost) == await done(places(room=None), lost) == []


async def test_whatever_is_said_is_no_matter_of_places() -> None:
    assert await all_of(places()(said("hello"), House().context)) == []
