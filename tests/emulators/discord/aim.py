"""Points discord.py at an emulator instead of Discord."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Place(Protocol):
    """Where an emulator is; `Emulator` is one."""

    @property
    def api_base(self) -> str: ...
    @property
    def gateway_url(self) -> str: ...


@contextmanager
def aimed_at(emulator: Place) -> Iterator[None]:
    """While this lasts, every client of this process talks to the emulator."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = emulator.api_base, yarl.URL(emulator.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


def intents() -> discord.Intents:
    """All intents but that of presences."""
    found = discord.Intents.all()
    found.presences = False
    return found
