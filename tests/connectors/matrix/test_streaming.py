"""Texts that grow in rooms, at the pace that the homeserver allows."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.capability import Streaming
from bot.core.effect import Button, Draft, Post
from bot.core.event import MessageDeleted
from bot.core.stored import Receipt
from connectors.matrix.render import LIVE
from tests.connectors.matrix.sealed import device, greet, meet
from tests.connectors.matrix.world import Inbox, Person, World, running, until


async def room_of(world: World, *, admin: bool = False) -> tuple[Person, Person, str]:
    ann, robot = await world.person("ann"), await world.person("robot", admin=admin)
    if admin:
        free = {"messages_per_second": 0, "burst_count": 0}
        await robot.administer("POST", f"v1/users/{robot.id}/override_ratelimit", free)
    room = await ann.create()
    await robot.join(room)
    return ann, robot, room


async def said(ann: Person, robot: Person, room: str) -> list[dict[str, Any]]:
    return [one["content"] for one in await ann.messages(room) if one["sender"] == robot.id and "state_key" not in one]


async def test_a_text_grows_in_one_message_that_is_live_until_its_end(world: World) -> None:
    ann, robot, room = await room_of(world, admin=True)
    inbox, here = Inbox(), world.address(room)
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        can = await bot.capabilities(here)
        assert (can.streaming, can.edit_interval) == (Streaming.EDITS, timedelta(seconds=1))
        question = await ann.say(room, "tell me")
        await bot.preview(Draft(to=here, text="Once", stream="s", reply_to=question))
        first = await until_said(ann, robot, room, 1)
        assert (first[0]["body"], LIVE in first[0]) == ("Once", True)
        await bot.preview(Draft(to=here, text="Once upon", stream="s", reply_to=question))
        second = await until_said(ann, robot, room, 2)
        assert (second[1]["m.new_content"]["body"], LIVE in second[1]["m.new_content"]) == ("Once upon", True)
        post = Post(to=here, text="Once upon a time", stream="s", reply_to=question, buttons=(Button("b", "Go", "✅"),))
        done = await bot.perform(post, key="k", cookie="")
        last = (await said(ann, robot, room))[2]
        assert last["m.relates_to"] == {"rel_type": "m.replace", "event_id": done.message_id}
        assert last["m.new_content"]["body"].startswith("Once upon a time")
        assert LIVE not in last
        assert LIVE not in last["m.new_content"]


async def until_said(ann: Person, robot: Person, room: str, count: int) -> list[dict[str, Any]]:
    for _ in range(200):
        if len(found := await said(ann, robot, room)) >= count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it did not grow")


async def test_an_answer_whose_question_went_goes_with_all_its_edits(world: World) -> None:
    ann, robot, room = await room_of(world, admin=True)
    inbox, here = Inbox(), world.address(room)
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        question = await ann.say(room, "tell me")
        for number, text in enumerate(("Once", "Once upon"), 1):
            await bot.preview(Draft(to=here, text=text, stream="s", reply_to=question))
            await until_said(ann, robot, room, number)
        await ann.redact(room, question)
        await until(lambda: inbox.of(MessageDeleted))
        post = Post(to=here, text="Once upon a time", stream="s", reply_to=question)
        assert await bot.perform(post, key="k", cookie="") == Receipt(gone=True)
        assert not [one for one in await said(ann, robot, room) if "Once" in str(one)]


async def test_after_a_restart_the_whole_text_finds_its_first_words(world: World) -> None:
    ann, robot, room = await room_of(world)
    here = world.address(room)
    first = world.bot(robot, Inbox())
    await first.preview(Draft(to=here, text="Once", stream="s"))
    await until_said(ann, robot, room, 1)
    await first.close()
    second = world.bot(robot, Inbox())
    done = await second.perform(Post(to=here, text="Once upon a time", stream="s"), key="k", cookie="")
    await second.close()
    original, edit = await said(ann, robot, room)
    assert (original["body"], edit["m.new_content"]["body"]) == ("Once", "Once upon a time")
    assert edit["m.relates_to"]["event_id"] == done.message_id


async def test_what_a_moderator_took_away_while_it_grew_stays_away(world: World) -> None:
    ann, robot, room = await room_of(world)
    here = world.address(room)
    bot = world.bot(robot, Inbox())
    await bot.preview(Draft(to=here, text="Once", stream="s"))
    await until_said(ann, robot, room, 1)
    message = next(one for one in await ann.messages(room) if one["sender"] == robot.id and "state_key" not in one)
    await ann.redact(room, message["event_id"])
    bot._account.edit_interval = timedelta(0)  # noqa: SLF001
    done = await bot.perform(Post(to=here, text="Once upon a time", stream="s"), key="k", cookie="")
    await bot.close()
    assert done == Receipt(message["event_id"], gone=True)


async def test_without_an_exception_from_the_limit_edits_are_five_seconds_apart(world: World) -> None:
    _, robot, room = await room_of(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        assert (await bot.capabilities(world.address(room))).edit_interval == timedelta(seconds=5)


async def test_a_text_grows_in_a_sealed_room_too(world: World, tmp_path: Path) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    inbox = Inbox()
    bot = world.bot(robot, inbox, encryption=True, keys_folder=str(tmp_path / "robot"))
    async with running(bot, inbox), device(ann, tmp_path / "ann") as client:
        room = await meet(client, world=world, robot=robot)
        await greet(client, room, inbox)
        here = world.address(room)
        await bot.preview(Draft(to=here, text="Once", stream="s"))
        first = await until(lambda: client.reads(room, "Once"))
        assert LIVE in first["content"]
        await bot.perform(Post(to=here, text="Once upon a time", stream="s"), key="k", cookie="")
        last = await until(lambda: client.reads(room, "Once upon a time"))
        assert last["content"]["m.relates_to"]["event_id"] == first["event_id"]
