"""A discord.py client that writes down what it hears, connected to an emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from tests.emulators.discord import Emulator
from tests.emulators.discord.aim import aimed_at, intents
from tests.emulators.waiting import until

Heard = TypeVar("Heard")


class Bot(discord.Client):
    """Does nothing of its own accord."""

    def __init__(self, *, wants: discord.Intents | None = None) -> None:
        super().__init__(
            intents=wants or intents(), allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.05
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, object]] = []

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        self.heard.append((event, args[-1] if args else None))
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Not the five seconds that discord.py waits here."""

    def count(self, name: str) -> int:
        return sum(name == each for each, _ in self.heard)

    def all(self, name: str, kind: type[Heard]) -> list[Heard]:
        return [what for each, what in self.heard if each == name and isinstance(what, kind)]

    async def noted(self, name: str) -> None:
        """Return once there was an event of that name."""
        await until(lambda: self.count(name))

    async def hears(self, emulator: Emulator, name: str, kind: type[Heard], *, times: int = 1) -> Heard:
        """The latest event of the name, once there were so many."""
        await emulator.until(lambda: len(self.all(name, kind)) >= times)
        return self.all(name, kind)[-1]


@asynccontextmanager
async def connected(emulator: Emulator, bot: Bot | None = None) -> AsyncIterator[Bot]:
    """The client, ready; closed afterwards."""
    client = bot or Bot()
    with aimed_at(emulator):
        task = asyncio.create_task(client.start(emulator.token))
        try:
            await emulator.until(lambda: client.count("ready") or task.done())
            yield client
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request; None where there was no JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


async def request(emulator: Emulator, method: str, path: str, body: object = None) -> Answer:
    """Ask the emulator without a client library in between."""
    headers = {"Authorization": f"Bot {emulator.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, emulator.api_base + path, json=body) as answer,
    ):
        is_json = answer.headers.get("Content-Type") == "application/json"
        return Answer(answer.status, await answer.json() if is_json else None, answer.headers)
