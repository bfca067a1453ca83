"""Run the emulator as a program: `python -m tests.emulators.discord --port N`."""

from __future__ import annotations

import argparse
import asyncio
import json

from tests.emulators.discord.emulator import TOKEN, Emulator
from tests.emulators.discord.permissions import ALL


async def serve(port: int, token: str) -> None:
    """Run with one guild and one channel until it is stopped; the first line printed says where everything is."""
    async with Emulator(port=port, token=token) as emulator:
        guild = emulator.guild("Fernhill", bot=ALL)
        channel = emulator.channel(guild, "general")
        where = {"api_base": emulator.api_base, "gateway_url": emulator.gateway_url, "token": token}
        print(json.dumps({**where, "guild": str(guild.id), "channel": str(channel.id)}), flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.token))


if __name__ == "__main__":
    main()
