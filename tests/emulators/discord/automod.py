"""Native AutoMod: what it stops before anybody reads it."""

from __future__ import annotations

from tests.emulators.discord.model import Channel, Message, User
from tests.emulators.discord.world import World


class AutoMod:
    """Screens what people say, on sending and on editing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def screen(self, who: User, channel: Channel, text: str, *, message: Message | None = None) -> None:
        """Refuse (200000) what a rule blocks."""
