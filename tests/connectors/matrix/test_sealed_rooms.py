"""Encrypted rooms on a real homeserver, with another client's keys."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.address import Address
from bot.core.effect import Button, ClosePoll, Delete, Edit, OpenPoll, OpenThread, Post, React
from bot.core.event import ButtonPressed, CommandGiven, MessageEdited, MessagePosted, PollVoted
from connectors.matrix.client import MatrixConnector
from connectors.matrix.crypto.machine import unsealed
from connectors.matrix.memory import Memory
from connectors.matrix.parse import parse
from connectors.matrix.polls import END, RESPONSE, START
from connectors.matrix.raw import View
from connectors.matrix.render import reaction
from connectors.matrix.rooms import Room
from tests.connectors.matrix.sealed import Device, device, greet, meet
from tests.connectors.matrix.world import Inbox, Person, World, running, until


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, object]:
    return {"encryption": True, "keys_folder": str(tmp_path / "robot")}


async def people(world: World) -> tuple[Person, Person]:
    return await world.person("ann"), await world.person("robot")


async def test_what_is_said_edited_voted_and_commanded_in_sealed_rooms_is_heard(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await people(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox, **keys)
    async with running(bot, inbox), device(ann, tmp_path / "ann") as client:
        for room in [await meet(client, world=world, robot=robot) for _ in range(2)]:
            inbox.heard.clear()
            await a_morning(bot, inbox, client, world.address(room))


async def a_morning(bot: MatrixConnector, inbox: Inbox, client: Device, here: Address) -> None:
    room = here.channel
    said = await client.say(room, "good morning")
    await client.edit(room, said, "good evening")
    await client.say(room, "!parley help")
    asked = OpenPoll(to=here, question="When?", options=("Now", "Later"), lasts=timedelta(hours=1), id=room)
    poll = (await bot.perform(asked, key=f"{room}1", cookie="")).message_id
    about = {"rel_type": "m.reference", "event_id": poll}
    await client.send(room, {"m.relates_to": about, RESPONSE: {"answers": ["2"]}}, RESPONSE)
    await client.person.send(room, reaction(poll, "1\ufe0f\u20e3"), "m.reaction")
    await until(lambda: len(inbox.events) == 6)
    (first, command), (edited,) = inbox.of(MessagePosted), inbox.of(MessageEdited)
    (voted,), (pressed,) = inbox.of(PollVoted), inbox.of(ButtonPressed)
    assert {one.where for one in inbox.events} == {here}
    assert [(one.message_id, one.text) for one in (first, edited)] == [(said, "good morning"), (said, "good evening")]
    assert (voted.message_id, voted.options) == (poll, ("2",))
    assert (pressed.message_id, pressed.button_id) == (poll, "vote:1")
    assert [(one.name, one.message_id) for one in inbox.of(CommandGiven)] == [("help", command.message_id)]
    assert (await bot.capabilities(here)).readable
    shown = await until(lambda: client.sees(room, lambda one: START in one["content"]))
    assert shown["event_id"] == poll
    over = (await bot.perform(ClosePoll(to=here, message_id=poll), key=f"{room}2", cookie="")).message_id
    await until(lambda: client.sees(room, lambda one: one["event_id"] == over and END in one["content"]))


async def test_nothing_we_say_in_a_sealed_room_is_open_but_what_it_relates_to(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await people(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox, **keys)
    async with running(bot, inbox), device(ann, tmp_path / "ann") as client:
        room = await meet(client, world=world, robot=robot)
        here = world.address(room)
        asked = await client.say(room, "who are you?")
        post = Post(to=here, text="a robot", reply_to=asked, buttons=(Button("b", "Go", "✅"),))
        said = (await bot.perform(post, key="1", cookie="")).message_id
        assert (await bot.perform(post, key="1", cookie="")).message_id == said
        await bot.perform(Edit(to=here, message_id=said, text="a friend"), key="2", cookie="")
        await bot.perform(React(to=here, message_id=asked, reaction="👋"), key="3", cookie="")
        await bot.perform(OpenThread(to=here, title="Robots", message_id=asked), key="4", cookie="")
        await until(lambda: client.reads(room, "a robot") and client.reads(room, "a friend"))
        await until(lambda: client.reads(room, "Robots"))
        await bot.perform(Delete(to=here, message_ids=(asked,), reason="rules"), key="5", cookie="")
    raw = await ann.messages(room)
    ours = [one for one in raw if one["sender"] == robot.id and "state_key" not in one]
    kinds = ["m.room.encrypted", "m.reaction", "m.room.encrypted", "m.reaction", "m.room.encrypted", "m.room.redaction"]
    assert [one["type"] for one in ours] == kinds
    sealed = [one["content"] for one in ours if one["type"] == "m.room.encrypted"]
    allowed = {"algorithm", "sender_key", "ciphertext", "session_id", "device_id", "m.relates_to"}
    assert all(set(content) <= allowed for content in sealed)
    assert sealed[0]["m.relates_to"] == {"m.in_reply_to": {"event_id": asked}}
    assert sealed[1]["m.relates_to"] == {"rel_type": "m.replace", "event_id": said}
    assert next(one for one in raw if one["event_id"] == asked)["content"] == {}


async def test_a_restart_keeps_the_keys_and_reads_what_was_said_meanwhile(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await people(world)
    inbox = Inbox()
    async with device(ann, tmp_path / "ann") as client:
        async with running(world.bot(robot, inbox, **keys), inbox):
            room = await meet(client, world=world, robot=robot)
            await greet(client, room, inbox)
        before = await device_keys(ann, robot)
        await client.say(room, "while you were away")
        bot = world.bot(robot, inbox, **keys)
        async with running(bot, inbox):
            await until(lambda: any(one.text == "while you were away" for one in inbox.of(MessagePosted)))
            await bot.perform(Post(to=world.address(room), text="I am back"), key="1", cookie="")
            await until(lambda: client.reads(room, "I am back"))
        assert await device_keys(ann, robot) == before


async def device_keys(asker: Person, owner: Person) -> object:
    answer = await asker.api("POST", "keys/query", {"device_keys": {owner.id: []}})
    return answer["device_keys"][owner.id][owner.account.device_id]["keys"]


async def session(reader: Device, room: str, text: str) -> str:
    """With which key a message was sealed."""
    event_id = (await until(lambda: reader.reads(room, text)))["event_id"]
    return str((await reader.person.event(room, event_id))["content"]["session_id"])


async def test_whoever_left_cannot_read_on_and_whoever_came_can(
    world: World, keys: dict[str, object], tmp_path: Path
) -> None:
    ann, robot = await people(world)
    bea, cat = await world.person("bea"), await world.person("cat")
    inbox = Inbox()
    bot: MatrixConnector = world.bot(robot, inbox, **keys)
    bot_runs, bea_lives = running(bot, inbox), device(bea, tmp_path / "bea")
    async with bot_runs, bea_lives, device(ann, tmp_path / "ann") as client, device(cat, tmp_path / "cat") as late:
        room = await meet(client, bea, world=world, robot=robot)
        here = world.address(room)

        async def key_of(text: str) -> str:
            await bot.perform(Post(to=here, text=text), key=text, cookie="")
            return await session(client, room, text)

        assert await key_of("one") == (with_bea := await key_of("two"))
        await bea.api("POST", f"rooms/{room}/leave", {})
        await client.say(room, "bea is gone")
        await until(lambda: any(one.text == "bea is gone" for one in inbox.of(MessagePosted)))
        assert (without_bea := await key_of("three")) != with_bea
        await cat.join(room)
        await ann.react(room, (await ann.messages(room))[-1]["event_id"], "👋")
        await until(lambda: any(one.who.id == cat.id for one in inbox.events))
        assert await key_of("four") != without_bea
        await until(lambda: late.reads(room, "four"))
        assert late.reads(room, "three") == {}


OUTER = {"event_id": "$e", "sender": "@ann:b", "origin_server_ts": 5, "type": "m.room.encrypted"}
EDITS = {"rel_type": "m.replace", "event_id": "$o"}


@pytest.mark.parametrize(
    ("outside", "inside", "shown"),
    [({}, {}, {}), (EDITS, {}, EDITS), (EDITS, EDITS, EDITS), ({}, EDITS, {}), ({"event_id": "$x"}, EDITS, {})],
)
def test_a_relation_counts_where_all_clients_agree_on_it(
    outside: dict[str, str], inside: dict[str, str], shown: dict[str, str]
) -> None:
    sealed = {**OUTER, "content": {"ciphertext": "x", **({"m.relates_to": outside} if outside else {})}}
    content = {"body": "hi", **({"m.relates_to": inside} if inside else {})}
    opened = unsealed(sealed, {"type": "m.room.message", "content": content, "room_id": "!r"})
    relation = {"m.relates_to": shown} if shown else {}
    assert opened == {**OUTER, "type": "m.room.message", "content": {"body": "hi", **relation}}


def test_nobody_removes_a_message_by_sealing_a_removal() -> None:
    inner = {"type": "m.room.redaction", "content": {"redacts": "$o", "body": "words"}, "room_id": "!r"}
    view = View(me="@robot:b", space="b", room=Room(id="!r"), origins=Memory().get)
    (said,) = parse(unsealed({**OUTER, "content": {"ciphertext": "x"}}, inner), view)
    assert isinstance(said, MessagePosted)
    assert (said.message_id, said.text) == ("$e", "words")
