"""What a real homeserver said, see tests/recordings/record_matrix.py."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.address import Address
from bot.core.event import Author, Event, Role
from connectors.matrix.memory import Memory
from connectors.matrix.parse import parse
from connectors.matrix.raw import View
from connectors.matrix.rooms import Room
from tests.connectors.matrix.world import COMMANDS

FOLDER = Path(__file__).parents[2] / "recordings" / "matrix"
SCENES = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(slots=True)
class Recording:
    """A scene, as the bot's account saw it."""

    me: str
    ann: str
    bea: str
    room: str
    state: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def where(self) -> Address:
        return Address("matrix", self.me.partition(":")[2], self.room)

    def author(self, user_id: str) -> Author:
        role = Role.OWNER if user_id == self.ann else Role.MEMBER
        return Author(user_id, user_id.partition(":")[0].strip("@"), role)

    def sent(self, kind: str = "m.room.message") -> list[dict[str, Any]]:
        """The raw events of a type."""
        return [event for event in self.events if event["type"] == kind]

    def view(self) -> View:
        room, memory = Room(id=self.room), Memory()
        room.apply([*self.state, *self.events])
        for event in self.events:
            memory.hear(event, self.me)
        return View(me=self.me, space=self.where.space, room=room, origins=memory.get, commands=COMMANDS)

    def heard(self) -> list[Event]:
        view = self.view()
        return [event for raw in self.events for event in parse(raw, view)]


def load(scene: str) -> Recording:
    return Recording(**json.loads((FOLDER / f"{scene}.json").read_text(encoding="utf-8")))
