"""Whole sessions: lines typed, events heard, a screen read."""

import asyncio
import io
from datetime import timedelta

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.core.effect import Button, Delete, Edit, Effect, Penalty, Post, Restrict
from bot.core.errors import Rejected
from bot.core.event import ButtonPressed, CommandGiven, Event, MemberJoined, MessagePosted
from bot.core.ports import Readers
from connectors.console import SPEC
from connectors.console.house import GENERAL, MODS, House
from connectors.console.settings import ConsoleSettings
from connectors.console.terminal import piped, typed
from tests.connectors.console.stage import Session

pytestmark = pytest.mark.asyncio


def answers(event: Event) -> list[Effect]:
    match event:
        case MessagePosted() if "spam" in event.text:
            buttons = (Button("rm", "Remove", "🗑"),)
            return [Post(to=MODS, text="Is this spam?", buttons=buttons)]
        case ButtonPressed():
            return [
                Delete(to=GENERAL, message_ids=("s.1",), reason="spam"),
                Edit(to=MODS, message_id=event.message_id, text="Removed by mo"),
            ]
        case CommandGiven():
            return [Post(to=event.where, text=event.problem or "Ask away", whisper_to=event.who.id)]
        case _:
            return []


async def test_a_case_from_first_word_to_last() -> None:
    session = Session(reply=answers)
    assert await session.type("buy my spam", "/as mo moderator", "/join mods", "/press remove") == [
        "  1 ada: buy my spam",
        "▌ 2 #mods Parley",
        "▌   Is this spam?",
        "▌   [remove]",
        "· You are mo, moderator in general.",
        "· You are in mods.",
        "  mo: /press remove",
        "  1 #general ada (removed: spam): buy my spam",
        "▌ 2 Parley (edited): Removed by mo",
    ]


async def test_a_card_that_is_asked_for_again_is_shown_and_pressed() -> None:
    session = Session(reply=lambda event: again if isinstance(event, CommandGiven) else [])
    buttons = (Button("rm", "Remove", "🗑"),)
    cards = [
        await session.connector.perform(Post(to=MODS, text=f"Case {n}", buttons=buttons), key=str(n), cookie="")
        for n in (1, 2)
    ]
    again: list[Effect] = [Edit(to=MODS, message_id=cards[0].message_id, text="Case 1", buttons=buttons)]
    shown = await session.type("/parley help", "/press remove")
    assert shown[1:4] == ["▌ 1 #mods Parley", "▌   Case 1", "▌   [remove]"]
    assert [event.message_id for event in session.heard if isinstance(event, ButtonPressed)] == [cards[0].message_id]


async def test_commands_are_answered_before_the_end_of_the_input() -> None:
    session = Session(reply=answers)
    assert await session.type("/parley help", "!parley hlep") == [
        "  ada: /parley help",
        "▌ 1 Parley (only you see this): Ask away",
        "  ada: !parley hlep",
        "▌ 2 Parley (only you see this): I do not know the command “hlep”. Did you mean “help”?",
    ]


async def test_without_word_from_parley_the_end_waits_for_quiet() -> None:
    session = Session(reply=answers, tells=False)
    assert (await session.type("/parley help"))[-1] == "▌ 1 Parley (only you see this): Ask away"


async def test_nothing_is_read_after_leaving() -> None:
    session = Session()
    assert await session.type("/quit", "still here") == []
    assert session.heard == []


async def test_only_moderators_enter_their_room() -> None:
    session = Session()
    assert await session.type("/join mods", "/as ada moderator", "/join mods", "/as bob") == [
        "! Only moderators may enter mods. Type: /as ada moderator",
        "· You are ada, moderator in general.",
        "· You are in mods.",
        "· You are bob, member in general.",
    ]
    assert await session.connector.readers(MODS) == Readers(members=frozenset({"ada"}))
    assert await session.connector.readers(GENERAL) == Readers(everyone=True)


async def test_somebody_who_comes_in_joins_once() -> None:
    session = Session()
    await session.type("/as bob", "/as ada", "/as bob")
    assert [(type(event), event.who.id) for event in session.heard] == [(MemberJoined, "bob")]


async def test_a_timed_out_member_waits() -> None:
    session = Session()
    timeout = Restrict(
        to=GENERAL, user_id="ada", penalty=Penalty.TIMEOUT, reason="flooding", lasts=timedelta(minutes=5)
    )
    await session.perform(timeout)
    assert await session.type("hello?") == ["! ada is timed out for 5 minutes. Wait, or be somebody else: /as NAME"]
    assert session.heard == []
    session.now += timedelta(minutes=5)
    assert await session.type("hello!") == ["  1 ada: hello!"]


async def test_a_kicked_member_comes_back() -> None:
    session = Session()
    await session.perform(Restrict(to=GENERAL, user_id="ada", penalty=Penalty.KICK, reason="flooding"))
    assert await session.type("hello?", "/who", "/as ada", "hello!") == [
        "! ada was kicked. Come back with /as ada, or as somebody else.",
        "· Nobody is here.",
        "· You are ada, member in general.",
        "  1 ada: hello!",
    ]
    assert [type(event) for event in session.heard] == [MemberJoined, MessagePosted]


async def test_the_words_of_others_stay_their_own() -> None:
    session = Session()
    message_id = await session.say("mine")
    with pytest.raises(Rejected):
        await session.perform(Edit(to=GENERAL, message_id=message_id, text="yours"))


async def test_what_another_session_said_is_gone() -> None:
    assert (await Session().perform(Edit(to=GENERAL, message_id="older.1", text="x"))).gone


async def test_no_two_sessions_share_an_id() -> None:
    assert {House("a").new_id() for _ in range(2)} | {House("b").new_id()} == {"a.1", "b.1"}


async def test_long_lines_wrap_under_their_message() -> None:
    shown = await Session(width=30).type("one two three four five six seven eight")
    assert shown[-2:] == ["  1 ada: one two three four", "    five six seven eight"]


async def test_a_person_types_until_the_end() -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("hello\rw\x7fworld\r\x04")
        assert [line async for line in typed(lambda: "ada> ")] == ["hello", "world"]


async def test_a_pipe_ends_where_it_ends() -> None:
    lines = piped(io.StringIO("one\n\nlast without newline"))
    assert [line async for line in lines(lambda: "")] == ["one\n", "\n", "last without newline"]


async def test_leaving_a_pipe_early_leaves_no_thread_in_the_way() -> None:
    lines = piped(io.StringIO("line\n" * 1000))(lambda: "")
    assert await anext(lines) == "line\n"
    await lines.aclose()
    await asyncio.sleep(0)


async def test_it_says_how_to_turn_it_on() -> None:
    assert SPEC.settings is ConsoleSettings
    assert ConsoleSettings().missing() == ""
    assert ConsoleSettings(enabled=False).missing() == "set connectors.console.enabled = true"
    assert [probe.ok for probe in await ConsoleSettings().probe()] == [True]
