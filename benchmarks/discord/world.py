"""Two emulated Discords, a bot in each, in a process of their own: `python -m benchmarks.discord.world`.

The first line printed says where each is. A line read is an order, [bot, what, how many], and a line printed how long
each bad message stood: milliseconds from when it was said to when the request that takes it away was heard.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from pathlib import Path

from tests.emulators.discord import ALL, Emulator
from tests.emulators.discord.call import Request
from tests.emulators.discord.model import Channel
from tests.emulators.discord.person import Person

BOTS = ("parley", "minimal")
CHAT = Path(__file__).parents[3] / "shared" / "data" / "chat" / "ubuntu-irc.jsonl.gz"
CHANNELS, PEOPLE = 20, 50
BAD, BAD_IN = "have some free seeds", 100
PAUSE_S, AT_ONCE, PATIENCE_S = 0.05, 50, 60.0
# A channel as loud as one gets, and how often somebody says something bad in another meanwhile.
LOUD_A_SECOND, QUIET_EVERY = 1_000, 50


@dataclass(slots=True)
class Town:
    """One Discord with channels and people; `said` is when each bad message appeared."""

    emulator: Emulator
    channels: Sequence[Channel]
    people: Iterator[Person]
    talk: Iterator[str]
    said: dict[str, float] = field(default_factory=dict)
    read: int = 0
    stood_ms: dict[str, float] = field(default_factory=dict)

    @classmethod
    def found(cls, emulator: Emulator) -> Town:
        """A guild in which the bot may do everything."""
        guild = emulator.guild(bot=ALL)
        emulator.bot_role(guild).position = 99
        channels = [emulator.channel(guild, f"channel-{number}") for number in range(CHANNELS)]
        people = [emulator.member(guild, f"member{number}") for number in range(PEOPLE)]
        return cls(emulator, channels, cycle(people), ordinary())

    def says_bad(self, channel: Channel, number: int) -> None:
        """Somebody says something bad."""
        now = time.time()
        self.said[str(next(self.people).say(channel, f"{BAD} ({number})"))] = now

    async def gone(self) -> list[float]:
        """Wait until the bot has asked to take every bad message away; how long each stood, in milliseconds."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.stood_ms) < len(self.said):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.said) - len(self.stood_ms)} bad messages still stand")
            self._look()
            await asyncio.sleep(0.002)
        found, self.stood_ms, self.said = list(self.stood_ms.values()), {}, {}
        return found

    def _look(self) -> None:
        fresh, self.read = self.emulator.requests[self.read :], len(self.emulator.requests)
        for request in fresh:
            for message in taken(request):
                if message in self.said:
                    asked_ms = (request.at.timestamp() - self.said[message]) * 1000
                    self.stood_ms.setdefault(message, asked_ms)


def taken(request: Request) -> list[str]:
    """The messages that a request takes away."""
    if request.method == "DELETE" and "/messages/" in request.path:
        return [request.path.rpartition("/")[2]]
    if request.path.endswith("/bulk-delete") and isinstance(request.body, dict):
        return [str(each) for each in request.body["messages"]]
    return []


def ordinary() -> Iterator[str]:
    """What people say in a public channel, over and over; made up where that file is not at hand."""
    if not CHAT.exists():
        return (f"I tried it the {number}th time and it works again" for number in count())
    with gzip.open(CHAT, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:2000] for line in islice(lines, 20_000)]
    return cycle([text for text in texts if text.strip() and BAD not in text])


async def idle(town: Town, times: int) -> list[float]:
    """One bad message at a time, while nothing else is said."""
    stood: list[float] = []
    for number in range(times):
        town.says_bad(town.channels[number % CHANNELS], number)
        stood += await town.gone()
        await asyncio.sleep(PAUSE_S)
    return stood


async def burst(town: Town, messages: int) -> list[float]:
    """As many messages as fast as the gateway takes them, over all channels, one in a hundred bad."""
    for number in range(messages):
        channel = town.channels[number % CHANNELS]
        if number % BAD_IN == BAD_IN // 2:
            town.says_bad(town.channels[number // BAD_IN % CHANNELS], number)
        else:
            next(town.people).say(channel, next(town.talk))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    return await town.gone()


async def loud(town: Town, messages: int) -> list[float]:
    """One channel has a thousand messages a second; now and then something bad is said in one of the others."""
    began = time.monotonic()
    for number in range(messages):
        next(town.people).say(town.channels[0], next(town.talk))
        if number % QUIET_EVERY == 0:
            town.says_bad(town.channels[1 + number // QUIET_EVERY % (CHANNELS - 1)], number)
        if number % 10 == 0:
            await asyncio.sleep(max(0.0, began + number / LOUD_A_SECOND - time.monotonic()))
    return await town.gone()


SCENES = {"idle": idle, "burst": burst, "loud": loud}


async def obey(towns: dict[str, Town], line: str) -> str:
    """Carry out one order."""
    bot, what, many = json.loads(line)
    if what == "ready":
        town = towns[bot]
        await town.emulator.until(lambda: town.emulator.gateway.sessions)
        return json.dumps([])
    return json.dumps(await SCENES[what](towns[bot], many))


async def serve() -> None:
    """Until the input ends."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        emulators = {bot: await stack.enter_async_context(Emulator()) for bot in BOTS}
        towns = {bot: Town.found(emulator) for bot, emulator in emulators.items()}
        places = {bot: [each.api_base, each.gateway_url, each.token] for bot, each in emulators.items()}
        print(json.dumps(places), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(await obey(towns, line), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
