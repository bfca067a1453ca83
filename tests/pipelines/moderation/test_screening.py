"""Which rules go to the filter of the platform, and how."""

from __future__ import annotations

from bot import text, text_screening
from bot.core.action import Action
from bot.core.capability import Capabilities
from bot.core.effect import Filter, Post, Screen
from bot.core.event import Role
from pipelines.moderation.screening import Screening
from tests.pipelines.build import LOBBY, MO, OFFICE, REASON, all_of, asked, policy
from tests.pipelines.fakes import House

HOME = LOBBY.community
ABLE = Capabilities(max_text=2000, filters=True)
ROLES = {(str(HOME), MO.id): Role.MODERATOR}
RULES = {"insults": {"words": ["idiot"]}, "hints": {"pattern": "hmm+", "score": 0.5}}


async def automod(do: str, can: Capabilities = ABLE, role: Role = Role.MODERATOR, **changes: object) -> list[Action]:
    house = House(can=can, roles={(str(HOME), MO.id): role})
    screening = Screening(lambda _: policy(**{"rules": RULES, **changes}))
    return await all_of(screening.automod(asked("automod", ("do", do)), house.context))


def screen(*filters: Filter, remarks: tuple[str, ...] = ()) -> Screen:
    return Screen(to=HOME, filters=filters, reason=REASON, tell_in=LOBBY, tell_to=MO.id, remarks=remarks)


async def test_what_auto_mode_is_sure_of_is_stopped() -> None:
    left = (text_screening.never_acts("hints", "auto"),)
    assert await automod("sync", mode="auto") == [screen(Filter(name="insults", words=("idiot",)), remarks=left)]


async def test_only_words_and_patterns_are_given_away() -> None:
    rules = {"calm": {"kind": "shouting"}}
    assert await automod("sync", mode="auto", rules=rules) == [screen(remarks=(text_screening.stays_with_me("calm"),))]


async def test_what_asks_moderators_is_told_to_their_room() -> None:
    left = (text_screening.never_acts("hints", "semi"),)
    told = Filter(name="insults", words=("idiot",), blocks=False, alert=OFFICE)
    assert await automod("sync", mode="semi") == [screen(told, remarks=left)]
    nowhere = (text_screening.asks_first("insults"), text_screening.never_acts("hints", "semi"))
    assert await automod("sync", mode="semi", review_room="") == [screen(remarks=nowhere)]


async def test_where_nothing_acts_nothing_is_given_away() -> None:
    for mode in ("shadow", "manual"):
        left = tuple(text_screening.never_acts(name, mode) for name in RULES)
        assert await automod("sync", mode=mode) == [screen(remarks=left)]


async def test_it_is_taken_back_whole() -> None:
    assert await automod("unsync", mode="auto") == [screen()]


async def test_it_takes_a_filter_and_the_whole_community() -> None:
    none = Post(to=LOBBY, text=text_screening.NO_FILTER, whisper_to=MO.id)
    assert await automod("sync", can=Capabilities(max_text=2000)) == [none]
    foreign = Post(to=LOBBY, text=text.NOT_THEIR_COMMUNITY, whisper_to=MO.id)
    assert await automod("sync", role=Role.MEMBER) == [foreign]
