"""The gateway: what is lost with a connection, what is replayed, and what ends a session for good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.emulators.client import Bot, connected
from tests.emulators.discord import ALL, Emulator, Quota
from tests.emulators.discord.aim import aimed_at


async def test_what_a_dropped_connection_missed_is_replayed(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        ann.say(general, "before")
        await bot.hears(discord_emulator, "message", discord.Message)
        await discord_emulator.drop()
        ann.say(general, "meanwhile")
        await bot.hears(discord_emulator, "message", discord.Message, times=2)
        await discord_emulator.until(lambda: bot.count("resumed"))
        ann.say(general, "after")
        await bot.hears(discord_emulator, "message", discord.Message, times=3)
        contents = [each.content for each in bot.all("message", discord.Message)]
        assert contents == ["before", "meanwhile", "after"]
        assert (len(discord_emulator.gateway.identifies), discord_emulator.gateway.resumes) == (1, 1)


async def test_a_refused_resume_loses_what_was_missed(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        await discord_emulator.drop(resume=False)
        ann.say(general, "meanwhile")
        await discord_emulator.until(lambda: bot.count("ready") == 2)
        ann.say(general, "after")
        await bot.hears(discord_emulator, "message", discord.Message)
        assert [each.content for each in bot.all("message", discord.Message)] == ["after"]
        assert len(discord_emulator.gateway.identifies) == 2


async def test_asked_to_reconnect_the_client_resumes(discord_emulator: Emulator) -> None:
    discord_emulator.guild(bot=ALL)
    async with connected(discord_emulator) as bot:
        discord_emulator.gateway.ask_to_reconnect()
        await discord_emulator.until(lambda: bot.count("resumed"))
        discord_emulator.gateway.invalidate(resumable=False)
        await discord_emulator.until(lambda: bot.count("ready") == 2)


async def test_a_replayed_resume_sends_events_again(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        ann.say(general, "hello")
        await bot.hears(discord_emulator, "message", discord.Message)
        discord_emulator.gateway.replay_extra = 5
        await discord_emulator.drop()
        await bot.hears(discord_emulator, "message", discord.Message, times=2)
        assert {each.content for each in bot.all("message", discord.Message)} == {"hello"}


async def test_a_revoked_token_ends_the_client(discord_emulator: Emulator) -> None:
    discord_emulator.guild(bot=ALL)
    bot = Bot()
    with aimed_at(discord_emulator):
        task = asyncio.create_task(bot.start(discord_emulator.token))
        await discord_emulator.until(lambda: bot.count("ready"))
        await discord_emulator.revoke_token()
        with pytest.raises(discord.ConnectionClosed) as closed:
            await task
        assert closed.value.code == 4004
        again = Bot()
        with pytest.raises(discord.LoginFailure):
            await again.login(discord_emulator.token)
        await again.close()
        await bot.close()


async def test_shards_share_the_guilds(discord_emulator: Emulator) -> None:
    guilds = [discord_emulator.guild(f"guild {number}", bot=ALL) for number in range(4)]
    for guild in guilds:
        discord_emulator.channel(guild)
    discord_emulator.settings.shards = 2

    class Sharded(discord.AutoShardedClient):
        async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
            """Not the five seconds that discord.py waits here."""

    client = Sharded(intents=discord.Intents.default(), guild_ready_timeout=0.1)
    with aimed_at(discord_emulator):
        task = asyncio.create_task(client.start(discord_emulator.token))
        await discord_emulator.until(client.is_ready)
        assert {guild.id: guild.shard_id for guild in client.guilds} == {
            each.id: (each.id >> 22) % 2 for each in guilds
        }
        assert [each.template for each in discord_emulator.calls("GET", "/gateway/bot")] == ["/gateway/bot"]
        await client.close()
        await task


@asynccontextmanager
async def raw(emulator: Emulator) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession() as session, session.ws_connect(emulator.gateway_url) as ws:
        hello = await ws.receive_json()
        assert hello["op"] == 10
        yield ws


def identify(emulator: Emulator, **changes: object) -> dict[str, Any]:
    data = {"token": emulator.token, "intents": 513, "properties": {}, **changes}
    return {"op": 2, "d": data}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("no json", 4002),
        ({"op": 99}, 4003),
        ({"op": 2, "d": {"token": "wrong", "intents": 0}}, 4004),
        ({"op": 2, "d": {"token": "emulated.token.of-the-bot", "intents": 1 << 40}}, 4013),
        ({"op": 2, "d": {"token": "emulated.token.of-the-bot", "intents": 0, "shard": [2, 2]}}, 4010),
        ({"op": 1, "d": "x" * 5000}, 4002),
    ],
)
async def test_broken_rules_close_the_socket(discord_emulator: Emulator, said: object, code: int) -> None:
    async with raw(discord_emulator) as ws:
        await ws.send_str(said if isinstance(said, str) else json.dumps(said))
        await ws.receive()
        assert ws.close_code == code


async def test_an_intent_that_was_not_granted_closes_the_socket(discord_emulator: Emulator) -> None:
    discord_emulator.world.application.privileged = 0
    async with raw(discord_emulator) as ws:
        await ws.send_json(identify(discord_emulator, intents=1 << 15))
        await ws.receive()
        assert ws.close_code == 4014


async def test_too_many_sends_close_the_socket(discord_emulator: Emulator) -> None:
    discord_emulator.settings.gateway_sends = Quota(limit=3, window=timedelta(seconds=60))
    async with raw(discord_emulator) as ws:
        for _ in range(4):
            await ws.send_json({"op": 1, "d": None})
        acknowledged = [(await ws.receive()).type for _ in range(4)]
        assert acknowledged[:3] == [aiohttp.WSMsgType.TEXT] * 3
        assert ws.close_code == 4008


async def test_identifying_too_often_resets_the_token(discord_emulator: Emulator) -> None:
    discord_emulator.gateway.identifies_left = 1
    for code in (None, 4004):
        async with raw(discord_emulator) as ws:
            await ws.send_json(identify(discord_emulator))
            await ws.receive()
            assert ws.close_code == code
    assert discord_emulator.world.application.token is None
