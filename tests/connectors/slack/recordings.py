"""Payloads of Slack in the shape of the official documentation, and a workspace as it is known."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.assembly import commands
from bot.core.address import Address
from bot.core.event import Author, Event, Role
from connectors.slack.memory import Memory, Origin
from connectors.slack.parse import parse
from connectors.slack.people import Channel, Member
from connectors.slack.view import View

FOLDER = Path(__file__).parents[2] / "recordings" / "slack" / "events"
SCENES = sorted(path.stem for path in FOLDER.glob("*.json"))

TEAM, ME = "T0FERNHILL", "U0PARLEY01"
GARDEN, DIRECT, MODS = "C0GARDEN01", "D0BEAPARLEY", "G0MODS0001"
HERE = Address("slack", TEAM, GARDEN)
NOW = datetime(2023, 11, 14, 23, 0, tzinfo=UTC)
OLGA = Author("U0OLGA0001", "Olga", Role.OWNER)
MO = Author("U0MO000001", "Mo", Role.MODERATOR)
BEA = Author("U0BEA00001", "Bea", Role.MEMBER)
EVE = Author("U0EVE00001", "Eve", Role.MEMBER)


def recorded(scene: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{scene}.json").read_text(encoding="utf-8"))
    return found


def memory() -> Memory:
    """A workspace in which Mo was named as a moderator."""
    known = Memory(team=TEAM, me=ME, bot="B0PARLEY01", moderators=frozenset({MO.id}))
    for each in (OLGA, MO, BEA, EVE):
        rank = Role.MEMBER if each is MO else each.role
        known.members.keep(each.id, Member(id=each.id, name=each.name, rank=rank))
    known.channels[GARDEN] = Channel(id=GARDEN, name="garden")
    known.origins.keep(f"{GARDEN}:{ts(5)}", Origin(EVE.id, ts(1)))
    return known


def view(known: Memory | None = None) -> View:
    return View(memory=known or memory(), now=NOW, commands=commands())


def heard(scene: str) -> list[Event]:
    return parse(recorded(scene), view())


def ts(second: int) -> str:
    """The time of a recorded message."""
    return f"1700000{second:03}.000100"


def at(second: int) -> datetime:
    return datetime.fromtimestamp(1700000000 + second, UTC).replace(microsecond=100)


def mid(second: int, channel: str = GARDEN) -> str:
    return f"{channel}:{ts(second)}"
