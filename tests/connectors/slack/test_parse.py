"""What a workspace said, and what it means."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.event import (
    Attachment,
    Author,
    ButtonPressed,
    CommandGiven,
    Event,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reacted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from connectors.slack.interactions import form, interaction
from connectors.slack.parse import parse
from connectors.slack.view import SOMEBODY
from tests.connectors.slack.recordings import (
    BEA,
    DIRECT,
    EVE,
    GARDEN,
    HERE,
    ME,
    MO,
    MODS,
    NOW,
    SCENES,
    TEAM,
    at,
    heard,
    memory,
    mid,
    recorded,
    ts,
    view,
)

JUNK: list[Any] = [None, [], {}, [{}], {"id": 7}, "", "x", "\ud83d", 3.5, True, -1, 10**400, "9" * 400, [[["x"]]]]
ASKED = "1700002800.000000"
THREAD = replace(HERE, thread=ts(1))
ROOM = replace(HERE, channel=MODS)


def body(text: str) -> tuple[Surface, ...]:
    return (Surface(SurfaceKind.BODY, text),)


def url(kind: str) -> str:
    return f"https://hooks.slack.com/{kind}/{TEAM}/7000000001/abcdefghijklmnopqrstuvwx"


def posted(second: int, text: str, who: Author = BEA, channel: str = GARDEN, **more: object) -> MessagePosted:
    said = MessagePosted(
        id=f"{TEAM}:{mid(second, channel)}",
        at=at(second),
        where=replace(HERE, channel=channel),
        who=who,
        message_id=mid(second, channel),
        surfaces=body(text),
    )
    return replace(said, **more)  # type: ignore[arg-type]


WEATHER = Author("B0WEATHER1", "Weather", Role.GUEST, is_bot=True)
EXPECTED: dict[str, list[Event]] = {
    "message": [posted(1, "The beans are up.")],
    "message_escaped": [
        posted(
            2,
            "",
            surfaces=(
                *body("a <b> && the plan for #garden"),
                Surface(SurfaceKind.FORMATTED, "https://fernhill.example/plan"),
            ),
        )
    ],
    "mention": [posted(3, f"@{ME} when do we plant beans?", mentions_bot=True, mentions=1)],
    "mention_command": [
        posted(4, f"@{ME} help", where=THREAD, reply_to=mid(1), mentions=1),
        CommandGiven(
            id=f"{TEAM}:{mid(4)}#command",
            at=at(4),
            where=THREAD,
            who=BEA,
            cookie=f"{BEA.id} {ts(4)} ",
            name="help",
            message_id=mid(4),
        ),
    ],
    "mass_mention": [posted(5, "@channel @Bea @Mo @mods come here", EVE, mentions=4)],
    "direct": [posted(6, "are you there?", channel=DIRECT, is_direct=True)],
    "private": [posted(7, "case 3?", MO, MODS)],
    "thread_reply": [posted(8, "mine too", EVE, where=THREAD, reply_to=mid(1))],
    "thread_broadcast": [posted(9, "to all", EVE, where=THREAD, reply_to=mid(1))],
    "file_share": [
        posted(
            10,
            "",
            surfaces=(
                *body("see"),
                Surface(SurfaceKind.FILE, "Our beans"),
                Surface(SurfaceKind.FILE, "beans.png"),
                Surface(SurfaceKind.ALT, "a row of beans"),
            ),
            attachments=(Attachment(id="F0BEANS001", name="beans.png", media_type="image/png", size=4096),),
        )
    ],
    "me_message": [posted(11, "waters the beans")],
    "bot_message": [posted(12, "", WEATHER, surfaces=(Surface(SurfaceKind.EMBED, "Rain at *noon*"),))],
    "attachment": [
        posted(
            13,
            "",
            EVE,
            surfaces=(
                *body("look"),
                Surface(SurfaceKind.EMBED, "Free seeds"),
                Surface(SurfaceKind.EMBED, "Click here"),
                Surface(SurfaceKind.EMBED, "Price"),
                Surface(SurfaceKind.EMBED, "nothing"),
            ),
        )
    ],
    "hidden_blocks": [
        posted(
            14,
            "",
            EVE,
            surfaces=(
                *body("hi"),
                Surface(SurfaceKind.EMBED, "you are all idiots"),
                Surface(SurfaceKind.EMBED, "an insult"),
            ),
        )
    ],
    "own_message": [],
    "channel_join": [],
    "message_replied_to": [],
    "message_deleted": [
        MessageDeleted(
            id=f"{TEAM}:{mid(1)}@gone",
            at=NOW,
            where=replace(HERE, thread=ts(0)),
            who=SOMEBODY,
            message_id=mid(1),
        )
    ],
    "tombstone": [
        MessageDeleted(id=f"{TEAM}:{mid(1)}@gone", at=NOW, where=HERE, who=SOMEBODY, message_id=mid(1)),
    ],
    "reaction": [
        Reacted(
            id=f"{TEAM}:{mid(1)}+{EVE.id}+tada@{ts(22)}",
            at=at(22),
            where=HERE,
            who=EVE,
            message_id=mid(1),
            reaction="tada",
        )
    ],
    "flag": [
        Reported(
            id=f"{TEAM}:{mid(5)}+{BEA.id}+triangular_flag_on_post@{ts(23)}",
            at=at(23),
            where=THREAD,
            who=BEA,
            message_id=mid(5),
        )
    ],
    "joined_channel": [
        MemberJoined(id=f"{TEAM}:{GARDEN}+{EVE.id}@joined-{ts(24)}", at=at(24), where=HERE, who=EVE),
    ],
    "team_join": [
        MemberJoined(
            id=f"{TEAM}:U0GUS00001@joined",
            at=NOW,
            where=replace(HERE, channel=""),
            who=Author("U0GUS00001", "gus", Role.GUEST, joined_at=NOW),
        )
    ],
    "user_change": [],
    "home_opened": [],
    "tokens_revoked": [],
    "press": [
        ButtonPressed(
            id=f"{TEAM}:press:{mid(30, MODS)}+{MO.id}+case:3:approve@1700000031.123456",
            at=datetime(2023, 11, 14, 22, 13, 51, 123456, UTC),
            where=ROOM,
            who=MO,
            cookie=f"{MO.id} {ASKED} {url('actions')}",
            message_id=mid(30, MODS),
            button_id="case:3:approve",
        )
    ],
    "press_that_asks": [],
    "press_form": [
        ButtonPressed(
            id=f"{TEAM}:form:V0FORM0001",
            at=NOW,
            where=ROOM,
            who=MO,
            cookie=f"{MO.id} {ASKED} {url('actions')}",
            message_id=mid(30, MODS),
            button_id="case:3:remove",
            text="No insults here.",
        )
    ],
    "report_form": [
        Reported(
            id=f"{TEAM}:form:V0FORM0001",
            at=NOW,
            where=HERE,
            who=BEA,
            cookie=f"{BEA.id} {ASKED} {url('app')}",
            message_id=mid(5),
        )
    ],
    "menu_form": [
        CommandGiven(
            id=f"{TEAM}:form:V0FORM0001",
            at=NOW,
            where=THREAD,
            who=BEA,
            cookie=f"{BEA.id} {ASKED} {url('app')}",
            name="delete",
            options=(("message", mid(5)), ("reason", "spam")),
            message_id=mid(5),
        )
    ],
    "foreign_form": [],
    "shortcut_report": [],
    "shortcut_why": [
        CommandGiven(
            id=f"{TEAM}:menu:7000000006.7000000007.a7b8c9",
            at=NOW,
            where=THREAD,
            who=BEA,
            cookie=f"{BEA.id} {ASKED} {url('app')}",
            name="why",
            options=(("message", mid(8)),),
            message_id=mid(8),
        )
    ],
    "shortcut_unknown": [],
    "command": [
        CommandGiven(
            id=f"{TEAM}:command:7000000008.7000000009.d0e1f2",
            at=NOW,
            where=HERE,
            who=BEA,
            cookie=f"{BEA.id} {ASKED} {url('commands')}",
            name="help",
        )
    ],
}


def test_every_recording_is_read_here_or_below() -> None:
    beside = {"message_changed", "message_unfurled", "command_link", "command_member", "command_wrong"}
    assert set(SCENES) == set(EXPECTED) | beside
    assert len(SCENES) >= 25


@pytest.mark.parametrize("scene", EXPECTED)
def test_it_means(scene: str) -> None:
    assert heard(scene) == EXPECTED[scene]


def test_an_edit_is_a_later_version_of_the_whole_text() -> None:
    (edited,) = heard("message_changed")
    assert isinstance(edited, MessageEdited)
    assert edited == MessageEdited(
        id=edited.id,
        at=at(17),
        where=HERE,
        who=BEA,
        message_id=mid(1),
        revision=1700000017000,
        surfaces=body("The beans are dead."),
    )
    assert edited.id.startswith(f"{TEAM}:{mid(1)}@1700000017000-")


def test_the_preview_of_a_link_is_an_older_version_than_any_edit() -> None:
    (unfurled,) = heard("message_unfurled")
    assert isinstance(unfurled, MessageEdited)
    assert unfurled.revision == 1
    assert unfurled.surfaces[1:] == (
        Surface(SurfaceKind.EMBED, "Fernhill"),
        Surface(SurfaceKind.EMBED, "Our garden"),
    )


@pytest.mark.parametrize(
    ("scene", "name", "options"),
    [
        ("command_link", "why", (("message", mid(8)),)),
        ("command_member", "history", (("member", EVE.id),)),
    ],
)
def test_links_and_mentions_in_commands_are_what_they_stand_for(
    scene: str, name: str, options: tuple[tuple[str, str], ...]
) -> None:
    (given,) = heard(scene)
    assert isinstance(given, CommandGiven)
    assert (given.name, given.options, given.problem) == (name, options, "")


def test_a_command_nobody_knows_is_a_problem() -> None:
    (given,) = heard("command_wrong")
    assert isinstance(given, CommandGiven)
    assert given.problem == "I do not know the command “halp”. Did you mean “help”?"


@pytest.mark.parametrize("line", ["why is the sky blue?", "what did we decide?", "endpoll soon", "the help page"])
def test_a_question_that_begins_like_a_command_is_a_question(line: str) -> None:
    raw = recorded("mention")
    raw["event"]["text"] = f"<@{ME}> {line}"
    (question,) = parse(raw, view())
    assert isinstance(question, MessagePosted)
    assert question.mentions_bot


@pytest.mark.parametrize(
    ("scene", "title", "asks"),
    [
        ("press_that_asks", "🗑 Remove", "Why, for the author?"),
        ("shortcut_report", "Report to moderators", "What is wrong with it?"),
    ],
)
def test_what_asks_opens_a_form_that_comes_back(scene: str, title: str, asks: str) -> None:
    opened = form(recorded(scene), view())
    assert opened is not None
    shown: Any = opened
    assert (shown["title"]["text"], shown["blocks"][0]["label"]["text"]) == (title, asks)
    filled = recorded("press_form")
    filled["view"] |= {key: shown[key] for key in ("callback_id", "private_metadata")}
    filled["view"]["state"]["values"] = {"answer": {"text": {"type": "plain_text_input", "value": "spam"}}}
    (event,) = parse(filled, view())
    assert isinstance(event, ButtonPressed | Reported)
    assert (event.text if isinstance(event, ButtonPressed) else event.reason) == "spam"


def test_a_form_that_would_not_open_is_a_press_without_a_text() -> None:
    (event,) = interaction(recorded("press_that_asks"), view(), opened=False)
    assert isinstance(event, ButtonPressed)
    assert (event.button_id, event.text) == ("case:3:remove", "")


def test_a_named_moderator_and_one_of_the_workspace_are_known_as_such() -> None:
    known = memory()
    assert [view(known).author(who.id).role for who in (MO, BEA)] == [Role.MODERATOR, Role.MEMBER]


@pytest.mark.parametrize("scene", SCENES)
def test_no_value_anywhere_raises(scene: str) -> None:
    for twisted in _twisted(recorded(scene)):
        parse(twisted, view())
        form(twisted, view())


def _twisted(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The payload with junk in place of each value in turn, two levels deep and in the event."""
    for path in _paths(raw):
        for junk in JUNK:
            copied = copy.deepcopy(raw)
            target: Any = copied
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
            yield copied


def _paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key)
        if len(path) < 4:
            yield from _paths(inner, (*path, key))
