"""One message of a wave: what it brings to the wave's case, and what moderators decided about it holds on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from bot import text
from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Delete, Effect, Penalty, Restrict
from bot.core.event import Author, MessagePosted, Role
from bot.core.evidence import Decision
from bot.core.wave import Swell, Wave
from pipelines.moderation.pipeline import Moderation
from tests.pipelines.build import LOBBY, all_of, appealing, case, found, policy, said
from tests.pipelines.fakes import NOON, House

CAN = Capabilities(max_text=2000, ephemeral=True, penalties=frozenset(Penalty), can_delete_others=True)
NAME = "test:e0"
SCAM = "free gift cards for everybody at gifts.example/claim?id="


def spoken(number: int, words: str = SCAM) -> MessagePosted:
    who, at = Author(f"u{number}", f"U{number}"), NOON + timedelta(seconds=number)
    return replace(said(f"{words}{number}"), id=f"e{number}", message_id=f"m{number}", who=who, at=at)


async def play(messages: Sequence[MessagePosted], at: House, **settings: object) -> list[list[Action]]:
    """What moderation wants of each, in turn."""
    chosen = policy(**{"rules": {"waves": {"kind": "wave"}}, "mode": "auto", **settings})
    moderation = Moderation(lambda _: chosen, None)
    return [await all_of(moderation(message, at.context)) for message in messages]


def house(*cases: Case, can: Capabilities = CAN) -> House:
    messages = {f"test:m{number}": found(spoken(number)) for number in range(9)}
    return House(cases=cases, messages=messages, can=can)


def wave(decision: Decision | None) -> Case:
    return case(wave=Wave(name=NAME, members=3, messages=3, places=1), decision=decision)


async def verdicts(count: int, at: House, **settings: object) -> list[Judged]:
    played = await play([spoken(number) for number in range(count)], at, **settings)
    return [action for actions in played for action in actions if isinstance(action, Judged)]


def once(*parts: str) -> str:
    words = " ".join([f"wave/{NAME}", *parts])
    return f"wave/{NAME}/{sha256(words.encode()).hexdigest()[:16]}"


def ban(number: int) -> Restrict:
    return Restrict(
        to=LOBBY,
        user_id=f"u{number}",
        penalty=Penalty.BAN,
        reason=text.REMOVED_REASON,
        tell=text.removed(f"U{number}"),
        tell_buttons=(appealing(f"m{number}"),),
        once=once("test/home/lobby", f"u{number}"),
    )


def removal(number: int, *, told: bool) -> Delete:
    remove = Delete(to=LOBBY, message_ids=(f"m{number}",), reason=text.REMOVED_REASON)
    if not told:
        return remove
    said_ = replace(remove, tell_to=f"u{number}", tell=text.removed(f"U{number}"), tell_once=once(f"u{number}"))
    return replace(said_, tell_buttons=(appealing(f"m{number}"),))


async def test_the_message_that_makes_it_a_wave_brings_those_before_it_along() -> None:
    first, second, third, fourth = await verdicts(4, house(), wave_penalty="ban")
    assert [first.swell, second.swell] == [None, None]
    assert third.swell == Swell(wave=NAME, earlier=("m0", "m1"), done=Decision.BAN)
    bans, removals = [ban(n) for n in range(3)], [removal(n, told=False) for n in range(3)]
    # Contained before it is cleaned up.
    assert third.proposal == (*bans, *removals)
    assert fourth.swell == Swell(wave=NAME, done=Decision.BAN)
    assert fourth.proposal == (ban(3), removal(3, told=False))


async def test_without_a_penalty_its_authors_are_told_once() -> None:
    *_, third = await verdicts(3, house())
    assert third.proposal == tuple(removal(n, told=True) for n in range(3))
    assert third.swell == Swell(wave=NAME, earlier=("m0", "m1"), done=Decision.REMOVE)


@pytest.mark.parametrize(("penalty", "told"), [("timeout", True), ("kick", False)])
async def test_whoever_stays_is_told_of_the_removal_and_whoever_goes_before_it(penalty: str, *, told: bool) -> None:
    *_, last = await verdicts(4, house(), wave_penalty=penalty)
    restrict, remove = last.proposal
    assert isinstance(restrict, Restrict)
    assert (restrict.penalty, bool(restrict.tell)) == (Penalty(penalty), not told)
    assert remove == removal(3, told=told)


async def test_a_penalty_that_the_place_does_not_know_is_left_out() -> None:
    *_, last = await verdicts(3, house(can=replace(CAN, penalties=frozenset({Penalty.KICK}))), wave_penalty="ban")
    assert (last.outlet, last.swell and last.swell.done) == (Outlet.LIVE, Decision.REMOVE)
    assert not any(isinstance(effect, Restrict) for effect in last.proposal)


async def test_where_moderators_decide_they_are_asked_once_about_all_of_it() -> None:
    *_, third, fourth = await play([spoken(n) for n in range(4)], house(), mode="semi", wave_penalty="ban")
    for actions in (third, fourth):
        judged, drawn, reminder, halt = actions
        assert isinstance(judged, Judged)
        assert isinstance(judged.swell, Swell)
        assert (judged.outlet, judged.swell.done) == (Outlet.REVIEW, None)
        # Those of a moment share one drawing.
        assert drawn == Later(job="review.wave", key=f"{NAME}|1893499201", at=NOON + timedelta(seconds=1))
        assert isinstance(reminder, Later)
        assert halt == Halt(reason="moderated")


@pytest.mark.parametrize("mode", ["semi", "auto"])
@pytest.mark.parametrize(
    ("decided", "effects"),
    [(Decision.REMOVE, (removal(3, told=True),)), (Decision.BAN, (ban(3), removal(3, told=False)))],
)
async def test_what_moderators_decided_holds_for_what_comes_after(
    mode: str, decided: Decision, effects: tuple[Effect, ...]
) -> None:
    *_, last = await verdicts(4, house(wave(decided)), mode=mode)
    assert (last.outlet, last.swell) == (Outlet.LIVE, Swell(wave=NAME, done=decided))
    assert last.proposal == effects


async def test_a_wave_that_was_left_alone_weighs_nothing_and_the_other_rules_do() -> None:
    rules = {"waves": {"kind": "wave"}, "insults": {"words": ["idiot"], "label": "insult"}}
    alone = house(wave(Decision.APPROVE))
    assert [judged.outlet for judged in await verdicts(5, alone, rules=rules)] == [Outlet.CLEAR] * 5
    rude = [spoken(number, f"you idiot, {SCAM}") for number in range(4)]
    *_, last = await play(rude, alone, rules=rules)
    assert isinstance(last[0], Judged)
    assert (last[0].outlet, last[0].swell) == (Outlet.LIVE, None)
    assert [finding.rule for finding in last[0].evidence.findings] == ["insults"]


async def test_something_else_that_is_sure_is_no_wave() -> None:
    rules = {"waves": {"kind": "wave", "score": 0.9}, "gifts": {"words": ["gift"]}}
    *_, last = await verdicts(4, house(), rules=rules)
    assert (last.outlet, last.swell) == (Outlet.LIVE, None)


async def test_in_the_shadow_nothing_is_drawn_or_asked() -> None:
    *_, last = await play([spoken(n) for n in range(4)], house(), mode="shadow", wave_penalty="ban")
    (judged,) = last
    assert isinstance(judged, Judged)
    assert judged.proposal == (ban(3), removal(3, told=False))
    assert judged.outlet is Outlet.SHADOW


async def test_moderators_are_no_part_of_a_wave() -> None:
    mods = [replace(spoken(n), who=Author(f"u{n}", f"U{n}", Role.MODERATOR)) for n in range(5)]
    assert {
        judged.outlet for actions in await play(mods, house()) for judged in actions if isinstance(judged, Judged)
    } == {Outlet.CLEAR}


async def test_a_wave_goes_on_after_a_restart_under_the_name_it_had() -> None:
    chosen = policy(rules={"waves": {"kind": "wave"}}, mode="auto")
    at = replace(house(), heard=[spoken(0), spoken(1)])
    moderation = Moderation(lambda _: chosen, None)
    await moderation.recall(at.context)
    judged, *_ = await all_of(moderation(spoken(2), at.context))
    assert isinstance(judged, Judged)
    assert judged.swell == Swell(wave=NAME, earlier=("m0", "m1"), done=Decision.REMOVE)
