"""A room on a real homeserver, for the contract of connectors."""

from dataclasses import dataclass
from typing import Any

from bot.core.address import Address
from bot.core.effect import Penalty
from connectors.matrix.client import MatrixConnector
from tests.connectors.matrix.world import Inbox, Person, World


@dataclass(slots=True)
class MatrixStage:
    """The bot with the power to moderate, the room's maker, and a member."""

    connector: MatrixConnector
    room: Address
    ann: Person
    bea: Person

    @classmethod
    async def open(cls, world: World) -> "MatrixStage":
        ann, bea, robot = [await world.person(name) for name in ("ann", "bea", "robot")]
        room = await ann.create()
        for person in (bea, robot):
            await person.join(room)
        await ann.power(room, {"users": {robot.id: 50}})
        return cls(world.bot(robot, Inbox()), world.address(room), ann, bea)

    @property
    def member(self) -> str:
        return self.bea.id

    @property
    def moderator(self) -> str:
        return self.ann.id

    async def say(self, text: str) -> str:
        return await self.bea.say(self.room.channel, text)

    async def texts(self) -> list[str]:
        shown: dict[str, str] = {}
        for event in await self.bea.messages(self.room.channel):
            if event["type"] == "m.room.message" and event["content"]:
                _show(shown, event["event_id"], event["content"])
        return list(shown.values())

    async def overhears(self, text: str) -> bool:
        return any(text in shown for shown in await self.texts())

    async def restricted(self, penalty: Penalty) -> bool:
        where = f"rooms/{self.room.channel}/state/m.room.member/{self.member}"
        membership = (await self.ann.api("GET", where))["membership"]
        return bool(membership == {Penalty.KICK: "leave", Penalty.BAN: "ban"}.get(penalty))


def _show(shown: dict[str, str], event_id: str, content: dict[str, Any]) -> None:
    """Take over a message, or put an edit in place of the one it edits."""
    relation = content.get("m.relates_to", {})
    if relation.get("rel_type") != "m.replace":
        shown[event_id] = content["body"]
    elif relation["event_id"] in shown:
        shown[relation["event_id"]] = content["m.new_content"]["body"]
