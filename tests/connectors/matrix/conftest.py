"""The world the tests of this connector play in."""

import pytest

from tests.connectors.matrix.world import World
from tests.servers.synapse import Homeserver


@pytest.fixture
def world(homeserver: Homeserver) -> World:
    return World(homeserver)
