"""One endpoint that speaks the OpenAI protocol: its library, its models, its moderation page."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from bot.core.errors import Garbled
from bot.llm.failures import Breaker, expected, understood
from bot.llm.settings import OPENAI, LlmSettings

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI
    from openai import AsyncOpenAI

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clients:
    """The loaded library, ready to ask."""

    chat: ChatOpenAI
    plain: AsyncOpenAI
    errors: tuple[type[Exception], ...]


@dataclass(slots=True)
class Endpoint:
    """One endpoint, whose library is loaded by the first question. All its models share its outages."""

    settings: LlmSettings
    breaker: Breaker = field(default_factory=Breaker)
    _clients: Clients | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def clients(self) -> Clients:
        """Load the library, which takes seconds, beside the event loop."""
        async with self._loading:
            if self._clients is None:
                self._clients = await asyncio.to_thread(_load, self.settings)
        return self._clients

    async def models(self) -> list[str]:
        """The names of its models in alphabetical order; raises `ModelFailed`."""
        return await self._ask(_names)

    async def rate(self, texts: Sequence[str], model: str) -> list[Mapping[str, float]]:
        """What its moderation page says; see `TextModeration`."""
        found = await self._ask(lambda client: _ratings(client, texts, model))
        if len(found) != len(texts) or not all(found):
            raise Garbled("the moderation endpoint did not rate what it was asked about")
        return found

    async def close(self) -> None:
        """Let go of its connections; the next question would open others."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.plain.close()

    async def _ask(self, question: Callable[[AsyncOpenAI], Awaitable[T]]) -> T:
        clients = await self.clients()
        self.breaker.check()
        try:
            async with asyncio.timeout(self.settings.wait_first.total_seconds()):
                answer = await question(clients.plain)
        except clients.errors as error:
            failure = understood(error)
        else:
            self.breaker.worked()
            return answer
        # Out here, the library’s error and what it quotes are no part of ours.
        self.breaker.failed(failure)
        raise failure


def _load(settings: LlmSettings) -> Clients:
    # Conversations are nobody else's business, whatever the environment asks for.
    os.environ.update(LANGSMITH_TRACING="false", LANGSMITH_TRACING_V2="false", LANGCHAIN_TRACING_V2="false")
    # Nonsense from an endpoint becomes an error of ours; the library's warning would quote it.
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
    from langchain_openai import ChatOpenAI
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    # Deadlines are kept by whoever asks; this one only ends what nobody waits for any more.
    http = DefaultAsyncHttpxClient(timeout=settings.wait_whole.total_seconds())
    where = settings.base_url or OPENAI
    # Servers of one's own want no key, and the library does not do without.
    key = settings.api_key.get_secret_value() if settings.api_key else "none"
    plain = AsyncOpenAI(base_url=where, api_key=key, http_client=http, max_retries=0)
    chat = ChatOpenAI(
        model=settings.model,
        base_url=where,
        api_key=SecretStr(key),
        temperature=settings.temperature,
        http_async_client=http,
        max_retries=0,
        use_responses_api=False,
        stream_chunk_timeout=None,
    )
    return Clients(chat, plain, expected())


async def _names(client: AsyncOpenAI) -> list[str]:
    return sorted(model.id for model in (await client.models.list()).data)


async def _ratings(client: AsyncOpenAI, texts: Sequence[str], model: str) -> list[Mapping[str, float]]:
    rated = await client.moderations.create(input=list(texts), model=model)
    return [_rating(result.category_scores) for result in rated.results]


def _rating(scores: object) -> Mapping[str, float]:
    values = vars(scores) if hasattr(scores, "__dict__") else {}
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
