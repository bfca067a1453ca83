"""What every payload of the gateway leads to: events, knowledge, a first answer, a gap to read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace

import structlog

from bot.core.errors import BotError
from bot.core.event import Event, MessageDeleted
from bot.core.ports import Ingest
from bot.core.stored import Heard
from connectors.discord.account import Account
from connectors.discord.catchup import CatchUp
from connectors.discord.commands import choices
from connectors.discord.intake import Intake
from connectors.discord.interactions import TYPING
from connectors.discord.parse import half_typed, parse
from connectors.discord.reading import Json, encode, mapping, objects, snowflake, whole
from connectors.discord.replies import Replies
from connectors.discord.view import View
from connectors.spec import Wiring

SHARD_SHIFT = 22
# Of the three seconds that Discord waits.
SUGGESTING_S = 2.0
log = structlog.get_logger()


class Ear:
    """Listens for one run of the connector. `question_gone` is told channel and id of messages that are deleted."""

    def __init__(
        self,
        *,
        account: Account,
        replies: Replies,
        wiring: Wiring,
        ingest: Ingest,
        limit: int,
        question_gone: Callable[[str, str], None],
    ) -> None:
        self.intake = Intake(ingest, wiring.urgent)
        self.dropped = 0
        self._account = account
        self._memory = account.memory
        self._replies = replies
        self._wiring = wiring
        self._question_gone = question_gone
        self._catch_up = CatchUp(
            account=account, intake=self.intake, position=wiring.position, clock=wiring.clock, limit=limit
        )
        self._errands: set[asyncio.Task[None]] = set()

    def hear(self, name: str, data: object) -> None:
        """A payload came. Never raises: discord.py would end the session."""
        try:
            self._hear(name, mapping(data))
        except Exception as error:  # noqa: BLE001  # boundary: what no reader of ours expected must not silence the rest
            self.dropped += 1
            log.warning("payload_dropped", name=name, error=type(error).__name__, dropped=self.dropped)

    def lost(self) -> None:
        """The connection broke: from now on nobody tells us of changes."""
        self._account.live = False

    def close(self) -> None:
        """Stop what is under way."""
        self.lost()
        self.intake.close()
        for errand in self._errands:
            errand.cancel()

    def _hear(self, name: str, data: Json) -> None:
        match name:
            case "READY":
                self._ready(data)
            case "RESUMED":
                self._account.live = True
                self._start(self._catch_up.recent())
            case "GUILD_CREATE":
                self._guild(data)
            case "INTERACTION_CREATE":
                self._interaction(data)
            case _:
                self._put(name, data, self._understood(name, data))

    def _understood(self, name: str, data: Json) -> list[Event]:
        """The events in it; afterwards what it changes is known, too."""
        view = View(memory=self._memory, now=self._wiring.clock(), commands=self._wiring.commands)
        try:
            return parse(name, data, view)
        finally:
            self._memory.learn(name, data)

    def _put(self, name: str, data: Json, events: list[Event]) -> None:
        message_id = snowflake(data.get("id")) if name == "MESSAGE_CREATE" else ""
        if not events and not (message_id and self._memory.is_ours(snowflake(data.get("guild_id")))):
            return
        for event in events:
            if isinstance(event, MessageDeleted):
                self._question_gone(event.where.thread or event.where.channel, event.message_id)
        raw = encode(data)
        self.intake.put(snowflake(data.get("channel_id")), [Heard(event, raw) for event in events], message_id)

    def _ready(self, data: Json) -> None:
        """A fresh session: servers will be told one by one, and what was known of them may have changed."""
        shard = data.get("shard")
        number, count = (whole(shard[0]), whole(shard[1])) if isinstance(shard, list) and len(shard) > 1 else (0, 1)
        if count > 1:
            for guild_id in [each for each in self._memory.guilds if (int(each) >> SHARD_SHIFT) % count == number]:
                del self._memory.guilds[guild_id]
        else:
            self._memory.guilds.clear()
        self._memory.members.clear()
        self._account.live = True
        log.info("session_began", servers=len(objects(data.get("guilds"))), shard=number)

    def _guild(self, data: Json) -> None:
        self._memory.learn("GUILD_CREATE", data)
        guild = self._memory.guilds.get(snowflake(data.get("id")))
        if guild:
            channels = self._catch_up.hold(guild)
            self._start(self._catch_up.guild(guild, channels))

    def _interaction(self, data: Json) -> None:
        if not self._memory.is_ours(snowflake(data.get("guild_id"))):
            return
        self._start(self._suggest(data) if whole(data.get("type")) == TYPING else self._answer(data))

    async def _suggest(self, data: Json) -> None:
        """Complete what somebody types; nothing when it takes longer than they would wait."""
        found: list[Json] = []
        typed = half_typed(data, View(memory=self._memory, now=self._wiring.clock(), commands=self._wiring.commands))
        if typed and self._wiring.suggest:
            command, option = typed
            with suppress(TimeoutError, BotError):
                async with asyncio.timeout(SUGGESTING_S):
                    found = choices(option, await self._wiring.suggest(command, option.name))
        await self._replies.suggest(data, found)

    async def _answer(self, data: Json) -> None:
        """The first answer cannot wait for anything."""
        answerable = await self._replies.acknowledge(data, self._wiring.commands)
        events = self._understood("INTERACTION_CREATE", data)
        if not answerable:
            events = [replace(event, cookie="") for event in events]
        self._put("INTERACTION_CREATE", _without_token(data), events)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._ended)

    def _ended(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled() and (error := errand.exception()):
            log.error("errand_failed", error=type(error).__name__, problem=str(error))


def _without_token(data: Json) -> Json:
    """For the archive: the token answers in our name, and its copy in the event is enough."""
    return {key: value for key, value in data.items() if key != "token"}
