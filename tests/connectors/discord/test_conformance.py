"""Discord keeps the contract of connectors, with and without its gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.conformance import ConnectorContract
from tests.connectors.discord.stage import DiscordStage
from tests.connectors.discord.world import Inbox, Server, running
from tests.emulators.discord import Emulator


class TestListening(ConnectorContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[DiscordStage]:
        async with Emulator() as emulator:
            server, inbox = Server.found(emulator), Inbox()
            connector = server.bot(inbox)
            async with running(connector, inbox, emulator):
                yield DiscordStage(connector, server)


class TestNotListening(ConnectorContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[DiscordStage]:
        async with Emulator() as emulator:
            server = Server.found(emulator)
            connector = server.bot(Inbox())
            yield DiscordStage(connector, server)
            await connector.close()
