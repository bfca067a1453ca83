"""A member asks to be forgotten: told first, done on the second word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import text_privacy
from bot.core.action import Erase
from bot.core.effect import Post
from bot.core.event import Role
from bot.core.privacy import Member
from pipelines.privacy.pipeline import forget_me
from tests.pipelines.build import LOBBY, MO, all_of, asked
from tests.pipelines.fakes import House

HOUSE = House(roles={(str(LOBBY), MO.id): Role.MEMBER})


@pytest.mark.parametrize("options", [(), (("sure", "no"),)])
async def test_they_are_told_first_what_it_means(options: tuple[tuple[str, str], ...]) -> None:
    given = replace(asked("forget-me"), options=options)
    assert await all_of(forget_me(given, HOUSE.context)) == [
        Post(to=LOBBY, text=text_privacy.ASK_FIRST, whisper_to=MO.id)
    ]


async def test_whoever_is_sure_is_forgotten() -> None:
    given = replace(asked("forget-me"), options=(("sure", "Yes"),))
    assert await all_of(forget_me(given, HOUSE.context)) == [
        Post(to=LOBBY, text=text_privacy.FORGETTING, whisper_to=MO.id),
        Erase(member=Member(platform=LOBBY.platform, id=MO.id)),
    ]


@pytest.mark.parametrize("text", ["", "discord", "discord/", "/1"])
def test_what_names_no_member_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="write platform/id"):
        Member.parse(text)


def test_an_id_may_have_any_form() -> None:
    assert Member.parse("matrix/@ann:example.org") == Member(platform="matrix", id="@ann:example.org")
