"""Fixtures for tests that want a platform's stand-in."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.emulators.discord import Emulator


@pytest_asyncio.fixture
async def discord_emulator() -> AsyncIterator[Emulator]:
    """A Discord of the test's own, running and empty."""
    async with Emulator() as emulator:
        yield emulator
    assert emulator.server.odd_answers() == []
