"""What only one member reads: answers to their interaction, or a direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import structlog

from bot.core.command import CommandSpec
from bot.core.effect import Post
from bot.core.errors import BotError
from bot.core.ports import Clock
from bot.core.stored import Receipt
from connectors.discord import render
from connectors.discord.account import Account
from connectors.discord.cookie import COMMAND, NOBODY, Cookie, read_cookie
from connectors.discord.interactions import THINKING, acknowledgement
from connectors.discord.reading import Json, snowflake, whole, words
from connectors.discord.wire import Refused, path
from connectors.recent import Recent

LOADING = 1 << 7
SUGGESTIONS = 8
# So long "thinking…" may stand where no answer comes.
PATIENCE_S = 60.0
log = structlog.get_logger()


class Replies:
    """Knows which interactions still wait for their first answer."""

    def __init__(
        self, account: Account, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._account = account
        self._wire = account.wire
        self._clock = clock
        self._sleep = sleep
        self._thinking: Recent[str, str] = Recent()
        self._answered: Recent[tuple[str, str], str] = Recent()
        self._tasks: set[asyncio.Task[None]] = set()

    async def acknowledge(self, raw: Json, commands: Sequence[CommandSpec]) -> bool:
        """Give the first answer, within the three seconds there are; whether the interaction can be answered."""
        first = acknowledgement(raw, commands)
        interaction, token = snowflake(raw.get("id")), words(raw.get("token"))
        if first is None or not interaction or not token:
            return False
        try:
            await self._wire.send("POST", path("interactions", interaction, token, "callback"), first)
        except BotError as error:
            log.warning("interaction_not_acknowledged", interaction=interaction, problem=str(error))
            return False
        if whole(first.get("type")) == whole(THINKING["type"]):
            self._thinking.keep(interaction, token)
            self._start(self._tidy(interaction))
        return True

    async def suggest(self, raw: Json, choices: Sequence[Json]) -> None:
        """List what an option could be; who typed on is asked again, so a failure is worth no more than a line."""
        where = path("interactions", snowflake(raw.get("id")), words(raw.get("token")), "callback")
        try:
            await self._wire.send("POST", where, {"type": SUGGESTIONS, "data": {"choices": list(choices)}})
        except BotError as error:
            log.info("suggestions_not_shown", problem=str(error))

    async def whisper(self, post: Post, key: str, cookie: str) -> Receipt:
        """Say it to `post.whisper_to` alone; raises what `perform` raises."""
        if cookie == NOBODY:
            return Receipt(gone=True)
        found = read_cookie(cookie)
        # A press by a moderator also causes words to others, who must not come through the moderator's token.
        if found and found.serves(post.whisper_to, self._clock()):
            try:
                return await self._answer(found, post, key)
            except Refused as error:
                log.info("interaction_over", interaction=found.id, problem=str(error))
        return Receipt(await self.tell(post, key))

    async def tell(self, post: Post, key: str) -> str:
        """A direct message; returns its id."""
        channel = await self._account.direct(post.whisper_to)
        said = await self._wire.send("POST", path("channels", channel, "messages"), render.post(post, key))
        return snowflake(said.get("id"))

    async def spoken(self, cookie: str) -> None:
        """The answer was given for all to read, so nothing needs to be thought about any more."""
        found = read_cookie(cookie)
        if found and found.kind == COMMAND and found.id in self._thinking:
            await self._clear(found.id)

    async def close(self) -> None:
        """Leave things as they stand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, cookie: Cookie, post: Post, key: str) -> Receipt:
        said = render.answer(post)
        known = self._answered.get((cookie.id, key))
        if known is None:
            first = cookie.kind == COMMAND and await self._is_thinking(cookie)
            where = self._path(cookie.token, "messages", "@original") if first else self._path(cookie.token)
            answer = await self._wire.send("PATCH" if first else "POST", where, said)
            known = snowflake(answer.get("id"))
            self._thinking.pop(cookie.id, None)
            self._answered.keep((cookie.id, key), known)
        return Receipt(known)

    async def _is_thinking(self, cookie: Cookie) -> bool:
        if cookie.id in self._thinking:
            return True
        if any(interaction == cookie.id for interaction, _ in self._answered):
            return False
        # It was acknowledged before a restart.
        original = await self._wire.get(self._path(cookie.token, "messages", "@original"))
        return bool(whole(original.get("flags")) & LOADING)

    async def _tidy(self, interaction: str) -> None:
        await self._sleep(PATIENCE_S)
        if interaction in self._thinking:
            await self._clear(interaction)

    async def _clear(self, interaction: str) -> None:
        token = self._thinking.pop(interaction)
        self._answered.keep((interaction, ""), "")
        try:
            await self._wire.send("DELETE", self._path(token, "messages", "@original"))
        except BotError as error:
            log.info("thinking_not_cleared", interaction=interaction, problem=str(error))

    def _path(self, token: str, *rest: str) -> str:
        return path("webhooks", self._account.application, token, *rest)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
