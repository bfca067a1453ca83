"""Slack keeps the contract of connectors, with and without its sockets, enforcing and advisory."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.conformance import ConnectorContract
from tests.connectors.slack.mini import Emulator
from tests.connectors.slack.stage import SlackStage
from tests.connectors.slack.world import Inbox, Town, armed, bot, running


class TestEnforcing(ConnectorContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[SlackStage]:
        async with Emulator() as slack:
            town, inbox = Town.found(slack), Inbox()
            connector = armed(slack, inbox)
            async with running(connector, inbox, slack):
                yield SlackStage(connector, town)


class TestAdvisoryAndNotListening(ConnectorContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[SlackStage]:
        async with Emulator() as slack:
            town = Town.found(slack)
            connector = bot(slack, Inbox())
            yield SlackStage(connector, town)
            await connector.close()
