"""The real client library against the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from tests.emulators.discord import ALL, Emulator
from tests.emulators.discord.aim import aimed_at, intents


class Bot(discord.Client):
    """Writes down what it hears."""

    def __init__(self) -> None:
        super().__init__(intents=intents(), allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.05)
        self.heard: list[tuple[str, object]] = []

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        self.heard.append((event, args[0] if args else None))
        super().dispatch(event, *args, **kwargs)

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def last(self, name: str) -> object:
        return next(what for each, what in reversed(self.heard) if each == name)


@asynccontextmanager
async def connected(emulator: Emulator, bot: Bot) -> AsyncIterator[Bot]:
    with aimed_at(emulator):
        task = asyncio.create_task(bot.start(emulator.token))
        try:
            await emulator.until(lambda: "ready" in bot.names())
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_message_is_heard_and_answered() -> None:
    async with Emulator() as emulator:
        guild = emulator.guild(bot=ALL)
        general = emulator.channel(guild)
        ann = emulator.member(guild, "ann")
        async with connected(emulator, Bot()) as bot:
            said = ann.say(general, "hello")
            await emulator.until(lambda: "message" in bot.names())
            message = bot.last("message")
            assert isinstance(message, discord.Message)
            assert (message.id, message.content, message.author.name) == (said, "hello", "ann")
            answer = await message.reply("hi")
            await answer.edit(content="hi there")
            assert emulator.texts(general) == ["hello", "hi there"]
            await message.delete()
            assert emulator.texts(general) == ["hi there"]
            assert [each.content async for each in message.channel.history(after=discord.Object(said - 1))] == [
                "hi there"
            ]
        assert emulator.refused == []
