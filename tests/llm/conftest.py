"""A language model’s endpoint that does what the test says, and a port to it that waits for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.llm.chat import ChatModel
from bot.llm.endpoint import Endpoint
from bot.llm.failures import Breaker
from bot.llm.settings import LlmSettings
from tests.servers.llm import LlmServer

KEY = "sk-canary-7f3a"


@dataclass
class Time:
    """A clock that only moves when somebody sleeps by it."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with LlmServer() as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def endpoint(server: LlmServer, time: Time) -> AsyncIterator[Endpoint]:
    settings = LlmSettings(
        base_url=server.url,
        model="tiny",
        api_key=SecretStr(KEY),
        wait_first=timedelta(seconds=0.5),
        wait_next=timedelta(seconds=0.2),
    )
    endpoint = Endpoint(settings, Breaker(time))
    await endpoint.clients()
    yield endpoint
    await endpoint.close()


@pytest.fixture
def model(endpoint: Endpoint, time: Time) -> ChatModel:
    return ChatModel(endpoint, "tiny", clock=time, sleep=time.sleep, jitter=lambda: 0.0)
