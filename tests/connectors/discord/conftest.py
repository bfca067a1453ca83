"""The server the tests of this connector play in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.connectors.discord.town import Town
from tests.connectors.discord.world import Inbox, Server
from tests.emulators.discord import Emulator


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
def server(emulator: Emulator) -> Server:
    return Server.found(emulator)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def town(emulator: Emulator, tmp_path: Path) -> Town:
    return Town.found(emulator, tmp_path)
