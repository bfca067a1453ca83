"""The port to a language model, kept through langchain-openai."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from bot.core.errors import Garbled, ModelBusy, ModelRefused
from bot.core.llm import Tool, ToolCall, Turn
from bot.llm.endpoint import Clients, Endpoint
from bot.llm.failures import understood
from bot.llm.settings import LlmSettings
from bot.llm.spoken import Answer, described, schema_of_choice, spoken

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

log = structlog.get_logger(__name__)

# Whoever asked hears within ten seconds that nothing comes.
PATIENCE: Final = 8.0
FIRST_PAUSE: Final = 0.5
# These have a newer name for the limit and refuse the older one, which is the one that all others know.
_NEW_NAME: Final = ("openai.com", "azure.com")


@dataclass(slots=True)
class ChatModel:
    """A `LanguageModel` at an endpoint. It asks again only as long as nothing of an answer has come."""

    endpoint: Endpoint
    name: str
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    _follows_schemas: bool = field(default=True, init=False)

    @property
    def window(self) -> int:
        """How many tokens it reads and writes together."""
        return self.endpoint.settings.window

    async def stream(
        self, turns: Sequence[Turn], *, tools: Sequence[Tool] = (), limit: int | None = None
    ) -> AsyncGenerator[str | ToolCall, None]:
        """The answer piece by piece, then the calls it makes; see `LanguageModel`."""
        options: dict[str, object] = {"tools": [described(tool) for tool in tools]} if tools else {}
        async with aclosing(self._patiently(turns, options, limit or self.endpoint.settings.answer_limit)) as pieces:
            async for piece in pieces:
                yield piece

    async def complete(self, turns: Sequence[Turn], *, limit: int | None = None) -> str:
        """The whole answer."""
        return "".join([piece async for piece in self.stream(turns, limit=limit) if isinstance(piece, str)])

    async def fill(self, turns: Sequence[Turn], schema: Mapping[str, object], *, limit: int | None = None) -> object:
        """What it says as JSON; an endpoint that knows no schemas is asked without one from then on."""
        limit = limit or self.endpoint.settings.answer_limit
        try:
            said = await self._filled(turns, schema, limit)
        except ModelRefused:
            if not self._follows_schemas:
                raise
            said = await self._filled(turns, None, limit)
            # Without the schema it was taken: so that was the trouble, and not the question.
            self._follows_schemas = False
        try:
            return json.loads(said)
        except (ValueError, RecursionError):
            pass
        raise Garbled("the language model did not answer with JSON")

    async def choose(self, turns: Sequence[Turn], options: Sequence[str]) -> str:
        """One of the options, exactly."""
        match await self.fill(turns, schema_of_choice(options)):
            case {"answer": str(answer), **more} if answer in options and not more:
                return answer
        raise Garbled("the language model chose none of what it was offered")

    async def _filled(self, turns: Sequence[Turn], schema: Mapping[str, object] | None, limit: int) -> str:
        wanted = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        extra = {"response_format": wanted} if schema is not None and self._follows_schemas else {}
        async with aclosing(self._patiently(turns, {"extra_body": extra}, limit)) as pieces:
            return "".join([piece async for piece in pieces if isinstance(piece, str)])

    async def _patiently(
        self, turns: Sequence[Turn], options: dict[str, object], limit: int
    ) -> AsyncGenerator[str | ToolCall, None]:
        until = self.clock() + PATIENCE
        attempts = 0
        while True:
            try:
                async with aclosing(self._once(turns, options, limit)) as pieces:
                    async for piece in pieces:
                        yield piece
            except ModelBusy as busy:
                # One that cannot be reached by then is not worth the wait.
                pause = max(busy.retry_after, FIRST_PAUSE * 2**attempts) * (1 + self.jitter() / 4)
                if self.clock() + pause > until:
                    raise
            else:
                return
            attempts += 1
            log.info("language model asked again", model=self.name, attempts=attempts, seconds=round(pause, 1))
            await self.sleep(pause)

    async def _once(
        self, turns: Sequence[Turn], options: dict[str, object], limit: int
    ) -> AsyncGenerator[str | ToolCall, None]:
        clients = await self.endpoint.clients()
        self.endpoint.breaker.check()
        answer, failure = Answer(limit), None
        try:
            async with aclosing(self._chunks(clients, turns, self._limited(options, limit))) as chunks:
                async for chunk in chunks:
                    if words := answer.take(chunk):
                        yield words
                    if answer.is_over:
                        break
            calls = answer.calls()
        except clients.errors as error:
            failure = understood(error, answer.text)
        failure = failure or answer.fault()
        # Out here, the library's error and what it quotes are no part of ours.
        if failure is not None:
            self.endpoint.breaker.failed(failure)
            raise failure
        self.endpoint.breaker.worked()
        for call in calls:
            yield call

    async def _chunks(
        self, clients: Clients, turns: Sequence[Turn], options: dict[str, object]
    ) -> AsyncGenerator[AIMessageChunk, None]:
        """What comes, as long as it comes in time; raises `TimeoutError`."""
        settings = self.endpoint.settings
        wait, until = settings.wait_first.total_seconds(), self.clock() + settings.wait_whole.total_seconds()
        told = [spoken(turn) for turn in turns]
        said = clients.chat.astream(told, None, stop=None, model=self.name, **options)
        try:
            while True:
                async with asyncio.timeout(min(wait, until - self.clock())):
                    chunk = await anext(said, None)
                if chunk is None:
                    return
                yield chunk
                if chunk.content or chunk.tool_call_chunks:
                    wait = settings.wait_next.total_seconds()
        finally:
            # Only an iterator by its type, but a generator that holds a connection.
            if isinstance(said, AsyncGenerator):
                await said.aclose()

    async def close(self) -> None:
        """Let go of its connections."""
        await self.endpoint.close()

    def _limited(self, options: Mapping[str, object], limit: int) -> dict[str, object]:
        host = urlsplit(self.endpoint.settings.base_url).hostname or ""
        if not host or host.endswith(_NEW_NAME):
            return {**options, "max_completion_tokens": limit}
        extra = options.get("extra_body")
        return {**options, "extra_body": {**(extra if isinstance(extra, dict) else {}), "max_tokens": limit}}


def open_model(settings: LlmSettings) -> ChatModel | None:
    """The model that was configured, None where none was."""
    return ChatModel(Endpoint(settings), settings.model) if settings.model else None
