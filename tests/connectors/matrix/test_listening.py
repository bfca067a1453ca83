"""What a real homeserver says reaches the inbox."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.core.effect import Button, Edit, Post
from bot.core.errors import Revoked
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reacted,
    Role,
    Surface,
    SurfaceKind,
)
from tests.connectors.matrix.world import Inbox, Person, World, joined, running, until


async def meeting(world: World) -> tuple[Person, Person, str]:
    """A member who made a room, the bot's account, and the room with both in it."""
    ann, robot = await world.person("ann"), await world.person("robot")
    room = await ann.create()
    await robot.join(room)
    return ann, robot, room


async def test_what_members_say_is_heard_once_and_our_own_words_are_not(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        await bot.perform(Post(to=world.address(room), text="I am here"), key="k1", cookie="")
        said = await ann.say(room, "hello")
        heard = (await until(lambda: inbox.of(MessagePosted)))[0]
    assert (heard.id, heard.message_id, heard.text, heard.where) == (said, said, "hello", world.address(room))
    assert (heard.who.id, heard.who.role) == (ann.id, Role.OWNER)
    assert heard.who.name == ann.id.partition(":")[0].strip("@")
    assert [event.id for event in inbox.events] == [said]
    assert b'"hello"' in inbox.heard[0].raw


async def test_what_was_said_before_the_bot_first_came_is_not_judged(world: World) -> None:
    ann, robot, room = await meeting(world)
    await ann.say(room, "old")
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        other = await ann.create()
        await ann.say(other, "also old")
        await robot.join(other)
        await ann.say(other, "new")
        await until(lambda: inbox.of(MessagePosted))
    assert [event.text for event in inbox.of(MessagePosted)] == ["new"]


async def test_an_edit_carries_the_whole_text_and_binds_to_its_original(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        said = await ann.say(room, "good")
        edited = await ann.edit(room, said, "bad")
        heard = (await until(lambda: inbox.of(MessageEdited)))[0]
    assert (heard.id, heard.message_id, heard.text) == (edited, said, "bad")
    assert heard.revision == (await ann.event(room, edited))["origin_server_ts"]


async def test_an_edit_of_a_message_from_before_is_known_by_its_author(world: World) -> None:
    ann, robot, room = await meeting(world)
    said = await ann.say(room, "good")
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        await ann.edit(room, said, "bad")
        heard = (await until(lambda: inbox.of(MessageEdited)))[0]
    assert heard.message_id == said


async def test_a_foreign_edit_is_a_message_of_its_own(world: World) -> None:
    ann, robot, room = await meeting(world)
    eve = await world.person("eve")
    await eve.join(room)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        said = await ann.say(room, "good")
        forged = await eve.edit(room, said, "bad")
        await until(lambda: len(inbox.of(MessagePosted)) == 2)
    assert [(event.message_id, event.text) for event in inbox.of(MessagePosted)] == [(said, "good"), (forged, "bad")]
    assert inbox.of(MessageEdited) == []


async def test_a_redaction_a_thread_a_reaction_and_a_newcomer_are_heard(world: World) -> None:
    ann, robot, room = await meeting(world)
    bea = await world.person("bea")
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        await bea.join(room)
        root = await ann.say(room, "root")
        relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
        inside = await bea.say(room, "inside", **{"m.relates_to": {**relation, "m.in_reply_to": {"event_id": root}}})
        await ann.react(room, inside, "👍️")
        await bea.redact(room, inside)
        gone = (await until(lambda: inbox.of(MessageDeleted)))[0]
    thread = world.address(room, root)
    assert [event.where for event in inbox.of(MessagePosted)] == [world.address(room), thread]
    assert [(event.where, event.message_id, event.reaction) for event in inbox.of(Reacted)] == [(thread, inside, "👍️")]
    assert (gone.message_id, gone.where) == (inside, thread)
    assert [event.who.id for event in inbox.of(MemberJoined)] == [bea.id]


async def test_a_line_with_the_prefix_is_a_command_and_still_a_message(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        said = await ann.say(room, "!parley mode auto")
        given = (await until(lambda: inbox.of(CommandGiven)))[0]
    assert (given.id, given.message_id, given.name) == (f"{said}#command", said, "mode")
    assert given.options == (("mode", "auto"),)
    assert [event.text for event in inbox.of(MessagePosted)] == ["!parley mode auto"]


async def test_what_breaks_the_schema_but_reaches_clients_is_moderated(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        await ann.send(
            room, {"msgtype": "m.text", "body": "x", "formatted_body": ["<b>ba</b>d"], "filename": {"a": "n"}}
        )
        await ann.say(room, "a\0b", **{"m.relates_to": ["odd"]})
        await until(lambda: len(inbox.of(MessagePosted)) == 2)
    first, second = inbox.of(MessagePosted)
    assert first.surfaces == (
        Surface(SurfaceKind.BODY, "x"),
        Surface(SurfaceKind.FILE, "n"),
        Surface(SurfaceKind.FORMATTED, "bad"),
    )
    assert second.text == "ab"


async def test_250_messages_missed_while_down_are_all_read_in_order_before_the_cursor_moves(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        await ann.say(room, "before")
        await until(lambda: inbox.of(MessagePosted))
    inbox.batches.clear()
    for number in range(250):
        await ann.say(room, str(number))
    async with running(world.bot(robot, inbox), inbox):
        await until(lambda: len(inbox.of(MessagePosted)) >= 251)
    assert [event.text for event in inbox.of(MessagePosted)] == ["before", *map(str, range(250))]
    assert [cursor for _, cursor in inbox.batches[:2]] == [False, True]
    assert {event.who.name for event in inbox.of(MessagePosted)} == {ann.id.partition(":")[0].strip("@")}


async def test_a_gap_longer_than_the_limit_gives_the_newest(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        pass
    for number in range(130):
        await ann.say(room, str(number))
    with capture_logs() as logs:
        async with running(world.bot(robot, inbox, backfill_limit=10), inbox):
            await until(lambda: len(inbox.of(MessagePosted)) >= 110)
    assert [(line["room"], line["read"]) for line in logs if line["event"] == "gap_too_long"] == [(room, 10)]
    assert [event.text for event in inbox.of(MessagePosted)] == list(map(str, range(20, 130)))


async def test_a_failed_hand_over_is_repeated_from_the_same_place(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox):
        pass
    before = dict(inbox.cursors)
    await ann.say(room, "kept")
    async with running(world.bot(robot, inbox), inbox):
        await until(lambda: inbox.of(MessagePosted))
    inbox.cursors = before
    async with running(world.bot(robot, inbox), inbox):
        await until(lambda: len(inbox.of(MessagePosted)) == 2)
    assert len({event.key for event in inbox.of(MessagePosted)}) == 1


async def test_a_press_is_known_also_after_a_restart_and_not_on_a_forged_card(world: World) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    buttons = (Button("approve:7", "Approve", "✅"), Button("remove:7", "Remove", "❌"))
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        sent = await bot.perform(Post(to=world.address(room), text="A case", buttons=buttons), key="c", cookie="")
        await ann.react(room, sent.message_id, "✅️")
        await until(lambda: inbox.of(ButtonPressed))
    async with running(world.bot(robot, inbox), inbox):
        forged = await ann.send(
            room, {"msgtype": "m.notice", "body": "A case", "dev.parley.buttons": {"❌": "remove:7"}}
        )
        await ann.react(room, forged, "❌")
        await ann.react(room, sent.message_id, "❌")
        await until(lambda: len(inbox.of(ButtonPressed)) == 2)
    pressed = [(event.message_id, event.button_id) for event in inbox.of(ButtonPressed)]
    assert pressed == [(sent.message_id, "approve:7"), (sent.message_id, "remove:7")]
    assert [(event.message_id, event.reaction) for event in inbox.of(Reacted)] == [(forged, "❌")]
    offered = [
        event["content"]["m.relates_to"]["key"]
        for event in await ann.messages(room)
        if event["type"] == "m.reaction" and event["sender"] == robot.id
    ]
    assert offered == ["✅", "❌"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_card_edited_to_have_no_buttons_cannot_be_pressed(world: World, *, restarted: bool) -> None:
    ann, robot, room = await meeting(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        card = Post(to=world.address(room), text="A case", buttons=(Button("approve:7", "Approve", "✅"),))
        sent = await bot.perform(card, key="c", cookie="")
        await bot.perform(Edit(to=world.address(room), message_id=sent.message_id, text="Done"), key="d", cookie="")
    async with running(world.bot(robot, inbox) if restarted else bot, inbox):
        await ann.react(room, sent.message_id, "✅")
        await until(lambda: inbox.of(Reacted))
    assert inbox.of(ButtonPressed) == []


async def test_only_allowed_invitations_are_accepted_and_a_room_for_two_is_direct(world: World) -> None:
    ann, eve, robot = await world.person("ann"), await world.person("eve"), await world.person("robot")
    inbox = Inbox()
    async with running(world.bot(robot, inbox, allow_invites_from=(ann.id[:-3] + "*",)), inbox):
        unwanted = await eve.create(preset="private_chat", invite=[robot.id])
        wanted = await ann.create(preset="trusted_private_chat", invite=[robot.id], is_direct=True)
        await joined(robot, wanted)
        await ann.say(wanted, "just us")
        heard = (await until(lambda: inbox.of(MessagePosted)))[0]
        rooms = (await robot.api("GET", "joined_rooms"))["joined_rooms"]
    assert heard.is_direct
    assert wanted in rooms
    assert unwanted not in rooms


async def test_a_revoked_token_stops_the_connector_at_once(world: World) -> None:
    _, robot, _ = await meeting(world)
    inbox = Inbox()
    async with running(world.bot(robot, inbox), inbox) as listening:
        await robot.api("POST", "logout", {})
        with pytest.raises(Revoked, match="MATRIX_ACCESS_TOKEN"):
            await asyncio.wait_for(asyncio.shield(listening), 2)


async def test_a_token_revoked_while_down_stops_the_connector_at_once(world: World) -> None:
    _, robot, _ = await meeting(world)
    await robot.api("POST", "logout", {})
    inbox = Inbox()
    with pytest.raises(Revoked, match="MATRIX_ACCESS_TOKEN"):
        await asyncio.wait_for(world.bot(robot, inbox).run(inbox), 2)
