"""A town with a bot at work in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms.town import Bot, Town, eventually
from tests.servers.synapse import Homeserver


@pytest.fixture
def town(homeserver: Homeserver) -> Town:
    return Town(homeserver)


@pytest.fixture
def mods(town: Town) -> str:
    return town.room()


@pytest.fixture
def bot(town: Town, mods: str, tmp_path: Path) -> Iterator[Bot]:
    started = Bot.of(town, tmp_path, mods)
    started.start(town.people["parley"].token)
    eventually(lambda: town.is_in(mods))
    yield started
    if started.process is not None and started.process.poll() is None:
        assert started.stop() == 0, (tmp_path / "log.txt").read_text()
