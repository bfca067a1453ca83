"""The smallest bot on discord.py that takes bad messages away: `python -m benchmarks.discord.minimal API URL TOKEN`.

It stores nothing, asks no model, and forgets what it was told while it was away.
"""

from __future__ import annotations

import sys

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

BAD = "free seeds"


class Minimal(discord.Client):
    """Looks for two words."""

    async def on_message(self, message: discord.Message) -> None:
        """Take it away if they are in it."""
        if BAD in message.content:
            await message.delete()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Not the five seconds that discord.py waits here."""


def main(api_base: str, gateway_url: str, token: str) -> None:
    """Run until it is killed."""
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api_base, yarl.URL(gateway_url)
    intents = discord.Intents.default()
    intents.message_content = True
    Minimal(intents=intents, guild_ready_timeout=0.05).run(token, log_handler=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
