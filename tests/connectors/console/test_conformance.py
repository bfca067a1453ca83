"""The console keeps the contract of connectors."""

import pytest

from bot.core.event import Role
from tests.connectors.conformance import ConnectorContract, Stage
from tests.connectors.console.stage import NOON, Session


class TestConsole(ConnectorContract):
    @pytest.fixture
    def stage(self) -> Stage:
        session = Session()
        session.house.enter(session.moderator, Role.MODERATOR, NOON)
        return session
