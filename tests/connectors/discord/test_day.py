"""A day in a server, with a raid of a few hundred messages, or of ten thousand when there is time."""

from pathlib import Path

import pytest

from tests.connectors.discord.day import DiscordDay
from tests.day.story import day
from tests.emulators.discord import Emulator


async def test_a_day_in_a_server(emulator: Emulator, tmp_path: Path) -> None:
    await day(DiscordDay.found(emulator), tmp_path, raid=300)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_a_day_with_a_raid_of_ten_thousand(emulator: Emulator, tmp_path: Path) -> None:
    await day(DiscordDay.found(emulator), tmp_path, raid=10_000)
