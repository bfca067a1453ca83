"""The emulator as a program of its own, scripted over its control API, and the faults that only it knows."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import pytest_asyncio

from tests.emulators.client import Bot, connected
from tests.emulators.discord import ALL, Emulator
from tests.emulators.discord.aim import aimed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A running emulator, as its first line describes it."""

    api_base: str
    gateway_url: str
    token: str
    guild: str
    channel: str

    async def ask(self, verb: str, **what: object) -> dict[str, Any]:
        url = f"{self.api_base.removesuffix('/api/v10')}/control/{verb}"
        async with aiohttp.ClientSession() as session, session.post(url, json=what) as answer:
            told: dict[str, Any] = await answer.json()
            return told


@pytest_asyncio.fixture
async def program() -> AsyncIterator[Program]:
    command = (sys.executable, "-m", "tests.emulators.discord", "--port", "0")
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    yield Program(**json.loads(await child.stdout.readline()))
    child.terminate()
    await child.communicate()


async def test_people_are_scripted_from_outside(program: Program) -> None:
    bot = Bot()
    ann = (await program.ask("join", guild=program.guild, name="ann"))["id"]
    with aimed_at(program):
        task = asyncio.create_task(bot.start(program.token))
        await bot.noted("ready")
        said = await program.ask("say", channel=program.channel, member=ann, text="hello")
        await bot.noted("message")
        message = bot.all("message", discord.Message)[-1]
        await message.reply("hi")
        await bot.close()
        await task
    texts = [each["content"] for each in (await program.ask("messages", channel=program.channel))["messages"]]
    assert (str(message.id), texts) == (said["id"], ["hello", "hi"])
    told = await program.ask("requests")
    assert ([each["template"] for each in told["requests"]][-1], told["refused"]) == (
        "/channels/{channel_id}/messages",
        [],
    )


async def test_what_is_refused_or_misunderstood_is_told(program: Program) -> None:
    ann = (await program.ask("join", guild=program.guild, name="ann"))["id"]
    refused = await program.ask("delete", message="1", member=ann)
    assert refused == {"refused": {"code": 10008, "message": "Unknown Message"}}
    assert await program.ask("say", member=ann) == {"misunderstood": "KeyError('channel')"}
    assert "say" in await program.ask("help")


async def test_events_come_twice_backwards_or_broken(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        discord_emulator.gateway.repeat = 3
        ann.say(general, "thrice")
        await bot.hears(discord_emulator, "message", discord.Message, times=3)
        discord_emulator.gateway.repeat = 1
        discord_emulator.gateway.hold()
        said = ann.say(general, "late")
        ann.delete(said)
        discord_emulator.gateway.release(backwards=True)
        await bot.hears(discord_emulator, "message", discord.Message, times=4)
        names = [name for name, _ in bot.heard if name in ("message", "raw_message_delete")]
        assert names == ["message"] * 3 + ["raw_message_delete", "message"]
        discord_emulator.gateway.inject("SOMETHING_NEW", {"odd": True})
        ann.say(general, "still here")
        await bot.hears(discord_emulator, "message", discord.Message, times=5)


async def test_guilds_come_go_and_are_out_of_reach(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    async with connected(discord_emulator) as bot:
        discord_emulator.outage(guild)
        await bot.hears(discord_emulator, "guild_unavailable", discord.Guild)
        discord_emulator.outage(guild, over=True)
        await bot.hears(discord_emulator, "guild_available", discord.Guild)
        other = discord_emulator.guild("Elsewhere", bot=ALL)
        assert (await bot.hears(discord_emulator, "guild_join", discord.Guild)).id == other.id
        discord_emulator.remove_bot(other)
        assert (await bot.hears(discord_emulator, "guild_remove", discord.Guild)).id == other.id
