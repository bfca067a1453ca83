"""A running bot on an emulated Discord."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import SecretStr

from bot.core.address import Address
from bot.core.command import CommandSpec, Kind, Menu, Option, Target
from bot.core.event import Event, Role
from bot.core.stored import Cursor, Heard
from connectors.discord.client import DiscordConnector
from connectors.discord.settings import DiscordSettings
from connectors.spec import Suggest, Wiring
from tests.emulators.discord import EVERYONE, Emulator, Permission
from tests.emulators.discord.model import Channel, Guild
from tests.emulators.discord.model import Kind as ChannelKind
from tests.emulators.discord.person import Person

MODERATING = (
    EVERYONE
    | Permission.MANAGE_MESSAGES
    | Permission.MODERATE_MEMBERS
    | Permission.KICK_MEMBERS
    | Permission.BAN_MEMBERS
    | Permission.MANAGE_NICKNAMES
    | Permission.MANAGE_THREADS
)
PATIENCE_S = 10.0
COMMANDS = (
    CommandSpec(name="help", summary="What I can do"),
    CommandSpec(
        name="why",
        summary="Why it was judged so",
        options=(Option(name="message", summary="Its id", required=True),),
        menu=Menu(title="Why was this removed?", target=Target.MESSAGE, option="message"),
    ),
    CommandSpec(
        name="mode",
        summary="Show or set the mode",
        options=(
            Option(name="mode", summary="The mode", choices=("manual", "auto")),
            Option(name="community", summary="Everywhere", kind=Kind.SWITCH),
        ),
        role=Role.MODERATOR,
    ),
    CommandSpec(
        name="case",
        summary="Show a case",
        options=(Option(name="number", summary="Its number", kind=Kind.NUMBER, required=True, suggests=True),),
        role=Role.MODERATOR,
    ),
)
Found = TypeVar("Found")


@dataclass(slots=True)
class Inbox:
    """Keeps what a connector hands over, as a store would: every event once."""

    heard: list[Heard] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    _known: set[str] = field(default_factory=set)

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        for one in heard:
            if one.event.key in self._known:
                self.repeated += 1
            else:
                self._known.add(one.event.key)
                self.heard.append(one)
        if cursor:
            self.cursors[cursor.stream] = cursor.position

    async def position(self, stream: str) -> str:
        return self.cursors.get(stream, "")

    def of(self, kind: type[Found]) -> list[Found]:
        return [one.event for one in self.heard if isinstance(one.event, kind)]

    @property
    def events(self) -> list[Event]:
        return [one.event for one in self.heard]


@dataclass(slots=True)
class Server:
    """A server with a channel, its owner, a moderator and a member."""

    emulator: Emulator
    guild: Guild
    channel: Channel
    owner: Person
    moderator: Person
    member: Person

    @classmethod
    def found(cls, emulator: Emulator, bot: Permission = MODERATING) -> "Server":
        guild = emulator.guild(bot=bot)
        moderators = emulator.role(guild, "moderators", Permission.MANAGE_MESSAGES)
        # The bot's own role must stand above those it acts on.
        emulator.bot_role(guild).position = 99
        return cls(
            emulator,
            guild,
            emulator.channel(guild),
            emulator.owner(guild),
            emulator.member(guild, "mo", moderators),
            emulator.member(guild, "bea"),
        )

    def address(self, channel: Channel | None = None) -> Address:
        where = channel or self.channel
        if where.is_thread and where.parent:
            return Address("discord", str(self.guild.id), str(where.parent.id), str(where.id))
        return Address("discord", str(self.guild.id), str(where.id))

    def bot(
        self, inbox: Inbox, sleep: "Sleep | None" = None, suggest: Suggest | None = None, **more: object
    ) -> DiscordConnector:
        return bot(self.emulator, inbox, sleep, suggest, **more)


@dataclass(slots=True)
class Sleep:
    """Waits no longer than it must for others to go on, and remembers for how long it should have."""

    pauses: list[float] = field(default_factory=list)

    async def __call__(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        await asyncio.sleep(min(pause_s, 0.01))

    def now(self) -> float:
        """The time as it would be, had it slept."""
        return time.time() + sum(self.pauses)


def bot(
    emulator: Emulator, inbox: Inbox, sleep: Sleep | None = None, suggest: Suggest | None = None, **settings: object
) -> DiscordConnector:
    wish = {
        "token": SecretStr(emulator.token),
        "api_base": emulator.api_base,
        "gateway_url": emulator.gateway_url,
        **settings,
    }
    wiring = Wiring(commands=COMMANDS, position=inbox.position, clock=emulator.world.now, suggest=suggest)
    sleep = sleep or Sleep()
    settings_ = DiscordSettings.model_validate(wish)
    return DiscordConnector(settings_, wiring, random=lambda: 0.0, sleep=sleep, now=sleep.now)


@asynccontextmanager
async def running(connector: DiscordConnector, inbox: Inbox, emulator: Emulator) -> AsyncIterator[asyncio.Task[None]]:
    """The bot, listening inside the block, from when it knows how far each channel was read."""
    begun = len(emulator.gateway.identifies)
    task = asyncio.create_task(connector.run(inbox))
    guilds = emulator.world.guilds.values()
    channels = [each for guild in guilds for each in guild.channels.values() if each.kind is not ChannelKind.FORUM]
    try:
        await until(lambda: task.done() or len(emulator.gateway.identifies) > begun)
        await until(lambda: task.done() or all(f"discord:{each.id}" in inbox.cursors for each in channels))
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(found: Callable[[], Found], patience_s: float = PATIENCE_S) -> Found:
    """What `found` gives once it is true; fails after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not (result := found()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)
    return result
