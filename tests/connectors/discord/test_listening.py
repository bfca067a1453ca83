"""Hearing everything once, whatever becomes of the connection: on an emulated Discord."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.core.effect import ClosePoll, Draft, OpenPoll, Post
from bot.core.errors import Revoked
from bot.core.event import (
    Event,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PollEnded,
    PollVoted,
    Reacted,
    Reported,
    SurfaceKind,
)
from connectors.discord.client import DiscordConnector
from connectors.discord.wire import Wire, path
from tests.connectors.discord.world import MODERATING, Inbox, Server, Sleep, bot, running, until
from tests.emulators.discord import Emulator, Fault, Kind, Permission, Refusal
from tests.emulators.discord.model import Poll


def texts(inbox: Inbox) -> list[str]:
    return [event.text for event in inbox.of(MessagePosted)]


async def heard(inbox: Inbox, *expected: str) -> None:
    await until(lambda: texts(inbox)[-len(expected) :] == list(expected) or len(texts(inbox)) > 5000)


async def test_everything_that_happens_is_heard(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        message = server.member.say(server.channel, "hello", files=[("cat.png", b"x")])
        server.member.edit(message, "hello there")
        server.moderator.react(message, "👍")
        asked = server.member.say(server.channel, poll=_poll(emulator))
        server.moderator.vote(asked, 2)
        server.moderator.delete(message)
        flood = [server.member.say(server.channel, f"spam {number}") for number in range(3)]
        server.moderator.purge(flood)
        emulator.member(server.guild, "eve")
        emulator.rename(server.member, "free seeds")
        await until(lambda: any(_is_name(event, "free seeds") for event in inbox.events))
    assert {type(event) for event in inbox.events} >= {MessagePosted, MessageEdited, Reacted, PollVoted, MemberJoined}
    assert inbox.of(MessageEdited)[0].text == "hello there"
    assert [event.options for event in inbox.of(PollVoted)] == [("2",)]
    assert [event.message_id for event in inbox.of(MessageDeleted)] == [str(each) for each in (message, *flood)]
    assert emulator.refused == []


async def test_threads_and_forum_posts_are_heard_where_they_are(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    forum = emulator.channel(server.guild, "ideas", kind=Kind.FORUM)
    async with running(server.bot(inbox), inbox, emulator):
        thread = server.member.thread(server.channel, "slugs")
        server.member.say(thread, "beer traps")
        post = server.member.post(forum, "A pond?", "where could it be?")
        await until(lambda: len(texts(inbox)) == 2)
    titles = {surface.text for event in inbox.events for surface in getattr(event, "surfaces", ())}
    assert {"slugs", "A pond?"} <= titles
    places = {event.where for event in inbox.of(MessagePosted)}
    assert places == {server.address(thread), server.address(post)}


async def test_a_direct_message_is_heard(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        server.member.dm("may I appeal?")
        await heard(inbox, "may I appeal?")
    assert inbox.of(MessagePosted)[0].is_direct


async def test_a_short_break_loses_nothing(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "before")
        await heard(inbox, "before")
        await emulator.drop()
        server.member.say(server.channel, "meanwhile")
        await heard(inbox, "before", "meanwhile")
    assert emulator.gateway.resumes == 1
    assert len(emulator.gateway.identifies) == 1


async def test_a_refused_resume_is_read_from_history(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    expected = [f"message {number}" for number in range(500)]
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "before")
        await heard(inbox, "before")
        await emulator.drop(resume=False)
        for text in expected:
            server.member.say(server.channel, text)
        await heard(inbox, "before", *expected)
        server.member.say(server.channel, "after")
        await heard(inbox, "after")
    assert texts(inbox) == ["before", *expected, "after"]
    assert emulator.refused == []


async def test_a_restart_goes_on_where_it_stopped(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    server.member.say(server.channel, "before anybody asked for us")
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "one")
        edited = server.member.say(server.channel, "two")
        await heard(inbox, "one", "two")
    server.member.edit(edited, "two, as I meant it")
    server.member.say(server.channel, "three")
    thread = server.member.thread(server.channel, "opened meanwhile")
    server.member.say(thread, "four")
    async with running(server.bot(inbox), inbox, emulator):
        await until(lambda: len(texts(inbox)) == 4)
        await until(lambda: inbox.of(MessageEdited))
    assert sorted(texts(inbox)) == sorted(["one", "two", "three", "four"])
    assert [event.text for event in inbox.of(MessageEdited)] == ["two, as I meant it"]
    assert inbox.cursors[f"discord:{server.channel.id}"] == str(max(server.channel.messages))


async def test_a_poll_that_ends_is_counted_also_while_nobody_listens(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    days = ("Saturday", "Sunday")
    asked = OpenPoll(to=server.address(), question="Which day?", options=days, lasts=timedelta(hours=1))
    async with running(connector := server.bot(inbox), inbox, emulator):
        polls = [await connector.perform(asked, key=f"k{n}", cookie="") for n in range(2)]
        first, second = (int(poll.message_id) for poll in polls)
        server.member.vote(first, 2)
        await connector.perform(ClosePoll(to=server.address(), message_id=str(first)), key="c", cookie="")
        (ended,) = await until(lambda: inbox.of(PollEnded))
        assert (ended.message_id, ended.counts) == (str(first), (0, 1))
    server.member.vote(second, 1)
    emulator.advance(timedelta(hours=2))
    await emulator.until(lambda: emulator.message(second).poll.finalized)  # type: ignore[union-attr]  # it is a poll
    async with running(server.bot(inbox), inbox, emulator):
        _, missed = await until(lambda: inbox.of(PollEnded)[1:] and inbox.of(PollEnded))
    assert (missed.message_id, missed.counts) == (str(second), (1, 0))
    assert emulator.refused == []


async def test_whoever_moderates_is_known_in_what_was_missed(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        pass
    server.moderator.say(server.channel, "by a moderator")
    async with running(server.bot(inbox), inbox, emulator):
        await heard(inbox, "by a moderator")
    assert inbox.of(MessagePosted)[0].who.role.name == "MODERATOR"


async def test_a_gap_is_read_only_so_far(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        pass
    for number in range(150):
        server.member.say(server.channel, str(number))
    async with running(server.bot(inbox, backfill_limit=100), inbox, emulator):
        await until(lambda: inbox.cursors[f"discord:{server.channel.id}"] == str(max(server.channel.messages)))
    assert len(texts(inbox)) == 100


async def test_a_cursor_never_jumps_over_a_gap(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    """What is said while a gap is read must not hide the gap from the next start."""
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "before")
        await heard(inbox, "before")
    read = inbox.cursors[f"discord:{server.channel.id}"]
    server.member.say(server.channel, "missed")
    emulator.fail(Fault(method="GET", template="/messages", times=50, delay=timedelta(seconds=5)))
    task = asyncio.create_task(server.bot(inbox).run(inbox))
    await until(lambda: emulator.gateway.sockets)
    await asyncio.sleep(0.2)
    server.member.say(server.channel, "live")
    await heard(inbox, "before", "live")
    task.cancel()
    await asyncio.wait([task])
    assert inbox.cursors[f"discord:{server.channel.id}"] == read
    emulator.server.faults.clear()
    async with running(server.bot(inbox), inbox, emulator):
        await until(lambda: "missed" in texts(inbox))


async def test_what_comes_twice_is_heard_once(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "once")
        await heard(inbox, "once")
        (session,) = emulator.gateway.sessions.values()
        said = next(frame for _, frame in reversed(session.buffer) if '"MESSAGE_CREATE"' in frame)
        session.dispatch("MESSAGE_CREATE", json.loads(said)["d"])
        await until(lambda: inbox.repeated)
    assert texts(inbox) == ["once"]


async def test_a_payload_that_makes_no_sense_ends_nothing(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator) as task:
        (session,) = emulator.gateway.sessions.values()
        for name in (
            "MESSAGE_CREATE",
            "GUILD_CREATE",
            "THREAD_CREATE",
            "INTERACTION_CREATE",
            "RESUMED",
            "NEVER_HEARD_OF",
        ):
            for data in ({}, {"id": None, "poll": {"expiry": None}, "author": 7}, {"id": "x", "guild_id": []}):
                session.dispatch(name, data)
        server.member.say(server.channel, "still here")
        await heard(inbox, "still here")
        assert not task.done()
    assert len(emulator.gateway.identifies) == 1


async def test_other_servers_are_left_alone(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    other = Server.found(emulator)
    task = asyncio.create_task(bot(emulator, inbox, guilds=(str(server.guild.id),)).run(inbox))
    await until(lambda: f"discord:{server.channel.id}" in inbox.cursors)
    other.member.say(other.channel, "not for us")
    server.member.say(server.channel, "for us")
    await heard(inbox, "for us")
    task.cancel()
    await asyncio.wait([task])
    assert texts(inbox) == ["for us"]


async def test_shards_hear_their_servers(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    emulator.settings.shards = 2
    servers = [server, Server.found(emulator)]
    async with running(server.bot(inbox, shards=2), inbox, emulator):
        for each in servers:
            each.member.say(each.channel, f"in {each.guild.id}")
        await until(lambda: len(texts(inbox)) == 2 and len(emulator.gateway.identifies) == 2)


async def test_a_revoked_token_stops_at_once(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator) as task:
        await emulator.revoke_token()
        await until(task.done)
    assert isinstance(task.exception(), Revoked)
    before = len(emulator.requests)
    with pytest.raises(Revoked):
        await server.bot(inbox).run(inbox)
    assert len(emulator.requests) == before + 1


async def test_missing_intents_are_told(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    emulator.world.application.privileged = 0
    with pytest.raises(Revoked, match="Message Content Intent"):
        await server.bot(inbox).run(inbox)


async def test_a_gateway_that_never_takes_us_is_not_asked_for_ever(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    emulator.gateway.refuse_identifies, sleep = 10_000, Sleep()
    for _ in range(2):
        with pytest.raises(Revoked, match="Look into the log"):
            await server.bot(inbox, sleep).run(inbox)
    assert len(emulator.gateway.identifies) <= 20


async def test_fifty_restarts_in_a_row_are_too_many(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    sleep = Sleep()
    assert sum([await _starts_and_dies(server.bot(inbox, sleep), inbox, emulator) for _ in range(50)]) == 20


async def test_a_gateway_that_drops_us_after_resuming_is_asked_slowly(emulator: Emulator, server: Server) -> None:
    sleep, inbox = Sleep(), Inbox()
    async with running(server.bot(inbox, sleep), inbox, emulator):
        emulator.gateway.drop_after_resume = True
        await emulator.drop()
        await until(lambda: len(sleep.pauses) > 6)
    assert sleep.pauses[:5] == [1, 2, 4, 8, 15]


async def test_a_gateway_out_of_reach_is_tried_again(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    connector = server.bot(inbox, gateway_url="ws://127.0.0.1:9/")
    task = asyncio.create_task(connector.run(inbox))
    await until(lambda: len(emulator.calls("GET", "/users/@me")) >= 4)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_what_discords_own_filter_blocks_comes_as_a_report(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    emulator.allow_bot(server.guild, MODERATING | Permission.MANAGE_GUILD)
    wire = Wire(emulator.api_base, emulator.token)
    rule = {
        "name": "words",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": {"keyword_filter": ["blocked"]},
        "actions": [{"type": 1, "metadata": {}}, {"type": 2, "metadata": {"channel_id": str(server.channel.id)}}],
        "enabled": True,
    }
    await wire.send("POST", path("guilds", str(server.guild.id), "auto-moderation", "rules"), rule)
    await wire.close()
    async with running(server.bot(inbox), inbox, emulator):
        for _ in range(2):
            with pytest.raises(Refusal):
                server.member.say(server.channel, "blocked words")
        server.member.say(server.channel, "other words")
        await heard(inbox, "other words")
    (report,) = inbox.of(Reported)
    blocked = inbox.of(MessagePosted)[0]
    assert (blocked.text, blocked.who.id) == ("blocked words", str(server.member.id))
    assert report.message_id == blocked.message_id


def _poll(emulator: Emulator) -> Poll:
    answers = {number: {"text": text} for number, text in ((1, "Saturday"), (2, "Sunday"))}
    expiry = emulator.world.now() + timedelta(hours=1)
    return Poll(question="Which day?", answers=answers, expiry=expiry, votes={1: {}, 2: {}})


def _is_name(event: Event, name: str) -> bool:
    surfaces = getattr(event, "surfaces", ())
    return any((surface.kind, surface.text) == (SurfaceKind.NAME, name) for surface in surfaces)


async def _starts_and_dies(connector: DiscordConnector, inbox: Inbox, emulator: Emulator) -> bool:
    """Whether a session began before the bot was killed."""
    begun = len(emulator.gateway.identifies)
    task = asyncio.create_task(connector.run(inbox))
    await until(lambda: task.done() or len(emulator.gateway.identifies) > begun)
    task.cancel()
    await asyncio.wait([task])
    return len(emulator.gateway.identifies) > begun


async def test_a_stop_leaves_the_session_to_come_back_to(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        pass
    await emulator.until(lambda: emulator.gateway.closed)
    assert emulator.gateway.closed[-1][0] == 4000


async def test_an_answer_stops_growing_when_its_question_is_deleted(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    connector = server.bot(inbox)
    async with running(connector, inbox, emulator):
        question = server.member.say(server.channel, "what is a slug?")
        draft = Draft(to=server.address(), text="A slug is", stream="s", reply_to=str(question))
        await connector.preview(draft)
        await until(lambda: "A slug is" in emulator.texts(server.channel))
        server.member.delete(question)
        await until(lambda: emulator.texts(server.channel) == [])
        end = Post(to=server.address(), text="A slug is a snail without a house.", stream="s", reply_to=str(question))
        assert (await connector.perform(end, key="k", cookie="")).gone
    assert emulator.texts(server.channel) == []


async def test_a_gap_is_kept_when_the_session_breaks_while_it_is_read(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "before")
        await heard(inbox, "before")
    server.member.say(server.channel, "missed")
    slow = emulator.fail(Fault(method="GET", template="/messages", times=3, status=500, delay=timedelta(seconds=0.3)))
    async with running(server.bot(inbox), inbox, emulator):
        server.member.say(server.channel, "live")
        await heard(inbox, "before", "live")
        await emulator.drop(resume=False)
        await until(lambda: "missed" in texts(inbox))
    assert slow.times == 0
    assert sorted(texts(inbox)) == ["before", "live", "missed"]
