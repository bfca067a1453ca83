"""Doing things once, refusing them in words, and waiting where Discord asks to: on an emulated Discord."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.core.effect import (
    BanAll,
    Button,
    ClosePoll,
    Delete,
    Draft,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Penalty,
    Post,
    React,
    Restrict,
)
from bot.core.errors import RateLimited, Rejected, Transient, Unsupported
from bot.core.stored import Receipt
from connectors.discord.client import DiscordConnector
from tests.connectors.discord.stage import shown
from tests.connectors.discord.world import MODERATING, Inbox, Server
from tests.emulators.discord import EVERYONE, Emulator, Fault, Kind, Permission

APPROVE = Button("case:1:approve", "Approve", "✅")


@pytest_asyncio.fixture
async def bot(server: Server) -> AsyncIterator[DiscordConnector]:
    connector = server.bot(Inbox())
    yield connector
    await connector.close()


async def do(bot: DiscordConnector, effect: Effect, key: str = "key") -> Receipt:
    return await bot.perform(effect, key=key, cookie="")


async def test_an_answer_that_got_lost_does_not_double_the_post(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    emulator.fail(Fault(method="POST", template="/messages", status=502, applied=True))
    post = Post(to=server.address(), text="once")
    with pytest.raises(Transient):
        await do(bot, post)
    assert (await do(bot, post)).message_id == str(emulator.messages(server.channel)[-1].id)
    assert emulator.texts(server.channel) == ["once"]


async def test_nobody_is_pinged_by_what_is_said_or_edited(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    text = f"@everyone @here {server.member.mention} <@&{server.guild.id}>"
    replied = str(server.member.say(server.channel, "hello"))
    plain = await do(bot, Post(to=server.address(), text=text, reply_to=replied), "1")
    card = await do(bot, Post(to=server.address(), text=text, buttons=(APPROVE,)), "2")
    for receipt in (plain, card):
        await do(bot, Edit(to=server.address(), message_id=receipt.message_id, text=f"{text} again"))
    await do(bot, OpenPoll(to=server.address(), question=text, options=(text, "no"), lasts=timedelta(hours=1)), "3")
    assert not any(message.pings for message in emulator.messages(server.channel))
    assert emulator.refused == []


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (Permission.MANAGE_MESSAGES, "Manage Messages"),
        (Permission.MODERATE_MEMBERS, "Moderate Members"),
        (Permission.KICK_MEMBERS, "Kick Members"),
        (Permission.BAN_MEMBERS, "Ban Members"),
    ],
)
async def test_a_missing_permission_is_named(
    emulator: Emulator, server: Server, bot: DiscordConnector, lacking: Permission, named: str
) -> None:
    said, to, user = str(server.member.say(server.channel, "spam")), server.address(), str(server.member.id)
    emulator.allow_bot(server.guild, EVERYONE)
    effects: dict[Permission, Effect] = {
        Permission.MANAGE_MESSAGES: Delete(to=to, message_ids=(said,), reason="spam"),
        Permission.MODERATE_MEMBERS: Restrict(to=to, user_id=user, penalty=Penalty.TIMEOUT, reason="spam"),
        Permission.KICK_MEMBERS: Restrict(to=to, user_id=user, penalty=Penalty.KICK, reason="spam"),
        Permission.BAN_MEMBERS: Restrict(to=to, user_id=user, penalty=Penalty.BAN, reason="spam"),
    }
    with pytest.raises(Rejected, match=named):
        await do(bot, effects[lacking])
    can = await bot.capabilities(to)
    assert not can.penalties
    assert not can.can_delete_others


async def test_whoever_stands_above_us_is_left_alone(server: Server, bot: DiscordConnector) -> None:
    with pytest.raises(Rejected, match="my role stands below theirs"):
        await do(
            bot, Restrict(to=server.address(), user_id=str(server.owner.id), penalty=Penalty.KICK, reason="no reason")
        )


async def test_a_timeout_is_as_long_as_discord_takes_and_can_be_lifted(server: Server, bot: DiscordConnector) -> None:
    timeout = Restrict(
        to=server.address(),
        user_id=str(server.member.id),
        penalty=Penalty.TIMEOUT,
        reason="a year",
        lasts=timedelta(days=365),
    )
    await do(bot, timeout)
    assert server.member.member.muted_until is not None
    await do(bot, Lift(to=timeout.to, user_id=timeout.user_id, penalty=Penalty.TIMEOUT, reason=""))
    assert server.member.member.muted_until is None


@pytest.mark.parametrize("accepts", [True, False])
async def test_whoever_is_banned_is_told_before(
    emulator: Emulator, server: Server, bot: DiscordConnector, *, accepts: bool
) -> None:
    server.member.user.accepts_dms = accepts
    ban = Restrict(
        to=server.address(), user_id=str(server.member.id), penalty=Penalty.BAN, reason="spam", tell="You are banned."
    )
    await do(bot, ban)
    assert server.guild.bans == {server.member.id: "spam"}
    assert [message.content for message in server.member.inbox()] == (["You are banned."] if accepts else [])
    asked = [(request.method, request.template) for request in emulator.requests]
    assert asked.index(("POST", "/channels/{channel_id}/messages")) < asked.index(
        ("PUT", "/guilds/{guild_id}/bans/{user_id}")
    )


async def test_many_messages_go_in_few_calls_whatever_their_age(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    old = [server.member.say(server.channel, "old", at=emulator.world.now() - timedelta(days=20)) for _ in range(2)]
    young = [server.member.say(server.channel, "young") for _ in range(101)]
    ids = tuple(str(each) for each in (*young, *young[:5], *old))
    receipt = await do(bot, Delete(to=server.address(), message_ids=ids, reason="a flood"))
    assert not receipt.gone
    assert emulator.texts(server.channel) == []
    assert len(emulator.calls("POST", "/bulk-delete")) == 1
    assert len(emulator.calls("DELETE", "/messages/{message_id}")) == 3
    assert emulator.refused == []
    assert {entry.reason for entry in server.guild.audit if entry.action in (72, 73)} == {"a flood"}


async def test_what_is_gone_is_told_as_gone(server: Server, bot: DiscordConnector) -> None:
    message = server.member.say(server.channel, "x")
    server.member.delete(message)
    to, gone = server.address(), str(message)
    assert (await do(bot, Delete(to=to, message_ids=(gone,), reason=""))).gone
    assert (await do(bot, Edit(to=to, message_id=gone, text="y"))).gone
    assert (await do(bot, React(to=to, message_id=gone, reaction="👍"))).gone
    assert (await do(bot, Delete(to=to, message_ids=("automod-1",), reason=""))).gone


async def test_names_and_titles_can_be_taken_away_like_messages(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    emulator.rename(server.member, "free seeds")
    thread = server.member.thread(server.channel, "free seeds")
    ids = (f"name-{server.member.id}", f"thread-{thread.id}")
    await do(bot, Delete(to=server.address(), message_ids=ids, reason="advertising"))
    emulator.rename(server.member, "free seeds again")
    await do(bot, Delete(to=server.address(), message_ids=ids, reason="advertising"))
    assert server.member.member.nick is None
    assert thread.id not in emulator.world.channels


async def test_a_poll_opens_and_ends(emulator: Emulator, server: Server, bot: DiscordConnector) -> None:
    to = server.address()
    question = OpenPoll(to=to, question="Which day?", options=("Saturday", "Sunday"), lasts=timedelta(hours=2))
    receipts = [await do(bot, question) for _ in range(2)]
    assert receipts[0] == receipts[1]
    server.member.vote(int(receipts[0].message_id), 2)
    poll = emulator.message(int(receipts[0].message_id)).poll
    assert poll is not None
    for _ in range(2):
        await do(bot, ClosePoll(to=to, message_id=receipts[0].message_id))
    await emulator.until(lambda: poll.finalized)
    assert [len(votes) for votes in poll.votes.values()] == [0, 1]


async def test_threads_open_on_messages_alone_and_in_forums(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    message = str(server.member.say(server.channel, "shall we?"))
    forum = emulator.channel(server.guild, "ideas", kind=Kind.FORUM)
    on = [await do(bot, OpenThread(to=server.address(), title="Tea", message_id=message)) for _ in range(2)]
    alone = await do(bot, OpenThread(to=server.address(), title="Cake"))
    post = await do(bot, OpenThread(to=server.address(forum), title="A pond?"))
    assert on == [Receipt(message), Receipt(message)]
    names = [emulator.world.channels[int(each.message_id)].name for each in (on[0], alone, post)]
    assert names == ["Tea", "Cake", "A pond?"]
    assert emulator.world.channels[int(post.message_id)].parent is forum


async def test_a_card_stays_a_card_after_a_restart(emulator: Emulator, server: Server, bot: DiscordConnector) -> None:
    card = await do(bot, Post(to=server.address(), text="Case 1", buttons=(APPROVE,)))
    again = server.bot(Inbox())
    await do(again, Edit(to=server.address(), message_id=card.message_id, text="Case 1 was approved"))
    await again.close()
    message = emulator.message(int(card.message_id))
    assert shown(message) == "Case 1 was approved"
    assert emulator.refused == []


async def test_a_long_pause_goes_back_to_the_outbox_and_nothing_is_sent_before(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    emulator.fail(Fault(method="POST", template="/messages", status=429, retry_after=timedelta(seconds=7)))
    with pytest.raises(RateLimited) as limited:
        await do(bot, Post(to=server.address(), text="x"))
    assert limited.value.retry_after == pytest.approx(7, abs=0.1)
    before = len(emulator.requests)
    with pytest.raises(RateLimited):
        await do(bot, Post(to=server.address(), text="x"))
    assert len(emulator.requests) == before


async def test_a_known_limit_is_never_run_into(emulator: Emulator, server: Server, bot: DiscordConnector) -> None:
    done = await asyncio.gather(
        *(do(bot, Post(to=server.address(), text=str(number)), f"key {number}") for number in range(12)),
        return_exceptions=True,
    )
    for number in range(3):
        with pytest.raises(RateLimited):
            await do(bot, Post(to=server.address(), text=f"more {number}"), f"more {number}")
    assert sum(isinstance(each, Receipt) for each in done) == 5
    assert emulator.refused == []


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(status=500), Fault(cut=True)])
async def test_trouble_on_their_side_passes(server: Server, bot: DiscordConnector, fault: Fault) -> None:
    await bot.capabilities(server.address())
    server.emulator.fail(fault)
    with pytest.raises(Transient):
        await do(bot, Post(to=server.address(), text="x"))
    assert (await do(bot, Post(to=server.address(), text="x"))).message_id


async def test_a_whisper_without_an_interaction_is_a_direct_message(server: Server, bot: DiscordConnector) -> None:
    whisper = Post(to=server.address(), text="between us", whisper_to=str(server.member.id))
    await do(bot, whisper)
    assert [message.content for message in server.member.inbox()] == ["between us"]
    server.moderator.user.accepts_dms = False
    with pytest.raises(Rejected, match="direct messages"):
        await do(bot, Post(to=server.address(), text="between us", whisper_to=str(server.moderator.id)))


async def test_a_text_grows_in_one_message(emulator: Emulator, server: Server, bot: DiscordConnector) -> None:
    to = server.address()
    for text in ("", "Once", "Once upon", "Once upon a time"):
        await bot.preview(Draft(to=to, text=text, stream="s"))
        await asyncio.sleep(0.05)
    receipt = await do(bot, Post(to=to, text="Once upon a time there was a slug.", stream="s"))
    assert emulator.texts(server.channel) == ["Once upon a time there was a slug."]
    assert receipt.message_id == str(emulator.messages(server.channel)[0].id)
    assert len(emulator.calls("POST", "/typing")) == 1
    assert emulator.refused == []


async def test_a_growing_text_is_found_again_after_a_restart(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    await bot.preview(Draft(to=server.address(), text="Once", stream="s"))
    await emulator.until(lambda: emulator.texts(server.channel))
    again = server.bot(Inbox())
    await do(again, Post(to=server.address(), text="Once upon a time.", stream="s", buttons=(APPROVE,)))
    await again.close()
    assert [shown(message) for message in emulator.messages(server.channel)] == ["Once upon a time."]


async def test_a_growing_text_that_a_moderator_took_away_stays_away(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    await bot.preview(Draft(to=server.address(), text="Once", stream="s"))
    await emulator.until(lambda: emulator.texts(server.channel))
    server.moderator.delete(emulator.messages(server.channel)[0].id)
    assert (await do(bot, Post(to=server.address(), text="Once upon a time.", stream="s"))).gone
    assert emulator.texts(server.channel) == []


async def test_a_place_that_is_none_is_refused_in_words(server: Server, bot: DiscordConnector) -> None:
    nowhere = server.address(server.channel)
    for odd in ("", "x/../y", "12 34"):
        with pytest.raises(Rejected):
            await do(bot, Post(to=type(nowhere)("discord", nowhere.space, odd), text="x"))
    with pytest.raises(Rejected):
        await do(bot, React(to=nowhere, message_id="7/../8", reaction="👍"))


async def test_many_texts_grow_in_one_channel_within_its_limit(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    to = server.address()
    for length in range(1, 30):
        for stream in ("a", "b"):
            await bot.preview(Draft(to=to, text="word " * length, stream=stream))
        await asyncio.sleep(0.1)
    ends = [do(bot, Post(to=to, text=f"the end of {stream}", stream=stream), stream) for stream in ("a", "b")]
    await asyncio.gather(*ends)
    assert sorted(emulator.texts(server.channel)) == ["the end of a", "the end of b"]
    assert emulator.refused == []


async def test_a_deletion_that_had_to_wait_goes_on_where_it_stopped(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    emulator.set_rate_limit(
        "DELETE", "/channels/{channel_id}/messages/{message_id}", limit=2, window=timedelta(seconds=2)
    )
    long_ago = emulator.world.now() - timedelta(days=20)
    ids = tuple(str(server.member.say(server.channel, "old", at=long_ago)) for _ in range(5))
    effect = Delete(to=server.address(), message_ids=ids, reason="spam")
    for _ in range(2):
        with pytest.raises(RateLimited) as limited:
            await do(bot, effect)
        await asyncio.sleep(limited.value.retry_after)
    await do(bot, effect)
    assert len(emulator.calls("DELETE", "/messages/{message_id}")) == 5
    assert emulator.refused == []


async def test_many_are_banned_in_one_call_that_names_whom_it_left_out(
    emulator: Emulator, server: Server, bot: DiscordConnector
) -> None:
    emulator.allow_bot(server.guild, MODERATING | Permission.MANAGE_GUILD)
    raiders = [emulator.member(server.guild, f"raider{number}") for number in range(20)]
    ids = tuple(str(each.id) for each in (*raiders, server.owner))
    can = await bot.capabilities(server.address())
    assert can.bulk_ban == 200
    receipt = await do(bot, BanAll(to=server.address(), user_ids=ids, reason="raid"))
    assert server.guild.bans == {each.id: "raid" for each in raiders}
    assert receipt.undone == (str(server.owner.id),)
    again = await do(bot, BanAll(to=server.address(), user_ids=ids, reason="raid"))
    assert again.undone == ids
    with pytest.raises(Unsupported):
        await do(bot, BanAll(to=server.address(), user_ids=("1",) * 201, reason="raid"))


async def test_a_ban_of_many_takes_a_permission_of_its_own(server: Server, bot: DiscordConnector) -> None:
    assert (await bot.capabilities(server.address())).bulk_ban == 1
    with pytest.raises(Rejected, match="Ban Members and Manage Server"):
        await do(bot, BanAll(to=server.address(), user_ids=(str(server.member.id),), reason="raid"))


async def test_what_is_not_there_is_not_taken_back(server: Server, bot: DiscordConnector) -> None:
    nobody = Lift(to=server.address(), user_id=str(server.member.id), penalty=Penalty.BAN, reason="a mistake")
    assert (await do(bot, nobody)).gone
    with pytest.raises(Rejected, match="no such member"):
        await do(bot, replace(nobody, user_id="../members"))
    with pytest.raises(Unsupported):
        await do(bot, replace(nobody, penalty=Penalty.KICK))
