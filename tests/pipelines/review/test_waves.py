"""The card of a wave, and what a press on it does to all of its messages and authors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text, text_waves
from bot.core.action import Action, AskReview, Decide
from bot.core.appeal import Appeal
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Card, Delete, Effect, Lift, Penalty, Post, Restrict
from bot.core.event import Author, Role
from bot.core.evidence import Decision, Record
from bot.core.stored import Job
from bot.core.wave import Part, Wave
from pipelines.review.card import CardText, line
from pipelines.review.pipeline import Review
from pipelines.review.undoing import Undoing
from pipelines.review.waves import CHUNK, Clearing, cleared, show
from tests.pipelines.build import (
    ANN,
    BOB,
    LOBBY,
    MO,
    OFFICE,
    all_of,
    appealing,
    asked,
    case,
    found,
    policy,
    pressed,
    reported,
    said,
)
from tests.pipelines.fakes import House

WAVE = Wave(
    name="test:e1",
    members=2,
    messages=4,
    places=2,
    examples=(("**Ann**", "gifts [x](https://evil.example)"), ("Bob", "gifts")),
)
CASE = case(wave=WAVE)
GARDEN = replace(LOBBY, channel="garden")
PARTS = [
    Part(where=LOBBY, message_id="m1", author=ANN),
    Part(where=LOBBY, message_id="m2", author=BOB),
    Part(where=GARDEN, message_id="m3", author=ANN),
    Part(where=LOBBY, message_id="m4", author=ANN),
]
CAN = Capabilities(max_text=2000, buttons=6, penalties=frozenset(Penalty), can_delete_others=True)
REVIEW = Review(lambda _: policy())
CARD = Card(to=OFFICE, case=1)


def house(known: Case = CASE, *, moderators: Sequence[str] = ()) -> House:
    roles = {("test/home", who): Role.MODERATOR for who in (MO.id, *moderators)}
    return House(cases=[known], parts=PARTS, roles=roles, messages={"test:m1": found(said("gifts"))})


def removed(*ids: str, where: object = LOBBY) -> Delete:
    assert where in (LOBBY, GARDEN)
    return Delete(to=LOBBY if where == LOBBY else GARDEN, message_ids=ids, reason=text.REMOVED_REASON)


def telling(author: Author, message_id: str) -> Delete:
    told = replace(removed(message_id), tell_to=author.id, tell=text.removed(author.name))
    return replace(told, tell_buttons=(appealing(message_id),))


def banned(author: Author, message_id: str, where: object = LOBBY) -> Restrict:
    return Restrict(
        to=LOBBY if where == LOBBY else GARDEN,
        user_id=author.id,
        penalty=Penalty.BAN,
        reason=text.REMOVED_REASON,
        tell=text.removed(author.name),
        tell_buttons=(appealing(message_id),),
    )


BANS = [banned(ANN, "m1"), banned(BOB, "m2"), banned(ANN, "m3", GARDEN)]
DONE: dict[str, tuple[Effect, ...]] = {
    "remove": (telling(ANN, "m1"), telling(BOB, "m2"), removed("m3", where=GARDEN), removed("m4")),
    "ban": (*BANS, removed("m3", where=GARDEN), removed("m1", "m2", "m4")),
    "approve": (),
}


@pytest.mark.parametrize("button", DONE)
async def test_a_press_decides_about_all_of_it(button: str) -> None:
    closing, standing = await all_of(REVIEW(pressed(f"case:1:{button}"), house().context))
    decided = Decide(case=1, decision=Decision(button), by="Mo", by_id=MO.id)
    assert closing == replace(decided, effects=(*DONE[button], CARD))
    assert standing == Card(to=OFFICE, case=1, whisper_to=MO.id)


async def test_whoever_is_a_moderator_by_now_is_spared() -> None:
    closing, _ = await all_of(REVIEW(pressed("case:1:ban"), house(moderators=[ANN.id]).context))
    assert isinstance(closing, Decide)
    assert closing.effects == (banned(BOB, "m2"), removed("m2"), CARD)
    secretive = replace(
        house(), secretive=True, roles={("test/home", MO.id): Role.MODERATOR, ("test/garden", ANN.id): Role.MODERATOR}
    )
    closing, _ = await all_of(REVIEW(pressed("case:1:remove"), secretive.context))
    assert isinstance(closing, Decide)
    assert closing.effects == (*DONE["remove"], CARD)


async def test_only_moderators_decide() -> None:
    members = replace(house(), roles={})
    refused = [Post(to=OFFICE, text=text.NOT_A_MODERATOR, whisper_to=MO.id)]
    assert await all_of(REVIEW(pressed("case:1:ban"), members.context)) == refused
    undone = replace(house(replace(CASE, decision=Decision.BAN)), roles={})
    assert await all_of(REVIEW(pressed("case:1:undo"), undone.context)) == refused


def test_many_messages_go_in_as_few_calls_as_there_are() -> None:
    parts = [Part(where=LOBBY, message_id=f"m{n}", author=ANN) for n in range(2 * CHUNK + 1)]
    how = Clearing(decision=Decision.REMOVE, reason="", tell_author=True, timeout=timedelta(hours=1))
    first, *rest = cleared(parts, how)
    assert first == telling(ANN, "m0")
    assert [isinstance(each, Delete) and len(each.message_ids) for each in rest] == [CHUNK, CHUNK]
    assert [
        isinstance(each, Delete) and len(each.message_ids) for each in cleared(parts, replace(how, tell_author=False))
    ] == [
        CHUNK,
        CHUNK,
        1,
    ]


UNDONE: list[Action] = [
    Decide(
        case=1,
        decision=Decision.APPROVE,
        by="Mo",
        by_id=MO.id,
        effects=(
            *(
                Lift(to=to, user_id=who.id, penalty=Penalty.BAN, reason="A moderator takes it back.")
                for to, who in ((LOBBY, ANN), (LOBBY, BOB), (GARDEN, ANN))
            ),
            CARD,
        ),
        over=Decision.BAN,
    )
]


async def test_the_button_and_the_command_take_all_of_it_back() -> None:
    at = house(replace(CASE, decision=Decision.BAN)).context
    answer = text_waves.undone(1, Decision.BAN, 2)
    assert await all_of(REVIEW(pressed("case:1:undo"), at)) == [*UNDONE, Post(to=OFFICE, text=answer, whisper_to=MO.id)]
    given = asked("undo", ("case", "1"))
    assert await all_of(Undoing(lambda _: policy()).undo(given, at)) == [
        *UNDONE,
        Post(to=LOBBY, text=answer, whisper_to=MO.id),
    ]
    assert "2 authors are no longer banned" in answer


async def test_to_point_at_one_message_is_not_to_mean_its_whole_wave() -> None:
    at = house(replace(CASE, decision=Decision.BAN)).context
    opened, was, back, _ = await all_of(Undoing(lambda _: policy()).undo(asked("undo", ("case", "m1")), at))
    assert isinstance(opened, AskReview)
    assert isinstance(was, Decide)
    assert isinstance(back, Decide)
    assert (opened.message_id, was.decision, back.over) == ("m1", Decision.BAN, Decision.BAN)
    assert [each for each in back.effects if isinstance(each, Lift)] == [
        Lift(to=LOBBY, user_id=ANN.id, penalty=Penalty.BAN, reason="A moderator takes it back.")
    ]
    own, taken, _ = await all_of(REVIEW.delete(asked("delete", ("message", "m1")), house().context))
    assert isinstance(own, AskReview)
    assert isinstance(taken, Decide)
    assert (own.message_id, taken.about) == ("m1", "test:m1")


async def test_a_report_about_a_wave_adds_no_case() -> None:
    thanks = [Post(to=LOBBY, text=text.REPORT_RECEIVED, whisper_to=BOB.id)]
    assert await all_of(REVIEW(reported(), house().context)) == thanks
    alone = house(replace(CASE, decision=Decision.APPROVE)).context
    assert isinstance((await all_of(REVIEW(reported(), alone)))[0], AskReview)


async def test_whoever_was_part_of_a_wave_can_appeal() -> None:
    at = house(replace(CASE, decision=Decision.BAN, decided_by="Mo", decided_by_id=MO.id, event_key="test:e9")).context
    asked_, _ = await all_of(REVIEW(pressed("appeal:m1", where=LOBBY, who=ANN, text="Not me."), at))
    assert isinstance(asked_, AskReview)
    assert asked_.appeal == Appeal(reason="Not me.", decision=Decision.BAN, by="Mo", by_id=MO.id)
    assert asked_.swell is None


def test_a_card_says_how_large_it_is_and_shows_a_few_of_its_messages() -> None:
    shown = CardText().full(CASE, Record(), CAN, OFFICE)
    assert "nearly the same 4 times, by 2 members in 2 channels." in shown.text
    assert "gifts [x]" not in shown.text
    assert "- **Ann**" not in shown.text
    assert "Proposed: remove them all" in shown.text
    assert [(button.id, button.label) for button in shown.buttons] == [
        ("case:1:remove", "Remove all"),
        ("case:1:ban", "Ban all"),
        ("case:1:approve", "Leave alone"),
    ]
    assert "4 times" in line(CASE)


@pytest.mark.parametrize(
    ("penalties", "labels"),
    [
        ({Penalty.TIMEOUT, Penalty.KICK}, ["Remove all", "Time out all", "Leave alone"]),
        (set(), ["Remove all", "Leave alone"]),
    ],
)
def test_only_what_the_place_allows_is_offered(penalties: set[Penalty], labels: list[str]) -> None:
    shown = CardText().full(CASE, Record(), replace(CAN, penalties=frozenset(penalties)), OFFICE)
    assert [button.label for button in shown.buttons] == labels


@pytest.mark.parametrize(
    ("decision", "stands", "labels"),
    [
        (Decision.BAN, "removed, its authors banned, by Parley. Further messages of it go the same way.", ["Undo"]),
        (Decision.APPROVE, "left alone, by Parley. Further messages of it are left alone too.", []),
    ],
)
def test_a_decided_wave_says_so_and_can_be_taken_back(decision: Decision, stands: str, labels: list[str]) -> None:
    shown = CardText().full(replace(CASE, decision=decision, decided_by="Parley"), Record(), CAN, OFFICE)
    assert f"The wave of case 1 was {stands}" in shown.text
    assert [button.label for button in shown.buttons] == labels


async def test_the_card_is_drawn_as_it_stands_when_its_time_comes() -> None:
    assert await all_of(show(Job(name="review.wave", key="test:e1|7"), house().context)) == [CARD]
    assert await all_of(show(Job(name="review.wave", key="test:e2|7"), house().context)) == []
    roomless = house(replace(CASE, room=None)).context
    assert await all_of(show(Job(name="review.wave", key="test:e1|7"), roomless)) == []
