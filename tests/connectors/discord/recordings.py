"""Payloads of the gateway in the shape of the official documentation, and a bot that has just heard of its server."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.address import Address
from bot.core.event import Author, Event, Role
from connectors.discord.memory import Memory
from connectors.discord.parse import parse
from connectors.discord.view import View
from tests.connectors.discord.world import COMMANDS

FOLDER = Path(__file__).parents[2] / "recordings" / "discord" / "gateway"
SCENES = sorted(path.stem for path in FOLDER.glob("*.json"))

GUILD = "1100000000000000000"
HERE = Address("discord", GUILD, "1100000000000000010")
THREAD = replace(HERE, thread="1100000000000000020")
MESSAGE = "1100000000000000300"
NOW = datetime(2023, 4, 24, 16, 6, tzinfo=UTC)
JOINED = datetime(2023, 4, 24, 15, 30, tzinfo=UTC)
ME = "1100000000000000103"
OLGA = Author("1100000000000000100", "Olga", Role.OWNER, joined_at=JOINED)
MO = Author("1100000000000000101", "Mo", Role.MODERATOR, joined_at=JOINED)
BEA = Author("1100000000000000102", "Bea the gardener", Role.MEMBER, joined_at=JOINED)
EVE = Author("1100000000000000104", "eve", Role.MEMBER, joined_at=JOINED)


def recorded(scene: str) -> tuple[str, dict[str, Any]]:
    recording = json.loads((FOLDER / f"{scene}.json").read_text(encoding="utf-8"))
    return recording["event"], recording["data"]


def memory(*, allowed: Collection[str] = (), trusted: Collection[str] = ()) -> Memory:
    """What is known after the server was told."""
    found = Memory(me=ME, allowed=allowed, trusted=trusted)
    found.learn(*recorded("guild"))
    return found


def view(known: Memory | None = None) -> View:
    return View(memory=known or memory(), now=NOW, commands=COMMANDS)


def heard(*scenes: str, known: Memory | None = None) -> list[Event]:
    """What the last scene says, after the ones before it."""
    known = known or memory()
    events: list[Event] = []
    for scene in scenes:
        name, data = recorded(scene)
        events = parse(name, data, view(known))
        known.learn(name, data)
    return events
