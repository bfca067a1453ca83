"""Polls from the command to the end: event in, list out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import text_polls
from bot.core.action import Action, EndPoll, Later, Vote
from bot.core.address import Address
from bot.core.capability import Capabilities, PollSupport
from bot.core.effect import ClosePoll, OpenPoll, Post, ShowPoll
from bot.core.event import Event, Message, PollEnded, PollVoted, Role, SurfaceKind
from bot.core.poll import Poll, pressed, valid
from bot.core.stored import Job
from pipelines.polls.ending import END, JOBS, SHOW
from pipelines.polls.pipeline import Polls
from tests.pipelines.build import ANN, BOB, LOBBY, MO, OFFICE, all_of, asked, said
from tests.pipelines.build import pressed as press
from tests.pipelines.fakes import NOON, House
from tests.pipelines.polls.build import COUNTED, DAY, POLL, TYPED, voted

SOON = datetime.fromtimestamp(NOON.timestamp() + 1, UTC)
REDRAWN = Later(job=SHOW, key=f"test:e5|{int(SOON.timestamp())}", at=SOON)
TICK = timedelta(milliseconds=1)
NATIVE = replace(COUNTED, polls=PollSupport(max_options=20, counts=False))
LAST = (ShowPoll(to=LOBBY, poll="test:e5"), ShowPoll(to=LOBBY, poll="test:e5", result=True))


async def fine(_message: Message) -> bool:
    return False


POLLS = Polls(fine)


def house(*polls: Poll, can: Capabilities = TYPED, now: datetime = NOON) -> House:
    return House(held=polls, can=can, now=now, roles={(str(LOBBY), MO.id): Role.MODERATOR})


def pressing(button: str, message_id: str = "m7", at: datetime = NOON) -> Event:
    return press(button, where=LOBBY, who=BOB, message_id=message_id, at=at)


def choosing(*options: str) -> PollVoted:
    return PollVoted(id="v1", at=NOON, where=LOBBY, who=BOB, message_id="m7", options=options)


def counted(*options: int) -> Vote:
    return Vote(poll="test:e5", by="u2", name="Bob", options=options, at=NOON)


def whispered(words: str, to: str = "u9") -> list[Action]:
    return [Post(to=LOBBY, text=words, whisper_to=to)]


async def asking(line: str, polls: Polls = POLLS) -> list[Action]:
    return await all_of(polls.poll(asked("poll", ("ask", line), ("lasts", "2h")), house().context))


async def test_a_question_opens_a_poll_that_ends_at_its_time() -> None:
    opened = replace(DAY, by=MO.id)
    end = Later(job=END, key="test:e5", at=NOON + timedelta(hours=2))
    assert await asking("Which day? | Saturday | Sunday") == [opened, end]


async def test_a_question_that_is_wrong_opens_nothing() -> None:
    assert await asking("Which day?") == whispered(text_polls.poll_needs(2, 10, 0))


async def test_what_could_not_be_said_cannot_be_asked_either() -> None:
    heard: list[Message] = []

    async def objects(message: Message) -> bool:
        heard.append(message)
        return True

    assert await asking("Who is worst? | Ann | Bob", Polls(objects)) == whispered(text_polls.POLL_AGAINST_THE_RULES)
    assert [(one.kind, one.text) for one in heard[0].surfaces] == [
        (SurfaceKind.POLL, said_) for said_ in ("Who is worst?", "Ann", "Bob")
    ]


@pytest.mark.parametrize(
    ("can", "secret"),
    [
        (TYPED, True),
        (replace(TYPED, ephemeral=False), False),
        (replace(COUNTED, polls=PollSupport(max_options=9, secret=True)), True),
    ],
)
async def test_a_poll_is_secret_or_it_is_not_asked(can: Capabilities, *, secret: bool) -> None:
    given = asked("poll", ("ask", "Which day? | Saturday | Sunday"), ("anonymous", "yes"))
    opened, *_ = await all_of(POLLS.poll(given, house(can=can).context))
    assert opened == whispered(text_polls.POLL_SEEN_BY_ALL)[0] or secret
    assert isinstance(opened, OpenPoll) is secret


@pytest.mark.parametrize(
    ("event", "poll", "options"),
    [
        (pressing("vote:2"), POLL, (2,)),
        (pressing("vote:2"), voted((BOB, (1,))), (2,)),
        (pressing("vote:2"), voted((BOB, (2,))), ()),
        (pressing("vote:2"), voted((BOB, (1,)), poll=replace(POLL, asked=replace(DAY, multiple=True))), (1, 2)),
        (choosing("1"), voted((BOB, (2,))), (1,)),
        (choosing(), voted((BOB, (2,))), ()),
    ],
)
async def test_a_vote_is_counted_and_drawn_soon(event: Event, poll: Poll, options: tuple[int, ...]) -> None:
    assert await all_of(POLLS(event, house(poll).context)) == [counted(*options), REDRAWN]


@pytest.mark.parametrize("event", [pressing("vote:3"), pressing("vote:x"), pressing("case:1:remove"), said("vote:1")])
async def test_other_presses_and_words_are_no_votes(event: Event) -> None:
    assert await all_of(POLLS(event, house(POLL).context)) == []


async def test_a_press_elsewhere_is_no_vote() -> None:
    assert await all_of(POLLS(pressing("vote:1", "m8"), house(POLL).context)) == []


@pytest.mark.parametrize(
    ("poll", "at"),
    [(replace(POLL, ended=True), NOON), (POLL, POLL.ends_at + TICK), (POLL, POLL.ends_at + timedelta(days=9))],
)
async def test_a_late_vote_is_not_counted(poll: Poll, at: datetime) -> None:
    late = house(poll)
    assert await all_of(POLLS(pressing("vote:1", at=at), late.context)) == whispered(text_polls.POLL_ENDED, "u2")
    assert await all_of(POLLS(replace(choosing("1"), at=at), late.context)) == []
    late.can = replace(TYPED, ephemeral=False)
    assert await all_of(POLLS(pressing("vote:1", at=at), late.context)) == []


async def test_a_vote_that_was_given_in_time_counts_when_it_is_heard_late() -> None:
    late = house(POLL, now=POLL.ends_at + timedelta(seconds=3))
    given = replace(choosing("1"), at=POLL.ends_at)
    (vote, _) = await all_of(POLLS(given, late.context))
    assert vote == replace(counted(1), at=POLL.ends_at)


async def test_a_reaction_beside_a_native_poll_says_what_a_vote_says() -> None:
    native = house(voted((BOB, (2,))), can=NATIVE)
    assert (await all_of(POLLS(pressing("vote:2"), native.context)))[0] == counted(2)


async def test_whoever_may_ends_a_poll_by_hand_and_its_result_is_told() -> None:
    by_hand = PollEnded(id="p1", at=NOON, where=LOBBY, who=ANN, message_id="m7", counts=())
    assert await all_of(POLLS(by_hand, house(POLL, can=NATIVE).context)) == [EndPoll(poll="test:e5"), *LAST]
    over = house(replace(POLL, ended=True), can=NATIVE)
    assert await all_of(POLLS(by_hand, over.context)) == [EndPoll(poll="test:e5")]


async def test_a_poll_that_ended_while_nobody_listened_waits_for_the_votes_of_that_time() -> None:
    away = house(POLL, now=POLL.ends_at + timedelta(hours=1))
    (later,) = await all_of(JOBS[END](Job(name=END, key="test:e5"), away.context))
    assert later == Later(job=END, key="test:e5|overdue", at=away.now + timedelta(seconds=20))
    assert await all_of(JOBS[END](Job(name=END, key=later.key), away.context)) == [EndPoll(poll="test:e5"), *LAST]


def test_all_votes_of_a_second_share_one_drawing() -> None:
    from pipelines.polls.pipeline import redrawn

    moments = [NOON + timedelta(milliseconds=each) for each in range(0, 2000, 10)]
    assert len({redrawn(POLL, moment) for moment in moments}) == 2


@pytest.mark.parametrize(
    ("options", "multiple", "meant"),
    [
        (("2",), False, (2,)),
        (("2", "1"), False, (2,)),
        (("2", "9"), False, (2,)),
        (("2", "1", "2"), True, (1, 2)),
        (("9", "1"), False, ()),
        (("1", "9"), True, ()),
        (("01",), False, ()),
        ((), True, ()),
    ],
)
def test_a_spoilt_vote_is_none(options: tuple[str, ...], multiple: bool, meant: tuple[int, ...]) -> None:  # noqa: FBT001 - a case
    assert valid(replace(POLL, asked=replace(DAY, multiple=multiple)), options) == meant


def test_what_is_pressed_twice_is_taken_back() -> None:
    assert [pressed(voted((ANN, (1,))), "u1", number) for number in (1, 2)] == [(), (2,)]


async def test_a_job_draws_what_is_still_open() -> None:
    job = Job(name=SHOW, key=REDRAWN.key)
    assert await all_of(JOBS[SHOW](job, house(POLL).context)) == [LAST[0]]
    assert await all_of(JOBS[SHOW](job, house(replace(POLL, ended=True)).context)) == []
    assert await all_of(JOBS[SHOW](job, house().context)) == []


@pytest.mark.parametrize(
    ("can", "expected"),
    [
        (TYPED, [EndPoll(poll="test:e5"), *LAST]),
        (COUNTED, [ClosePoll(to=LOBBY, message_id="m7")]),
        (replace(COUNTED, polls=PollSupport(max_options=9, bot_can_close=False)), []),
        (
            replace(COUNTED, polls=PollSupport(max_options=9, counts=False)),
            [EndPoll(poll="test:e5"), ClosePoll(to=LOBBY, message_id="m7"), *LAST],
        ),
    ],
)
async def test_a_poll_ends_at_its_time(can: Capabilities, expected: list[Action]) -> None:
    job = Job(name=END, key="test:e5")
    assert await all_of(JOBS[END](job, house(POLL, can=can).context)) == expected
    assert await all_of(JOBS[END](job, house(replace(POLL, ended=True), can=can).context)) == []


def ending(number: str, polls: House, who: str = "u1", where: Address = LOBBY) -> AsyncIterator[Action]:
    return POLLS.end(asked("endpoll", ("number", number), who=replace(ANN, id=who), where=where), polls.context)


@pytest.mark.parametrize("who", ["u1", "u9"])
async def test_whoever_asked_and_moderators_end_a_poll_early(who: str) -> None:
    assert await all_of(ending("7", house(POLL), who, OFFICE)) == [EndPoll(poll="test:e5"), *LAST]


async def test_nobody_else_does() -> None:
    assert await all_of(ending("7", house(POLL), "u2")) == whispered(text_polls.NOT_YOUR_POLL, "u2")
    assert await all_of(ending("8", house(POLL))) == whispered(text_polls.no_poll("8"), "u1")
    away = replace(POLL, asked=replace(DAY, to=Address("test", "elsewhere", "lobby")))
    assert await all_of(ending("7", house(away))) == whispered(text_polls.no_poll("7"), "u1")


async def test_open_polls_are_listed_with_their_numbers() -> None:
    listed: list[OpenPoll | Action] = [*await all_of(POLLS.polls(asked("polls"), house(POLL).context))]
    assert listed == whispered("Open polls here; “endpoll N” ends one:\n7. Which day?")
    assert await all_of(POLLS.polls(asked("polls"), house().context)) == whispered(text_polls.polls([], 0))


async def test_a_platform_that_counts_says_how_a_poll_ended() -> None:
    ended = PollEnded(id="p1", at=NOON, where=LOBBY, who=ANN, message_id="m7", counts=(3, 0))
    assert await all_of(POLLS(ended, house(POLL, can=COUNTED).context)) == [EndPoll(poll="test:e5", counts=(3, 0))]
    assert await all_of(POLLS(replace(ended, message_id="m8"), house(POLL).context)) == []
