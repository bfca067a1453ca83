"""A raid on an emulated Discord: banned in few calls, cleaned up in bulk, on one card, taken back as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.action import Configure
from bot.core.settlement import Settlement
from tests.connectors.discord.stage import shown
from tests.connectors.discord.town import Town, press
from tests.connectors.discord.world import MODERATING, until
from tests.emulators.discord import Emulator, Permission
from tests.emulators.discord.person import Person
from tests.fakes import opened

SCAM = "free gift cards for everybody, take yours at gifts.example/claim?id="
MESSAGES, RAIDERS = 300, 30


@pytest.fixture
async def town(emulator: Emulator, tmp_path: Path) -> Town:
    """Where waves are acted on, and their authors banned."""
    town = Town.found(emulator, tmp_path)
    emulator.allow_bot(town.server.guild, MODERATING | Permission.MANAGE_GUILD)
    chosen: dict[str, object] = {"mode": "auto", "rules": {"raid": {"kind": "wave"}}, "wave_penalty": "ban"}
    here = str(town.server.address().community)
    changes = [Configure(scope=here, key=f"moderation.{key}", value=value, by="mo") for key, value in chosen.items()]
    async with opened(f"sqlite:///{town.store}") as store:
        await store.settle(Settlement(cause="chosen", settings=changes))
    return town


@pytest.mark.timeout(120)
async def test_a_raid_is_one_ban_one_card_and_one_undo(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    raiders = [emulator.member(server.guild, f"raider{number}") for number in range(RAIDERS)]
    async with town.running() as app:
        kind = server.member.say(server.channel, "good morning")
        raid = [_said(raiders, number, town) for number in range(MESSAGES)]
        await until(lambda: set(server.guild.bans) == {each.id for each in raiders}, 5)
        await until(lambda: all(town.is_gone(message) for message in raid), 60)
        await until(lambda: town.card(f"nearly the same {MESSAGES} times, by {RAIDERS} members"))
        assert not town.is_gone(kind)
        cards = [each for each in emulator.messages(town.review) if "A wave" in shown(each)]
        assert len(cards) == len(emulator.messages(town.review)) == 1
        await press(server.moderator, town.card("its authors banned"), "Undo")
        await until(lambda: not server.guild.bans, 20)
        await until(lambda: town.card("left alone"))
        late = server.member.say(server.channel, f"{SCAM}{MESSAGES}")
        await app.idle()
        assert not town.is_gone(late)
    bulk, single = emulator.calls("POST", "/bulk-ban"), emulator.calls("PUT", "/bans/{user_id}")
    assert bulk
    assert len(bulk) + len(single) <= RAIDERS / 3
    assert 0 < len(emulator.calls("POST", "/messages/bulk-delete")) <= MESSAGES / 20
    # Nothing was asked that Discord refuses, and nothing too often.
    assert [each for each in emulator.refused if each.status == 429] == []
    assert emulator.refused == []


@pytest.mark.timeout(120)
async def test_moderators_ban_all_of_it_with_one_press_and_a_reason(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    raiders = [emulator.member(server.guild, f"raider{number}") for number in range(12)]
    async with town.running():
        await town.mode("semi")
        raid = [_said(raiders, number, town) for number in range(36)]
        card = await until(lambda: town.card("nearly the same 36 times, by 12 members"))
        assert not any(town.is_gone(message) for message in raid)
        await press(server.moderator, card, "Ban all", "No raids here.")
        await until(lambda: all(town.is_gone(message) for message in raid), 30)
    assert server.guild.bans == dict.fromkeys((each.id for each in raiders), "No raids here.")
    (ban,) = emulator.calls("POST", "/bulk-ban")
    assert ban.reason == "No raids here."
    assert emulator.refused == []


def _said(raiders: list[Person], number: int, town: Town) -> int:
    return raiders[number % len(raiders)].say(town.server.channel, f"{SCAM}{number}")
