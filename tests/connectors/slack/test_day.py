"""A day in a workspace, with a raid of a few hundred messages, or of ten thousand when there is time."""

from pathlib import Path

import pytest

from tests.connectors.slack.day import SlackDay
from tests.connectors.slack.mini import Emulator
from tests.day.story import day


async def test_a_day_in_a_workspace(slack: Emulator, tmp_path: Path) -> None:
    await day(SlackDay.found(slack), tmp_path, raid=300)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_a_day_with_a_raid_of_ten_thousand(slack: Emulator, tmp_path: Path) -> None:
    await day(SlackDay.found(slack), tmp_path, raid=10_000)
