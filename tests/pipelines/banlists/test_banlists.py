"""Whom lists of bans hit, and what is written to our own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot import text, text_banlists
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.banlist import BanList, Bar, Enlist, Entry, Hit, Pardon, Subject
from bot.core.effect import Penalty, Post, Restrict
from bot.core.event import Author, CommandGiven, Event, ListChanged, MemberBanned, MemberJoined, Role
from bot.core.markdown import literal
from pipelines.banlists.pipeline import MOST_AT_ONCE, BanLists
from tests.pipelines.build import ANN, BOB, LOBBY, MO, OFFICE, all_of, asked
from tests.pipelines.fakes import NOON, House

HOME = LOBBY.community
BAD, OWN = Address("test", "home", "bad"), Address("test", "home", "own")
SPAM = Entry(subject=Subject.USER, entity="u1", reason="spam")
ANN_HERE = Hit(where=LOBBY, user_id=ANN.id, name=ANN.name, role=Role.MEMBER, entry=SPAM)
MO_HERE = Hit(where=LOBBY, user_id=MO.id, name=MO.name, role=Role.MODERATOR, entry=replace(SPAM, entity="u*"))
FOUND = BanList(address=BAD, title="Bad people", size=3, hits=(ANN_HERE, MO_HERE), servers=("evil.example",))
BANNED = Restrict(to=LOBBY, user_id=ANN.id, penalty=Penalty.BAN, reason="spam")


@dataclass(frozen=True, slots=True)
class Rules:
    ban_lists: tuple[Address, ...] = ()
    own_list: Address | None = None
    review_room: Address | None = OFFICE
    acts: bool = True


def house(*lists: BanList) -> House:
    roles = {(str(HOME), MO.id): Role.MODERATOR}
    return House(roles=roles, lists={str(each.address): each for each in lists})


async def done(event: Event, rules: Rules, *lists: BanList) -> list[Action]:
    return await all_of(BanLists(lambda _: rules)(event, house(*lists).context))


async def answered(given: CommandGiven, rules: Rules, *lists: BanList) -> list[Action]:
    command = next(one for one in BanLists(lambda _: rules).commands() if one.spec.name == given.name)
    return await all_of(command.answer(given, house(*lists).context))


def whispered(given: CommandGiven, said: str) -> Post:
    return Post(to=given.where, text=said, whisper_to=given.who.id)


async def test_watching_shows_first_what_it_would_do_and_does_nothing() -> None:
    given = asked("watch", ("list", "bad"))
    (shown,) = await answered(given, Rules(), FOUND)
    assert shown == whispered(given, text_banlists.preview(FOUND))
    assert isinstance(shown, Post)
    assert "It would ban 1" in shown.text
    assert "u1 in lobby: spam" in shown.text
    assert "moderators, who are never acted on: u9" in shown.text
    assert literal("evil.example") in shown.text
    assert "Nothing was done" in shown.text


async def test_a_list_is_followed_on_request_and_hits_who_is_here_but_no_moderator() -> None:
    given = asked("watch", ("list", "test/home/bad"), ("now", "yes"))
    other = Address("test", "home", "other")
    followed = Configure(scope=str(HOME), key="moderation.ban_lists", value=[str(other), str(BAD)], by=MO.id)
    assert await answered(given, Rules(ban_lists=(OWN, other), own_list=OWN), FOUND) == [
        followed,
        BANNED,
        Bar(to=HOME, servers=("evil.example",)),
        whispered(given, text_banlists.followed(FOUND)),
    ]


async def test_in_shadow_mode_a_list_is_followed_and_nobody_is_banned() -> None:
    given = asked("watch", ("list", "bad"), ("now", "yes"))
    kinds = [type(one) for one in await answered(given, Rules(acts=False), FOUND)]
    assert kinds == [Configure, Post]
    for event in (came(ANN), changed(), lifted(MO)):
        assert await done(event, Rules(ban_lists=(BAD, OWN), own_list=OWN, acts=False), FOUND) == []


async def test_a_list_that_cannot_be_read_is_not_followed() -> None:
    given = asked("watch", ("list", "unknown"), ("now", "yes"))
    assert await answered(given, Rules()) == [whispered(given, text_banlists.unreadable("I am not in that room."))]


async def test_members_may_do_none_of_it() -> None:
    for name, option in (("watch", "list"), ("unwatch", "list"), ("unban", "member")):
        given = replace(asked(name, (option, "bad")), who=BOB)
        assert await answered(given, Rules(), FOUND) == [whispered(given, text.NOT_THEIR_COMMUNITY)]


async def test_a_list_is_left_and_the_others_stay() -> None:
    given, other = asked("unwatch", ("list", "bad")), Address("test", "home", "other")
    left = Configure(scope=str(HOME), key="moderation.ban_lists", value=[str(other)], by=MO.id)
    assert (await answered(given, Rules(ban_lists=(BAD, other))))[0] == left
    assert await answered(given, Rules()) == [whispered(given, text_banlists.NOT_FOLLOWED)]


async def test_followed_lists_are_told() -> None:
    given = asked("lists")
    assert await answered(given, Rules(ban_lists=(BAD,)), FOUND) == [whispered(given, text_banlists.lists([FOUND]))]
    assert await answered(given, Rules()) == [whispered(given, text_banlists.NO_LISTS)]


def came(who: Author) -> MemberJoined:
    return MemberJoined(id="e", at=NOON, where=LOBBY, who=who)


def changed(entity: str = "u1", *, lifted: bool = False, where: Address = BAD) -> ListChanged:
    return ListChanged(id="e", at=NOON, where=where, who=BOB, entity=entity, lifted=lifted)


def banned(member: Author, reason: str = "") -> MemberBanned:
    return MemberBanned(id="e", at=NOON, where=LOBBY, who=MO, member_id=member.id, reason=reason)


def lifted(member: Author) -> MemberBanned:
    return replace(banned(member), lifted=True)


async def test_whom_a_followed_list_names_is_banned_on_coming_once() -> None:
    rules = Rules(ban_lists=(BAD, OWN), own_list=OWN)
    own = replace(FOUND, address=OWN)
    assert await done(came(ANN), rules, FOUND, own) == [BANNED]
    assert await done(came(MO), rules, FOUND, own) == []
    assert await done(came(BOB), rules, FOUND, own) == []
    assert await done(came(ANN), Rules(), FOUND) == []


async def test_one_list_that_cannot_be_read_does_not_hide_the_others() -> None:
    assert await done(came(ANN), Rules(ban_lists=(OWN, BAD)), FOUND) == [BANNED]


async def test_a_change_of_a_followed_list_counts_at_once_and_of_another_never() -> None:
    bar = Bar(to=HOME, servers=("evil.example",))
    assert await done(changed(), Rules(ban_lists=(BAD,)), FOUND) == [BANNED, bar]
    assert await done(changed(), Rules(ban_lists=(OWN,)), FOUND) == []
    assert await done(changed(lifted=True), Rules(ban_lists=(BAD,)), FOUND) == []


@pytest.mark.parametrize("room", [OFFICE, None])
async def test_a_change_that_would_ban_a_crowd_asks_first(room: Address | None) -> None:
    crowd = tuple(replace(ANN_HERE, user_id=f"u{number}") for number in range(100, 101 + MOST_AT_ONCE))
    found = replace(FOUND, hits=crowd)
    said = [Post(to=room, text=text_banlists.too_many(found, MOST_AT_ONCE))] if room else []
    assert await done(changed("*"), Rules(ban_lists=(BAD,), review_room=room), found) == said


async def test_a_ban_is_written_to_our_own_list_unless_a_list_brought_it_about() -> None:
    own = BanList(address=OWN, title="Ours", size=0)
    rules = Rules(ban_lists=(OWN, BAD), own_list=OWN)
    assert await done(banned(BOB, "raid"), rules, FOUND, own) == [Enlist(to=OWN, user_id=BOB.id, reason="raid")]
    assert await done(banned(ANN), rules, FOUND, own) == []
    assert await done(banned(BOB), Rules(ban_lists=(BAD,)), FOUND) == []


async def test_lifting_a_ban_takes_the_name_off_our_own_list_and_that_lifts_it_everywhere() -> None:
    rules = Rules(ban_lists=(OWN,), own_list=OWN)
    assert await done(lifted(BOB), rules) == [Enlist(to=OWN, user_id=BOB.id, lifted=True)]
    assert await done(changed("u2", lifted=True, where=OWN), rules) == [Pardon(to=HOME, user_id="u2")]
    given = asked("unban", ("member", "u2"))
    assert await answered(given, rules) == [
        Pardon(to=HOME, user_id="u2"),
        Enlist(to=OWN, user_id="u2", lifted=True),
        whispered(given, text_banlists.pardoned("u2")),
    ]
