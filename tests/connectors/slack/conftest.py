"""The workspace the tests of this connector play in."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.connectors.slack.mini import Emulator
from tests.connectors.slack.world import Inbox, Town


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
def town(slack: Emulator) -> Town:
    return Town.found(slack)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()
