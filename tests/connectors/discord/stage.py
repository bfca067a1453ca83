"""A channel on an emulated Discord, for the contract of connectors."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.address import Address
from bot.core.effect import Penalty
from connectors.discord.client import DiscordConnector
from tests.connectors.discord.world import Server
from tests.emulators.discord.model import Message


@dataclass(slots=True)
class DiscordStage:
    """The bot with the power to moderate, a moderator and a member."""

    connector: DiscordConnector
    server: Server

    @property
    def room(self) -> Address:
        return self.server.address()

    @property
    def member(self) -> str:
        return str(self.server.member.id)

    @property
    def moderator(self) -> str:
        return str(self.server.moderator.id)

    async def say(self, text: str) -> str:
        return str(self.server.member.say(self.server.channel, text))

    async def texts(self) -> list[str]:
        return [shown(message) for message in self.server.emulator.messages(self.server.channel)]

    async def overhears(self, text: str) -> bool:
        emulator = self.server.emulator
        others = [self.server.moderator, self.server.owner]
        seen = [each for person in others for each in (*person.reads(self.server.channel), *person.inbox())]
        return any(text in shown(each) for each in [*seen, *emulator.messages(self.server.channel)])

    async def restricted(self, penalty: Penalty) -> bool:
        guild, member = self.server.guild, self.server.member
        match penalty:
            case Penalty.TIMEOUT:
                return member.id in guild.members and member.member.muted_until is not None
            case Penalty.KICK:
                return member.id not in guild.members and member.id not in guild.bans
            case Penalty.BAN:
                return member.id in guild.bans


def shown(message: Message) -> str:
    """What a member reads of it."""
    return message.content or "\n".join(_texts(message.components))


def _texts(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for component in components:
        if component["type"] == 10:
            yield component["content"]
        yield from _texts(component.get("components", ()))
