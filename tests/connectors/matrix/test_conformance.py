"""Matrix keeps the contract of connectors, on a real homeserver."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.conformance import ConnectorContract
from tests.connectors.matrix.stage import MatrixStage
from tests.connectors.matrix.world import World


class TestMatrix(ConnectorContract):
    @pytest.fixture
    async def stage(self, world: World) -> AsyncIterator[MatrixStage]:
        stage = await MatrixStage.open(world)
        yield stage
        await stage.connector.close()
