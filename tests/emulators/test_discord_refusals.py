"""What Discord refuses, in its own words, and how fast it lets a bot be."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.emulators.client import Answer, Bot, connected, request
from tests.emulators.discord import ALL, Emulator, Fault, Kind, Permission, Quota, Settings, threads
from tests.emulators.discord.aim import aimed_at
from tests.emulators.discord.model import Channel


async def say(emulator: Emulator, channel: Channel, **body: object) -> Answer:
    """Create a message without a client library in between."""
    return await request(emulator, "POST", f"/channels/{channel.id}/messages", body)


def button(custom_id: str) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "B", "custom_id": custom_id}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": 5}, "content"),
        ({"content": "a", "nonce": "n" * 26}, "nonce"),
        ({"embeds": [{"description": "d" * 4000}, {"description": "d" * 2001}]}, "embeds"),
        ({"embeds": [{"title": "t" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds"),
        ({"poll": {"question": {"text": "q"}, "answers": [{"poll_media": {"text": "a" * 56}}]}}, "poll.answers.0"),
        ({"poll": {"question": {"text": "q"}, "answers": []}}, "poll.answers"),
        ({"poll": {"question": {"text": "q" * 301}, "answers": []}}, "poll.question.text"),
        ({"content": "a", "components": [{"type": 1, "components": [button("c" * 101)]}]}, "components.0"),
        ({"content": "a", "components": [{"type": 1, "components": [button("c")] * 2}]}, "components.0"),
        ({"content": "a", "components": [{"type": 1, "components": []}] * 6}, "components"),
        ({"content": "a", "components": [{"type": 10, "content": "v2"}]}, "components.0.type"),
        ({"content": "a", "flags": 1 << 15, "components": [{"type": 10, "content": "v2"}]}, "content"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "v"}] * 41}, "components"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "v" * 2001}] * 2}, "components"),
        ({"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"content": "a", "message_reference": {"message_id": "1"}}, "message_reference"),
    ],
)
async def test_a_bad_field_is_named(discord_emulator: Emulator, body: dict[str, object], path: str) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    answer = await say(discord_emulator, general, **body)
    assert (answer.status, answer.body["code"]) == (400, 50035)
    found = answer.body["errors"]
    for step in path.split("."):
        found = found[step]
    assert found
    assert discord_emulator.messages(general) == []


async def test_an_empty_message_is_refused(discord_emulator: Emulator) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    for body in ({}, {"content": "  \n"}):
        answer = await say(discord_emulator, general, **body)
        assert (answer.status, answer.body["code"]) == (400, 50006)


async def test_what_is_gone_is_unknown(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    said = discord_emulator.member(guild, "ann").say(general, "hi")
    async with connected(discord_emulator) as bot:
        message = bot.get_partial_messageable(general.id).get_partial_message(said)
        await message.delete()
        for attempt in (message.delete(), message.edit(content="a"), message.add_reaction("👍")):
            with pytest.raises(discord.NotFound) as refused:
                await attempt
            assert refused.value.code == 10008
        with pytest.raises(discord.NotFound) as unknown:
            await bot.get_partial_messageable(5).send("hi")
        assert unknown.value.code == 10003


async def test_a_message_of_somebody_else_cannot_be_edited(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=Permission(0))
    general = discord_emulator.channel(guild)
    said = discord_emulator.member(guild, "ann").say(general, "hi")
    async with connected(discord_emulator) as bot:
        message = bot.get_partial_messageable(general.id).get_partial_message(said)
        with pytest.raises(discord.Forbidden) as refused:
            await message.edit(content="changed")
        assert refused.value.code == 50005
        with pytest.raises(discord.Forbidden) as refused:
            await message.delete()
        assert refused.value.code == 50013


async def test_in_an_archived_thread_messages_are_only_deleted(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    ann = discord_emulator.member(guild, "ann")
    thread = ann.thread(discord_emulator.channel(guild), "Story")
    said = ann.say(thread, "once upon a time")
    thread.archived = True
    path = f"/channels/{thread.id}/messages/{said}"
    answer = await request(discord_emulator, "PUT", f"{path}/reactions/%F0%9F%91%8D/@me")
    assert (answer.status, answer.body["code"]) == (400, 50083)
    assert (await request(discord_emulator, "DELETE", path)).status == 204
    assert (await say(discord_emulator, thread, content="go on")).status == 200
    assert thread.archived is False


async def test_a_private_thread_is_hidden_from_who_is_not_in_it(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=Permission(0))
    ann = discord_emulator.member(guild, "ann")
    general = discord_emulator.channel(guild)
    thread = threads.start(discord_emulator.world, general, ann.user, "Secret", kind=Kind.PRIVATE_THREAD)
    async with connected(discord_emulator) as bot:
        ann.say(thread, "psst")
        ann.say(general, "hello")
        assert (await bot.hears(discord_emulator, "message", discord.Message)).content == "hello"
    assert (await say(discord_emulator, thread, content="hi")).body["code"] == 50001


async def test_an_edit_cannot_empty_a_message(discord_emulator: Emulator) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    async with connected(discord_emulator) as bot:
        sent = await bot.get_partial_messageable(general.id).send("something")
        with pytest.raises(discord.HTTPException) as refused:
            await sent.edit(content="")
        assert refused.value.code == 50006
        await sent.edit(content="something", suppress=True)
    assert discord_emulator.message(sent.id).flags == 4


async def test_somebody_who_takes_no_messages_gets_none(discord_emulator: Emulator) -> None:
    ann = discord_emulator.member(discord_emulator.guild(), "ann")
    ann.user.accepts_dms = False
    async with connected(discord_emulator) as bot:
        with pytest.raises(discord.Forbidden) as refused:
            await (await bot.fetch_user(ann.id)).send("hi")
        assert refused.value.code == 50007


async def test_the_client_keeps_to_the_rate_limit_of_a_route(discord_emulator: Emulator) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    window = timedelta(milliseconds=300)
    discord_emulator.set_rate_limit("POST", "/channels/{channel_id}/messages", limit=2, window=window)
    async with connected(discord_emulator) as bot:
        channel = bot.get_partial_messageable(general.id)
        began = time.monotonic()
        for number in range(4):
            await channel.send(str(number))
        assert time.monotonic() - began >= 0.3
    assert discord_emulator.refused == []
    assert discord_emulator.texts(general) == ["0", "1", "2", "3"]


async def test_who_is_too_fast_is_told_when_to_come_back(discord_emulator: Emulator) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    answers = [await say(discord_emulator, general, content="hi") for _ in range(6)]
    assert [each.status for each in answers] == [200] * 5 + [429]
    body, headers = answers[-1].body, answers[-1].headers
    assert (body["global"], 0 < body["retry_after"] <= 5) == (False, True)
    assert headers["Content-Type"] == "application/json"
    assert (headers["X-RateLimit-Scope"], headers["X-RateLimit-Remaining"]) == ("user", "0")
    assert int(headers["Retry-After"]) >= body["retry_after"]
    assert headers["Via"]


async def test_all_requests_together_are_limited() -> None:
    settings = Settings(global_requests=Quota(limit=3, window=timedelta(seconds=1)))
    async with Emulator(settings=settings) as emulator:
        general = emulator.channel(emulator.guild(bot=ALL))
        answers = [await say(emulator, general, content="hi") for _ in range(4)]
    status, body, headers = answers[-1].status, answers[-1].body, answers[-1].headers
    assert (status, body["global"], headers["X-RateLimit-Global"]) == (429, True, "true")
    assert headers["X-RateLimit-Scope"] == "global"


async def test_too_many_refused_requests_shut_the_address_out() -> None:
    settings = Settings(invalid_requests=Quota(limit=2, window=timedelta(minutes=10)))
    async with Emulator(settings=settings) as emulator:
        general = emulator.channel(emulator.guild(bot=Permission(0), everyone=Permission(0)))
        for _ in range(2):
            await say(emulator, general, content="hi")
        shut_out = await say(emulator, general, content="hi")
    assert (shut_out.status, shut_out.body, "Via" in shut_out.headers) == (429, None, False)


async def test_faults_are_answered_and_are_no_refusals(discord_emulator: Emulator) -> None:
    general = discord_emulator.channel(discord_emulator.guild(bot=ALL))
    discord_emulator.settings.rate_limits = False
    moment = timedelta(milliseconds=50)
    async with connected(discord_emulator) as bot:
        channel = bot.get_partial_messageable(general.id)
        for fault in (
            Fault(method="POST", template="/messages", status=429, scope="shared", retry_after=moment),
            Fault(method="POST", template="/messages", delay=moment),
        ):
            discord_emulator.fail(fault)
            await channel.send("patience")
        discord_emulator.fail(Fault(method="POST", template="/messages", cut=True, applied=True))
        with pytest.raises(aiohttp.ClientError):
            await channel.send("lost answer", nonce="n")
        await channel.send("lost answer", nonce="n")
        discord_emulator.fail(Fault(status=503))
        with pytest.raises(discord.DiscordServerError):
            await channel.send("down")
    assert discord_emulator.texts(general) == ["patience", "patience", "lost answer"]
    assert discord_emulator.refused == []


async def test_a_reason_that_is_too_long_is_refused(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        place = bot.get_guild(guild.id)
        assert place is not None
        with pytest.raises(discord.HTTPException) as refused:
            await place.kick(discord.Object(ann.id), reason="x" * 513)
        assert refused.value.code == 50035


async def test_a_timeout_lasts_four_weeks_at_most(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        place = bot.get_guild(guild.id)
        assert place is not None
        with pytest.raises(discord.HTTPException) as refused:
            await (await place.fetch_member(ann.id)).timeout(timedelta(days=29))
        assert refused.value.code == 50035


async def test_nobody_gets_in_without_the_token(discord_emulator: Emulator) -> None:
    bot = Bot()
    with aimed_at(discord_emulator), pytest.raises(discord.LoginFailure):
        await bot.login("wrong")
    await bot.close()
