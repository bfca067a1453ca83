"""The emulator as a fixture: import it into the conftest.py beside the tests that want it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.emulators.discord import Emulator


@pytest_asyncio.fixture
async def discord_emulator() -> AsyncIterator[Emulator]:
    """A Discord of the test's own, running and empty; what it answered must be what Discord would answer."""
    async with Emulator() as emulator:
        yield emulator
    assert emulator.server.odd_answers() == []
