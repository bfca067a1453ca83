"""What moderators ask for in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core.action import Decide
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Card, Outgoing, Post
from bot.core.event import CommandGiven, Role
from bot.core.evidence import Decision, Evidence
from pipelines.review.pipeline import Review
from pipelines.spec import Answer
from tests.pipelines.build import BOB, LOBBY, MO, OFFICE, all_of, asked, case, policy, removal
from tests.pipelines.fakes import House

ROLES = {("test/home", MO.id): Role.MODERATOR}
PUBLIC = Capabilities(max_text=2000)
REVIEW = Review(lambda _: policy())
FIRST, SECOND, THIRD = case(1), case(2, reporters=("Bob",)), case(3)
APPROVED = "1,234 messages approved in this channel so far."
HOW = f"“case N” shows one, “approve N” and “remove N” decide. {APPROVED}"


def house(cases: Sequence[Case] = (FIRST, SECOND, THIRD), *, can: Capabilities | None = None) -> House:
    return House(cases=cases, roles=ROLES, counted=1234, can=can or Capabilities(max_text=2000, ephemeral=True))


def told(said: str, to: Address = LOBBY) -> Post:
    return Post(to=to, text=said, whisper_to=MO.id)


async def queue(where: Address, home: House, *options: tuple[str, str]) -> str:
    (post,) = await all_of(REVIEW.queue(asked("queue", *options, where=where), home.context))
    assert isinstance(post, Post)
    assert (post.to, post.whisper_to) == (where, MO.id)
    return post.text


def given(name: str, number: int, *options: str) -> CommandGiven:
    return asked(name, ("number", str(number)), *((option, "yes") for option in options))


async def test_the_queue_shows_reported_cases_first() -> None:
    assert await queue(LOBBY, house()) == (
        "Waiting for a decision:\n"
        "- **2** Ann: you idiot · insult 1.00 · 1× reported\n"
        "- **1** Ann: you idiot · insult 1.00\n"
        "- **3** Ann: you idiot · insult 1.00\n\n" + HOW
    )


async def test_the_queue_hides_members_words_where_others_would_read_them() -> None:
    shown = await queue(LOBBY, house([FIRST, case(2, evidence=Evidence())], can=PUBLIC))
    assert shown == f"Waiting for a decision:\n- **1** · insult 1.00\n- **2** · nothing found\n\n{HOW}"


async def test_the_review_room_may_read_them_and_sees_the_whole_community() -> None:
    elsewhere = case(4, where=replace(LOBBY, channel="garden"))
    shown = await queue(OFFICE, house([FIRST, elsewhere], can=PUBLIC))
    assert shown.count("you idiot") == 2


async def test_the_queue_is_of_the_channel_unless_all_is_asked_for() -> None:
    elsewhere = case(4, where=replace(LOBBY, channel="garden"))
    foreign = case(5, where=replace(LOBBY, space="other"))
    home = house([FIRST, elsewhere, foreign])
    numbers = [
        [number for number in (1, 4, 5) if f"**{number}**" in await queue(LOBBY, home, *options)]
        for options in ([], [("all", "yes")])
    ]
    assert numbers == [[1], [1, 4]]


async def test_an_empty_queue_says_so() -> None:
    assert await queue(LOBBY, house([])) == f"Nothing waits. {APPROVED}"


async def test_a_long_queue_is_cut_and_says_so() -> None:
    shown = await queue(LOBBY, house([case(number) for number in range(1, 30)]))
    assert shown.count("- **") == 20
    assert "\n- …and more.\n" in shown


async def test_a_case_is_shown_in_the_review_room() -> None:
    assert await all_of(REVIEW.case(given("case", 1), house().context)) == [
        Card(to=OFFICE, case=1),
        told("I showed it in the moderators’ room."),
    ]
    inside = replace(given("case", 1), where=OFFICE)
    assert await all_of(REVIEW.case(inside, house().context)) == [Card(to=OFFICE, case=1)]


async def test_without_a_review_room_no_card_is_shown_where_others_read_along() -> None:
    hint = "I show no card where others read along. Set `review_room`, and cards appear there."
    for can, line in ((Capabilities(max_text=2000, ephemeral=True), "**1** Ann: you idiot"), (PUBLIC, "**1**")):
        home = house([case(room=None, card_id="")], can=can)
        shown = told(f"{line} · insult 1.00\n\n{hint}")
        assert await all_of(REVIEW.case(given("case", 1), home.context)) == [shown]


async def test_the_queue_leaves_out_rooms_where_the_asker_is_no_moderator() -> None:
    elsewhere = case(2, where=replace(LOBBY, channel="attic"))
    home = House(cases=[FIRST, elsewhere], roles={(str(LOBBY), MO.id): Role.MODERATOR})
    assert "**2**" not in await queue(LOBBY, home, ("all", "yes"))


@pytest.mark.parametrize("command", [REVIEW.case, REVIEW.approve, REVIEW.remove, REVIEW.warn])
async def test_who_is_no_moderator_of_its_place_learns_nothing(command: Answer) -> None:
    """The desk checks the role where the command was given; the case may be elsewhere."""
    home = House(cases=[FIRST], roles={(str(OFFICE), MO.id): Role.MODERATOR})
    event = replace(given("case", 1, "upto"), where=OFFICE)
    assert await all_of(command(event, home.context)) == [told("Only moderators of that room can decide this.", OFFICE)]


async def test_a_number_without_a_case_is_said_so() -> None:
    missing = [told("There is no case 9. “queue” shows those that wait.")]
    home = house().context
    assert await all_of(REVIEW.case(given("case", 9), home)) == missing
    assert await all_of(REVIEW.approve(given("approve", 9), home)) == missing
    assert await all_of(REVIEW.approve(given("approve", 9, "upto"), home)) == missing
    assert await all_of(REVIEW.remove(given("remove", 9), home)) == missing
    assert await all_of(REVIEW.warn(given("warn", 9), home)) == missing


def closing(number: int, decision: Decision, *effects: Outgoing) -> Decide:
    card = Card(to=OFFICE, case=number)
    return replace(Decide(case=number, decision=decision, by="Mo", by_id="u9"), effects=(*effects, card))


async def test_words_decide_as_buttons_do() -> None:
    home = house().context
    standing = Card(to=LOBBY, case=1, whisper_to=MO.id)
    warning = Post(to=LOBBY, text="Ann, a moderator asks you to mind the rules of this room.", whisper_to="u1")
    assert await all_of(REVIEW.approve(given("approve", 1), home)) == [closing(1, Decision.APPROVE), standing]
    assert await all_of(REVIEW.remove(given("remove", 1), home)) == [closing(1, Decision.REMOVE, *removal()), standing]
    assert await all_of(REVIEW.warn(given("warn", 1), home)) == [closing(1, Decision.WARN, warning), standing]


async def test_approving_up_to_one_leaves_the_reported_and_the_later_ones() -> None:
    elsewhere = case(2, where=replace(LOBBY, channel="garden"))
    cases = [FIRST, elsewhere, replace(SECOND, number=3), case(4), case(5)]
    assert await all_of(REVIEW.approve(given("approve", 4, "upto"), house(cases).context)) == [
        closing(1, Decision.APPROVE),
        closing(4, Decision.APPROVE),
        told("Approved 2 message(s). 1 reported one(s) I left for you to look at."),
    ]


async def test_approving_up_to_a_decided_case_approves_what_waits_before_it() -> None:
    cases = [FIRST, case(2, decision=Decision.REMOVE), case(3)]
    assert await all_of(REVIEW.approve(given("approve", 2, "upto"), house(cases).context)) == [
        closing(1, Decision.APPROVE),
        told("Approved 1 message(s)."),
    ]


async def test_who_is_no_moderator_approves_nothing_in_bulk() -> None:
    event = replace(given("approve", 2, "upto"), who=BOB)
    said = Post(to=LOBBY, text="Only moderators of that room can decide this.", whisper_to=BOB.id)
    assert await all_of(REVIEW.approve(event, house().context)) == [said]
