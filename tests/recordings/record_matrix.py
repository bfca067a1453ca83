"""Record what a real homeserver says: `python -m tests.recordings.record_matrix` writes the files beside this one."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.core.effect import Button, Edit, Post
from connectors.matrix.listen import FILTER
from connectors.matrix.render import render
from tests.connectors.matrix.world import Person, World
from tests.servers.synapse import Homeserver

FOLDER = Path(__file__).parent / "matrix"


async def talk(ann: Person, bea: Person, robot: Person, room: str) -> None:
    """Plain words, mark-up, a mention, a reply with an old quotation, a notice, a command, a sticker, a file."""
    first = await ann.say(room, "hello")
    await ann.say(
        room, "**hi**", format="org.matrix.custom.html", formatted_body='<b>h</b>i <a href="https://a.example">x</a>'
    )
    await ann.say(room, "robot: hi", **{"m.mentions": {"user_ids": [robot.id]}})
    quoted = f"> <{ann.id}> hello\n\n!parley help"
    await bea.say(room, quoted, **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}})
    await bea.send(room, {"msgtype": "m.notice", "body": "!parley help", "m.mentions": {"user_ids": [robot.id]}})
    await bea.say(room, "!parley mode auto")
    await bea.send(room, {"body": "a rude sticker", "url": "mxc://x/y", "info": {"mimetype": "image/png"}}, "m.sticker")
    file = {"msgtype": "m.image", "body": "look", "filename": "rude.png", "url": "mxc://x/z"}
    await bea.send(room, file | {"info": {"mimetype": "image/png", "size": 17}})


async def changes(ann: Person, bea: Person, robot: Person, room: str) -> None:
    """An edit, a foreign edit, a thread, a redaction, and what a redaction leaves."""
    said = await ann.say(room, "good")
    await ann.edit(room, said, "bad")
    await bea.edit(room, said, "forged")
    relation = {"rel_type": "m.thread", "event_id": said, "is_falling_back": True}
    await bea.say(room, "inside", **{"m.relates_to": relation | {"m.in_reply_to": {"event_id": said}}})
    await ann.redact(room, await ann.say(room, "regretted"))


async def presses(ann: Person, bea: Person, robot: Person, room: str) -> None:
    """A card of ours that is pressed, edited to have no buttons and pressed again; a forged one; a plain reaction."""
    where = World(ann.server).address(room)
    buttons = (Button("approve:7", "Approve", "✅"), Button("remove:7", "Remove", "1\ufe0f\u20e3"))
    card = await robot.send(room, render(Post(to=where, text="A case", buttons=buttons))[1])
    await ann.react(room, card, "✅️")
    await ann.react(room, card, "🎉")
    forged = await bea.send(room, {"msgtype": "m.notice", "body": "A case", "dev.parley.buttons": {"✅": "approve:7"}})
    await ann.react(room, forged, "✅")
    await robot.send(room, render(Edit(to=where, message_id=card, text="Done"))[1])


async def polls(ann: Person, bea: Person, robot: Person, room: str) -> None:
    """A poll as clients start it."""
    start = {
        "question": {"org.matrix.msc1767.text": "Rude question?"},
        "kind": "org.matrix.msc3381.poll.disclosed",
        "max_selections": 1,
        "answers": [
            {"id": "a", "org.matrix.msc1767.text": "rude answer"},
            {"id": "b", "org.matrix.msc1767.text": "another"},
        ],
    }
    kind = "org.matrix.msc3381.poll.start"
    await bea.send(room, {kind: start, "org.matrix.msc1767.text": "Rude question?\n1. rude answer\n2. another"}, kind)


async def malformed(ann: Person, bea: Person, robot: Person, room: str) -> None:
    """What breaks the specification and is passed on all the same."""
    await bea.say(room, "x", formatted_body=["<b>ru</b>de"], filename={"a": "rude"})
    await bea.say(room, "a\0b", **{"m.relates_to": ["odd"], "info": 3, "url": {"mxc": 1}})
    other = {"body": "rude", "m.new_content": "odd", "org.matrix.msc1767.text": [{"body": "ruder"}]}
    await bea.send(room, other, "org.example")


SCENES = (talk, changes, presses, polls, malformed)


async def record(world: World, scene: Callable[[Person, Person, Person, str], Awaitable[None]]) -> dict[str, Any]:
    """The room as the bot's account sees it: the state it finds, and the timeline from then on."""
    ann, bea, robot = [await world.person(name) for name in ("ann", "bea", "robot")]
    room = await ann.create(name="The square")
    await robot.join(room)
    before = await robot.api("GET", "sync")
    await bea.join(room)
    await scene(ann, bea, robot, room)
    after = await robot.api("GET", f"sync?since={before['next_batch']}&filter={quote(FILTER)}")
    state = before["rooms"]["join"][room]["state"]["events"] + before["rooms"]["join"][room]["timeline"]["events"]
    people = {"me": robot.id, "ann": ann.id, "bea": bea.id, "room": room}
    return people | {"state": state, "events": after["rooms"]["join"][room]["timeline"]["events"]}


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Homeserver(Path(folder) / "synapse") as server:
        for scene in SCENES:
            recording = await record(World(server), scene)
            text = json.dumps(recording, indent=1, ensure_ascii=False)
            (FOLDER / f"{scene.__name__}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
