"""A raw event in, a list of events out."""

import copy
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.event import (
    Attachment,
    ButtonPressed,
    CommandGiven,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reacted,
    Surface,
    SurfaceKind,
)
from bot.core.surface import legible
from connectors.matrix.memory import Memory
from connectors.matrix.parse import parse
from connectors.matrix.raw import View
from connectors.matrix.reading import decode, encode
from connectors.matrix.rooms import Room
from tests.connectors.matrix.recordings import SCENES, load

BODY, FORMATTED, ALT, FILE, POLL = (
    SurfaceKind.BODY,
    SurfaceKind.FORMATTED,
    SurfaceKind.ALT,
    SurfaceKind.FILE,
    SurfaceKind.POLL,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(raw: dict[str, Any]) -> datetime:
    return EPOCH + timedelta(milliseconds=raw["origin_server_ts"])


def message(**content: object) -> dict[str, Any]:
    return {"event_id": "$e", "sender": "@eve:b", "type": "m.room.message", "origin_server_ts": 1, "content": content}


def view() -> View:
    return View(me="@robot:b", space="b", room=Room(id="!r"), origins=Memory().get)


def texts(raw: object) -> list[str]:
    return [
        surface.text for event in parse(raw, view()) if isinstance(event, MessagePosted) for surface in event.surfaces
    ]


def test_talk_becomes_messages_with_all_their_texts() -> None:
    scene = load("talk")
    raws = scene.sent() + scene.sent("m.sticker")
    raws.sort(key=scene.events.index)
    hello, marked, mention, reply, notice, command, sticker, file = raws

    def posted(raw: dict[str, Any], *surfaces: Surface, **more: Any) -> MessagePosted:  # noqa: ANN401
        head = {"id": raw["event_id"], "message_id": raw["event_id"], "at": at(raw), "where": scene.where}
        return MessagePosted(**head, who=scene.author(raw["sender"]), surfaces=surfaces, **more)

    def given(raw: dict[str, Any], **more: Any) -> CommandGiven:  # noqa: ANN401
        head = {"id": f"{raw['event_id']}#command", "message_id": raw["event_id"], "at": at(raw)}
        return CommandGiven(**head, where=scene.where, who=scene.author(raw["sender"]), **more)

    arrival = next(raw for raw in scene.sent("m.room.member") if raw["sender"] == scene.bea)
    bea = scene.author(scene.bea)
    picture = Attachment(id="mxc://x/z", name="rude.png", media_type="image/png", size=17)
    stuck = Attachment(id="mxc://x/y", name="a rude sticker", media_type="image/png")
    assert scene.heard() == [
        MemberJoined(id=arrival["event_id"], at=at(arrival), where=scene.where, who=bea),
        posted(hello, Surface(BODY, "hello")),
        posted(marked, Surface(BODY, "**hi**"), Surface(FORMATTED, "hi x"), Surface(ALT, "https://a.example")),
        posted(mention, Surface(BODY, "robot: hi"), mentions_bot=True, mentions=1),
        posted(reply, Surface(BODY, reply["content"]["body"]), reply_to=hello["event_id"]),
        given(reply, name="help"),
        posted(notice, Surface(BODY, "!parley help"), mentions=1),
        posted(command, Surface(BODY, "!parley mode auto")),
        given(command, name="mode", options=(("mode", "auto"),)),
        posted(sticker, Surface(BODY, "a rude sticker"), attachments=(stuck,)),
        posted(file, Surface(BODY, "look"), Surface(FILE, "rude.png"), attachments=(picture,)),
    ]


def test_changes_bind_to_their_message_and_its_thread() -> None:
    scene = load("changes")
    said, edit, forged, inside, regretted = scene.sent()
    heard = scene.heard()[1:]
    kinds = [(type(event), event.id, getattr(event, "message_id", "")) for event in heard]
    assert kinds == [
        (MessagePosted, said["event_id"], said["event_id"]),
        (MessageEdited, edit["event_id"], said["event_id"]),
        (MessagePosted, forged["event_id"], forged["event_id"]),
        (MessagePosted, inside["event_id"], inside["event_id"]),
        (MessageDeleted, scene.sent("m.room.redaction")[0]["event_id"], regretted["event_id"]),
    ]
    edited = heard[1]
    assert isinstance(edited, MessageEdited)
    assert edited.revision == edit["origin_server_ts"]
    assert edited.surfaces == (Surface(BODY, "bad"), Surface(BODY, "* bad"))
    assert [event.where.thread for event in heard] == ["", "", "", said["event_id"], ""]


def test_a_press_counts_only_on_a_card_of_ours_and_only_while_it_has_buttons() -> None:
    scene = load("presses")
    card, forged, edit = scene.sent()
    until_edited = copy.deepcopy(scene)
    until_edited.events.remove(edit)
    standing = [event for event in until_edited.heard() if isinstance(event, ButtonPressed | Reacted)]
    afterwards = [event for event in scene.heard() if isinstance(event, ButtonPressed | Reacted)]
    pressed = [(event.message_id, event.button_id if isinstance(event, ButtonPressed) else "") for event in standing]
    assert pressed == [(card["event_id"], "approve:7"), (card["event_id"], ""), (forged["event_id"], "")]
    assert [type(event) for event in afterwards] == [Reacted, Reacted, Reacted]


def test_a_poll_is_read_with_its_question_and_answers() -> None:
    (poll,) = [event for event in load("polls").heard() if isinstance(event, MessagePosted)]
    assert poll.surfaces == (
        Surface(BODY, "Rude question?\n1. rude answer\n2. another"),
        Surface(POLL, "Rude question?"),
        Surface(POLL, "rude answer"),
        Surface(POLL, "another"),
    )


def test_what_breaks_the_schema_is_read_all_the_same() -> None:
    first, second, third = [event for event in load("malformed").heard() if isinstance(event, MessagePosted)]
    assert first.surfaces == (Surface(BODY, "x"), Surface(FILE, "rude"), Surface(FORMATTED, "rude"))
    assert second.surfaces == (Surface(BODY, "ab"),)
    assert third.surfaces == (Surface(BODY, "rude"), Surface(BODY, "ruder"))


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("ba<b></b>d", ["bad"]),
        ("b&#97;d", ["bad"]),
        ("one<p>two</p>", ["one\ntwo"]),
        ("1 <3 bad words > 0", ["1 <3 bad words > 0"]),
        ("<bad word>", ["bad word"]),
        ("<!-- bad -->x", ["x", "bad"]),
        ('<img src="mxc://a" alt="bad" title=\'worse\'>', ["bad\nworse"]),
        ('<span data-mx-spoiler="bad">x</span>', ["x", "bad"]),
        ("<mx-reply>bad</mx-reply>x", ["badx"]),
        ("<unclosed", ["<unclosed"]),
    ],
)
def test_formatted_text_is_read_as_shown_and_then_as_hidden(html: str, seen: list[str]) -> None:
    assert texts(message(msgtype="m.text", formatted_body=html)) == seen


def test_our_own_events_and_what_says_nothing_give_nothing() -> None:
    ours = message(body="x") | {"sender": "@robot:b"}
    redacted = message()
    state = message(body="x") | {"state_key": ""}
    silent: tuple[object, ...] = (ours, redacted, state, {}, [], "x", None, 7)
    assert [parse(raw, view()) for raw in silent] == [[]] * 8


@pytest.mark.parametrize("kind", ["org.example", "m.poll.end", "m.room.encrypted"])
def test_text_in_an_event_of_any_type_is_read(kind: str) -> None:
    assert texts(message(**{"org.matrix.msc1767.text": "bad"}) | {"type": kind}) == ["bad"]


def test_a_command_needs_its_whole_word_at_the_beginning() -> None:
    lines = ("!parley", "!PARLEY help", "!parleyhelp", "say !parley", "x\n!parley help")
    heard = [[type(event) for event in parse(message(msgtype="m.text", body=line), view())] for line in lines]
    assert [CommandGiven in kinds for kinds in heard] == [True, True, False, False, False]


def test_a_mention_without_the_field_for_it_is_the_whole_id() -> None:
    asked = [message(msgtype="m.text", body=body) for body in ("@robot:b hi", "@robot hi")]
    said = [parse(raw, view())[0] for raw in asked]
    assert [isinstance(event, MessagePosted) and event.mentions_bot for event in said] == [True, False]


def nested(depth: int) -> bytes:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    return b'{"event_id":"$e","sender":"@eve:b","type":"m.room.message","content":{"body":"bad","x":' + deep + b"}}"


@pytest.mark.parametrize("depth", [100, 300, 2_000, 200_000])
def test_deep_nesting_hides_nothing(depth: int) -> None:
    assert texts(decode(nested(depth))) == ["bad"]


def test_lone_surrogates_and_endless_numbers_are_read() -> None:
    content = b'{"body":"b\\ud800d","n":1' + b"0" * 5000 + b"}"
    raw = decode(b'{"event_id":"$e","sender":"@eve:b","type":"m.room.message","content":' + content + b"}")
    assert texts(raw) == ["bd"]
    assert encode(raw) == b""


def quickest_s(raw: object) -> float:
    """The processor time of the quickest of three, for others use the machine too."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        parse(raw, view())
        taken.append(time.process_time() - begin)
    return min(taken)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800" * 30_000,
        "a\0" * 30_000,
        "e" + "\u0301\u0323" * 20_000,
        "<" * 65_000,
        "<a " * 20_000,
        '<a href="' * 7_000,
        "<a title='" * 6_000 + ">",
        "&#" * 30_000,
        "&amp" * 16_000,
        "<!--" * 16_000,
        "<a>" * 20_000,
        "@" * 60_000,
        "> \n" * 20_000,
        "x" * 4_000_000,
    ],
)
def test_nothing_takes_longer_than_50_ms_or_cannot_be_stored(text: str) -> None:
    raw: object = message(msgtype="m.text", body=text, formatted_body=text, **{"m.new_content": {"body": [text] * 3}})
    assert quickest_s(raw) < 0.05
    heard = parse(raw, view())
    assert heard or not legible(text)
    orjson.dumps(heard)


def test_a_value_of_many_values_is_cut_off() -> None:
    raw: object = message(body=[[["x"] * 50] * 50] * 50)
    assert quickest_s(raw) < 0.05


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RAWS = [raw for scene in SCENES for raw in load(scene).events]


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, inner in inside for place in places(inner, (*here, key)))]


@st.composite
def mutants(draw: st.DrawFn) -> object:
    """A recorded event with arbitrary JSON in a few of its places."""
    raw: Any = copy.deepcopy(draw(st.sampled_from(RAWS)))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(raw)[1:] or [("type",)]))
        holder = raw
        for key in way:
            holder = holder[key]
        holder[last] = draw(JSON)
    return raw


@given(raw=mutants() | JSON)
@settings(max_examples=600, deadline=None)
def test_no_json_raises_and_every_event_can_be_stored(raw: object) -> None:
    scene = load("presses").view()
    for event in parse(raw, scene):
        orjson.dumps(event)
        assert event.id
        assert event.at.tzinfo is UTC


@given(raws=st.lists(mutants(), max_size=3))
@settings(max_examples=200, deadline=None)
def test_no_json_confuses_the_room_or_the_memory(raws: list[object]) -> None:
    seen = load("talk").view()
    events = [raw for raw in raws if isinstance(raw, dict)]
    seen.room.apply(events)
    memory = Memory(limit=2)
    for raw in events:
        memory.hear(raw, raw.get("sender", ""))
        assert seen.room.role("@eve:b") is not None
        parse(raw, seen)
