"""Rooms that are upgraded, on a real homeserver."""

import asyncio
from typing import Any
from urllib.parse import quote

from bot.core.event import MessagePosted, PlaceLost, PlaceMoved
from tests.connectors.matrix.world import Inbox, Person, World, joined, running, until


async def upgraded(ann: Person, room: str) -> str:
    return str((await ann.api("POST", f"rooms/{room}/upgrade", {"new_version": "12"}))["replacement_room"])


async def test_an_upgraded_room_is_followed_and_named(world: World) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    room = await ann.create(room_version="11")
    await robot.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        fresh = await upgraded(ann, room)
        (moved,) = await until(lambda: inbox.of(PlaceMoved))
        assert (moved.where, moved.to, moved.who.id) == (world.address(room), world.address(fresh), ann.id)
        await joined(robot, fresh)
        await ann.say(fresh, "here we are")
        await until(lambda: any(one.where == world.address(fresh) for one in inbox.of(MessagePosted)))


async def test_a_closed_room_is_followed_once_its_invitation_comes_whoever_sends_it(world: World) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    room = await ann.create(preset="private_chat", invite=[robot.id])
    await robot.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        fresh = await upgraded(ann, room)
        await ann.say(room, "goodbye")
        await until(lambda: inbox.of(MessagePosted))
        assert not inbox.of(PlaceMoved)
        stranger = await ann.create(preset="private_chat", invite=[robot.id])
        await ann.api("POST", f"rooms/{fresh}/invite", {"user_id": robot.id})
        await until(lambda: inbox.of(PlaceMoved))
        rooms = (await robot.api("GET", "joined_rooms"))["joined_rooms"]
        assert (fresh in rooms, stranger in rooms) == (True, False)


async def test_a_room_that_only_pretends_to_take_anothers_place_is_left(world: World) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    room, other = await ann.create(), await ann.create()
    await robot.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        content = {"body": "moved", "replacement_room": other}
        await ann.api("PUT", f"rooms/{room}/state/m.room.tombstone/", content)
        await until_left(ann, robot, other)
        assert not inbox.of(PlaceMoved)


async def until_left(ann: Person, robot: Person, room: str) -> None:
    for _ in range(200):
        state: list[Any] = list(await ann.api("GET", f"rooms/{quote(room)}/state"))
        found = [one["content"]["membership"] for one in state if one["state_key"] == robot.id]
        if found == ["leave"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it stayed")


async def test_being_thrown_out_is_heard_and_leaving_is_not(world: World) -> None:
    ann, robot = await world.person("ann"), await world.person("robot")
    rooms = [await ann.create(name=f"Room {number}") for number in range(3)]
    for room in rooms:
        await robot.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        await robot.api("POST", f"rooms/{rooms[0]}/leave", {})
        await ann.api("POST", f"rooms/{rooms[1]}/kick", {"user_id": robot.id, "reason": "no bots"})
        await ann.api("POST", f"rooms/{rooms[2]}/ban", {"user_id": robot.id})
        await until(lambda: len(inbox.of(PlaceLost)) == 2)
        assert [(one.where.channel, one.name, one.reason, one.banned) for one in inbox.of(PlaceLost)] == [
            (rooms[1], "Room 1", "no bots", False),
            (rooms[2], "Room 2", "", True),
        ]
