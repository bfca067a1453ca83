"""A channel on an emulated Slack, for the contract of connectors."""

from dataclasses import dataclass

from bot.core.address import Address
from bot.core.effect import Penalty
from connectors.slack.client import SlackConnector
from tests.connectors.slack.mini import shown
from tests.connectors.slack.world import Town


@dataclass(slots=True)
class SlackStage:
    """The bot with an admin's token, a moderator and a member."""

    connector: SlackConnector
    town: Town

    @property
    def room(self) -> Address:
        return self.town.here

    @property
    def member(self) -> str:
        return self.town.bea

    @property
    def moderator(self) -> str:
        return self.town.mo

    async def say(self, text: str) -> str:
        return await self.town.slack.say(self.town.bea, self.town.garden, text)

    async def texts(self) -> list[str]:
        return self.town.slack.texts(self.town.garden)

    async def overhears(self, text: str) -> bool:
        slack = self.town.slack
        others = [told for user in (self.town.mo, self.town.eve) for told in slack.seen(user)]
        said = [shown(each) for channel in (self.town.garden, self.town.mods) for each in channel.messages.values()]
        return any(text in each for each in [*others, *said])

    async def restricted(self, penalty: Penalty) -> bool:
        return penalty is Penalty.KICK and self.town.bea not in self.town.garden.members
