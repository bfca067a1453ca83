"""What is decided happens on a real homeserver, once."""

import asyncio
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.core.address import Address
from bot.core.capability import Capabilities, PollSupport, Streaming
from bot.core.effect import Button, ClosePoll, Delete, Edit, OpenPoll, OpenThread, Penalty, Post, React, Restrict
from bot.core.errors import RateLimited, Rejected, Transient, Unsupported
from bot.core.event import ButtonPressed, MessagePosted, PollVoted, Role
from bot.core.ports import Readers
from bot.core.stored import Receipt
from connectors.matrix.client import MatrixConnector
from connectors.matrix.polls import END, RESPONSE, START
from connectors.matrix.render import MAX_TEXT, reaction
from tests.connectors.matrix.world import Inbox, Person, World, joined, running, until
from tests.servers.synapse import Homeserver

ALL = {"redact": 50, "kick": 50, "ban": 50, "users_default": 0}


async def governed(world: World) -> tuple[Person, Person, str]:
    """A member who made a room, the bot's account with the power to moderate, and the room."""
    ann, robot = await world.person("ann"), await world.person("robot")
    room = await ann.create()
    await robot.join(room)
    await ann.power(room, ALL | {"users": {robot.id: 50}})
    return ann, robot, room


def texts(events: list[dict[str, Any]], sender: Person) -> list[object]:
    return [event["content"].get("body") for event in events if event["sender"] == sender.id and event["content"]]


async def test_the_same_key_gives_one_message_also_on_another_connection_of_the_device(world: World) -> None:
    ann, robot, room = await governed(world)
    inbox = Inbox()
    post = Post(to=world.address(room), text="once", buttons=(Button("b", "Go", "✅"),))
    receipts = []
    for bot in (world.bot(robot, inbox), world.bot(robot, inbox)):
        receipts += [await bot.perform(post, key="a key", cookie="") for _ in range(2)]
        await bot.close()
    assert len(set(receipts)) == 1
    said = [event for event in await ann.messages(room) if event["sender"] == robot.id and "state_key" not in event]
    assert [event["type"] for event in said] == ["m.room.message", "m.reaction"]


async def test_posts_edits_reactions_and_threads_arrive_as_clients_expect_them(world: World) -> None:
    ann, robot, room = await governed(world)
    bot = world.bot(robot, Inbox())
    here = world.address(room)
    said = await ann.say(room, "hi")
    reply = await bot.perform(Post(to=here, text="**yo**", reply_to=said), key="1", cookie="")
    await bot.perform(Edit(to=here, message_id=reply.message_id, text="better"), key="2", cookie="")
    reacted = await bot.perform(React(to=here, message_id=said, reaction="👋"), key="3", cookie="")
    again = await bot.perform(React(to=here, message_id=said, reaction="👋"), key="4", cookie="")
    thread = await bot.perform(OpenThread(to=here, title="Ideas", message_id=said), key="5", cookie="")
    await bot.perform(Post(to=world.address(room, said), text="in it"), key="6", cookie="")
    await bot.close()
    shown = await ann.event(room, reply.message_id)
    assert shown["content"]["formatted_body"] == "<p><strong>yo</strong></p>"
    assert shown["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": said}}
    assert shown["unsigned"]["m.relations"]["m.replace"]["content"]["m.new_content"]["body"] == "better"
    assert (await ann.event(room, reacted.message_id))["content"]["m.relates_to"]["key"] == "👋"
    assert again == Receipt(gone=True)
    assert thread == Receipt(said)
    summary = (await ann.event(room, said))["unsigned"]["m.relations"]["m.thread"]
    assert summary["count"] == 2
    assert summary["latest_event"]["content"]["body"] == "in it"


async def test_a_poll_is_one_for_clients_that_show_polls_and_text_for_the_others(world: World) -> None:
    ann, robot, room = await governed(world)
    inbox = Inbox()
    bot, here = world.bot(robot, inbox), world.address(room)
    asked = OpenPoll(to=here, question="Which day?", options=("Saturday", "Sunday"), lasts=timedelta(hours=1), id="p")
    async with running(bot, inbox):
        poll = (await bot.perform(asked, key="1", cookie="")).message_id
        assert (await bot.perform(asked, key="1", cookie="")).message_id == poll
        await ann.send(room, vote(poll, "2"), RESPONSE)
        await ann.send(room, reaction(poll, "1\ufe0f\u20e3"), "m.reaction")
        await ann.send(room, vote(poll, 2, None), RESPONSE)
        await until(lambda: len(inbox.of(PollVoted)) == 2 and inbox.of(ButtonPressed))
        ended = await bot.perform(ClosePoll(to=here, message_id=poll), key="2", cookie="")
    assert [(each.message_id, each.options) for each in inbox.of(PollVoted)] == [(poll, ("2",)), (poll, ("", ""))]
    assert [(press.message_id, press.button_id) for press in inbox.of(ButtonPressed)] == [(poll, "vote:1")]
    shown, over = await ann.event(room, poll), await ann.event(room, ended.message_id)
    assert (shown["type"], shown["content"]["body"]) == (
        START,
        "Which day?\n1\ufe0f\u20e3 Saturday\n2\ufe0f\u20e3 Sunday",
    )
    assert shown["content"][START]["answers"][1] == {"id": "2", "org.matrix.msc1767.text": "Sunday"}
    assert (over["type"], over["content"]["m.relates_to"]["event_id"]) == (END, poll)


def vote(poll: str, *answers: object) -> dict[str, object]:
    return {"m.relates_to": {"rel_type": "m.reference", "event_id": poll}, RESPONSE: {"answers": list(answers)}}


async def test_a_deletion_takes_the_edits_along_and_may_be_repeated(world: World) -> None:
    ann, robot, room = await governed(world)
    bot = world.bot(robot, Inbox())
    said = await ann.say(room, "first secret")
    edits = [await ann.edit(room, said, f"secret {number}") for number in range(3)]
    delete = Delete(to=world.address(room), message_ids=(said,), reason="house rules")
    assert await bot.perform(delete, key="1", cookie="") == Receipt()
    assert await bot.perform(delete, key="1", cookie="") == Receipt()
    regretted = await ann.say(room, "sorry")
    await ann.redact(room, regretted)
    late = Delete(to=world.address(room), message_ids=(regretted,), reason="")
    assert await bot.perform(late, key="3", cookie="") == Receipt(gone=True)
    unknown = Delete(to=world.address(room), message_ids=("$unknown",), reason="")
    assert await bot.perform(unknown, key="2", cookie="") == Receipt(gone=True)
    await bot.close()
    assert [(await ann.event(room, event))["content"] for event in (said, *edits)] == [{}, {}, {}, {}]
    assert (await ann.event(room, said))["unsigned"]["redacted_because"]["content"]["reason"] == "house rules"


async def test_a_deletion_cut_short_is_finished_by_whoever_repeats_it(world: World) -> None:
    ann, robot, room = await governed(world)
    bot = world.bot(robot, Inbox())
    said = await ann.say(room, "first secret")
    edit = await ann.edit(room, said, "second secret")
    # What a process leaves that dies after its first redaction.
    await robot.api("PUT", f"rooms/{room}/redact/{said}/cut", {"reason": "", "dev.parley.edits": [edit]})
    delete = Delete(to=world.address(room), message_ids=(said,), reason="")
    assert await bot.perform(delete, key="1", cookie="") == Receipt()
    await bot.close()
    assert (await ann.event(room, edit))["content"] == {}


async def test_members_are_kicked_and_banned_and_a_repetition_finds_them_gone(world: World) -> None:
    ann, robot, room = await governed(world)
    eve = await world.person("eve")
    await eve.join(room)
    bot = world.bot(robot, Inbox())
    kick = Restrict(to=world.address(room), user_id=eve.id, penalty=Penalty.KICK, reason="calm down")
    ban = Restrict(to=world.address(room), user_id=eve.id, penalty=Penalty.BAN, reason="enough")
    receipts = [await bot.perform(effect, key=str(key), cookie="") for key, effect in enumerate((kick, kick, ban, ban))]
    await bot.close()
    assert receipts == [Receipt(), Receipt(gone=True), Receipt(), Receipt(gone=True)]
    state = await ann.api("GET", f"rooms/{room}/state/m.room.member/{eve.id}")
    assert (state["membership"], state["reason"]) == ("ban", "enough")


async def test_missing_power_is_said_in_a_sentence(world: World) -> None:
    ann, robot, room = await governed(world)
    await ann.power(room, ALL | {"users": {}, "events_default": 10})
    said = await ann.say(room, "hi")
    bot = world.bot(robot, Inbox())
    here = world.address(room)
    with pytest.raises(Rejected, match=re.escape(f"I lack the power to redact messages in {room}.")):
        await bot.perform(Delete(to=here, message_ids=(said,), reason=""), key="1", cookie="")
    with pytest.raises(Rejected, match="I lack the power to speak in"):
        await bot.perform(Post(to=here, text="hi"), key="2", cookie="")
    ban = Restrict(to=here, user_id=ann.id, penalty=Penalty.BAN, reason="")
    with pytest.raises(Rejected, match="I lack the power to ban that member in"):
        await bot.perform(ban, key="3", cookie="")
    await bot.close()


async def test_what_was_never_claimed_is_unsupported(world: World) -> None:
    _, robot, room = await governed(world)
    bot = world.bot(robot, Inbox())
    here = world.address(room)
    timeout = Restrict(to=here, user_id="@a:b", penalty=Penalty.TIMEOUT, reason="")
    for effect in (timeout, Post(to=here, text="psst", whisper_to="@a:b")):
        with pytest.raises(Unsupported):
            await bot.perform(effect, key="1", cookie="")
    await bot.close()


async def test_a_demotion_is_noticed_at_once(world: World) -> None:
    ann, robot, room = await governed(world)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    here = world.address(room)
    claimed = Capabilities(
        max_text=MAX_TEXT,
        polls=PollSupport(max_options=20, counts=False),
        threads=True,
        buttons=6,
        streaming=Streaming.EDITS,
        edit_interval=timedelta(seconds=5),
        ban_lists=True,
        penalties=frozenset({Penalty.KICK, Penalty.BAN}),
        can_delete_others=True,
        deduplicates_sends=True,
        name=room,
        link=f"https://matrix.to/#/{quote(room)}/{{message}}?via=parley.test",
    )
    assert await bot.capabilities(here) == claimed
    async with running(bot, inbox):
        assert await bot.capabilities(here) == claimed
        assert await bot.role(here, robot.id) is Role.MODERATOR
        await ann.power(room, ALL | {"users": {}})
        await ann.say(room, "demoted")
        await until(lambda: inbox.of(MessagePosted))
        humbled = await bot.capabilities(here)
        assert (humbled.penalties, humbled.can_delete_others) == (frozenset(), False)
        assert await bot.role(here, robot.id) is Role.MEMBER
        assert await bot.role(here, ann.id) is Role.OWNER


async def test_a_kicked_bot_can_do_nothing_there_and_goes_on_elsewhere(world: World) -> None:
    ann, robot, room = await governed(world)
    other = await ann.create()
    await robot.join(other)
    inbox = Inbox()
    bot = world.bot(robot, inbox)
    async with running(bot, inbox):
        await ann.api("POST", f"rooms/{room}/kick", {"user_id": robot.id})
        await ann.say(other, "still there?")
        await until(lambda: inbox.of(MessagePosted))
        assert await bot.capabilities(world.address(room)) == Capabilities(max_text=MAX_TEXT, readable=False)
        with pytest.raises(Rejected):
            await bot.perform(Post(to=world.address(room), text="hi"), key="1", cookie="")


async def test_readers_are_everyone_or_the_members_of_this_moment(world: World) -> None:
    ann, robot, open_room = await governed(world)
    closed = await ann.create(preset="private_chat", invite=[robot.id])
    bot = world.bot(robot, Inbox())
    with pytest.raises(Rejected):
        await bot.readers(world.address(closed))
    await robot.join(closed)
    assert await bot.readers(world.address(open_room)) == Readers(everyone=True)
    assert await bot.readers(world.address(closed)) == Readers(members=frozenset({ann.id, robot.id}))
    await bot.close()


async def test_an_encrypted_room_is_not_readable(world: World) -> None:
    ann, robot, room = await governed(world)
    await ann.api("PUT", f"rooms/{room}/state/m.room.encryption/", {"algorithm": "m.megolm.v1.aes-sha2"})
    bot = world.bot(robot, Inbox())
    assert not (await bot.capabilities(world.address(room))).readable
    await bot.close()


async def test_a_burst_beyond_the_default_limits_is_told_to_wait_and_arrives_once(tmp_path: Path) -> None:
    with Homeserver(tmp_path / "limited", limits_messages=True) as server:
        world = World(server)
        ann, robot = await world.person("ann"), await world.person("robot")
        room = await ann.create()
        await robot.join(room)
        bot = world.bot(robot, Inbox())
        pauses = [pause for number in range(14) for pause in await insist(bot, world.address(room), number)]
        await bot.close()
        said = texts(await ann.messages(room), robot)
    assert len(pauses) >= 3
    assert min(pauses) > 0
    assert [text for text in said if text] == [f"message {number}" for number in range(14)]


async def insist(bot: MatrixConnector, to: Address, number: int) -> list[float]:
    """Post until it is through; the pauses that were asked for."""
    pauses: list[float] = []
    while True:
        try:
            await bot.perform(Post(to=to, text=f"message {number}"), key=f"burst {number}", cookie="")
        except RateLimited as limited:
            pauses.append(limited.retry_after)
            await asyncio.sleep(limited.retry_after)
        else:
            return pauses


async def test_a_restarted_homeserver_is_found_again_and_still_knows_our_keys(tmp_path: Path) -> None:
    server = Homeserver(tmp_path / "restarted")
    with server:
        world = World(server)
        ann, robot = await world.person("ann"), await world.person("robot")
        room = await ann.create()
        await robot.join(room)
        inbox = Inbox()
        bot = world.bot(robot, inbox)
        post = Post(to=world.address(room), text="once")
        async with running(bot, inbox):
            first = await bot.perform(post, key="k", cookie="")
            await asyncio.to_thread(server.stop)
            with pytest.raises(Transient):
                await bot.perform(Post(to=world.address(room), text="lost?"), key="l", cookie="")
            await asyncio.to_thread(server.start)
            await ann.say(room, "back?")
            await until(lambda: inbox.of(MessagePosted))
            assert await bot.perform(post, key="k", cookie="") == first
        assert texts(await ann.messages(room), robot).count("once") == 1


async def test_a_member_with_a_room_for_two_is_told_there_before_being_kicked(world: World) -> None:
    ann, robot, room = await governed(world)
    eve = await world.person("eve")
    await eve.join(room)
    inbox = Inbox()
    bot = world.bot(robot, inbox, allow_invites_from=(eve.id,))
    async with running(bot, inbox):
        alone = await eve.create(preset="trusted_private_chat", invite=[robot.id], is_direct=True)
        await joined(robot, alone)
        await eve.say(alone, "hello?")
        await until(lambda: [event for event in inbox.of(MessagePosted) if event.is_direct])
        for member in (eve, ann):
            here, kick = world.address(room), Penalty.KICK
            restrict = Restrict(to=here, user_id=member.id, penalty=kick, reason="r", tell="Mind it.")
            with suppress(Rejected):
                await bot.perform(restrict, key=member.id, cookie="")
    assert texts(await eve.messages(alone), robot)[1:] == ["Mind it."]
    assert "Mind it." not in texts(await ann.messages(room), robot)
