"""A server with the whole bot in it, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import App, utc_now
from bot.core.ports import Clock
from bot.opening import connect, open_app
from bot.settings import Settings, load
from tests.connectors.discord.stage import shown
from tests.connectors.discord.world import Server, until
from tests.emulators.discord import Emulator, Overwrite, Permission
from tests.emulators.discord.interactions import Interaction
from tests.emulators.discord.model import Channel, Message
from tests.emulators.discord.person import Person
from tests.emulators.discord.posting import walk

ABUSE = "you are a stupid worthless idiot and nobody here likes you"


@dataclass(slots=True)
class Town:
    """A server whose moderators have a channel of their own; `more` are environment variables."""

    server: Server
    review: Channel
    store: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls, emulator: Emulator, folder: Path) -> Town:
        server = Server.found(emulator)
        review = emulator.channel(server.guild, "review")
        seen = Permission.VIEW_CHANNEL
        (moderators,) = server.moderator.member.role_ids
        (ours,) = emulator.bot_member(server.guild).role_ids
        allowed = [Overwrite(id=role, allow=seen) for role in (moderators, ours)]
        emulator.overwrite(review, Overwrite(id=server.guild.id, deny=seen), *allowed)
        return cls(server, review, folder / "parley.db")

    @property
    def settings(self) -> Settings:
        """As an administrator would write them."""
        return load(
            None,
            {
                "DISCORD_TOKEN": self.server.emulator.token,
                "PARLEY_CONNECTORS__DISCORD__API_BASE": self.server.emulator.api_base,
                "PARLEY_CONNECTORS__DISCORD__GATEWAY_URL": self.server.emulator.gateway_url,
                "PARLEY_MODERATION__RULES__SEEDS__WORDS": '["seeds"]',
                "PARLEY_MODERATION__REVIEW_ROOM": str(self.server.address(self.review)),
                # Nothing was reviewed here yet, so acting is allowed by hand; and no message is drawn as a check.
                "PARLEY_MODERATION__SURE": "0.99",
                "PARLEY_MODERATION__AUDIT_RATE": "0",
                "PARLEY_MODERATION__AUDIT_RATE_ACTED": "0",
                "PARLEY_STORE__URL": f"sqlite:///{self.store}",
                **self.more,
            },
        )

    @asynccontextmanager
    async def running(self, clock: Clock = utc_now) -> AsyncIterator[App]:
        """The bot, from when it listens until it has ended as after a signal."""
        emulator = self.server.emulator
        settings = self.settings
        app = await open_app(settings, clock=clock)
        connect(app, settings)
        begun = len(emulator.gateway.identifies)
        task = asyncio.create_task(app.run())
        try:
            await until(lambda: task.done() or len(emulator.gateway.identifies) > begun)
            await self._caught_up(app)
            yield app
        finally:
            task.cancel()
            await asyncio.wait([task])
            for connector in app.connectors.values():
                await connector.close()  # type: ignore[attr-defined]
            await app.store.close()

    async def _caught_up(self, app: App) -> None:
        while not all([await app.store.position(f"discord:{each}") for each in self.server.guild.channels]):  # noqa: ASYNC110  # the store rings no bell
            await asyncio.sleep(0.01)

    def card(self, words: str) -> Message | None:
        """The newest message to moderators that holds these words."""
        messages = reversed(self.server.emulator.messages(self.review))
        return next((message for message in messages if words in shown(message)), None)

    def is_gone(self, message: int) -> bool:
        """Whether nobody can read it in the first channel any more."""
        return message not in self.server.channel.messages

    async def mode(self, mode: str) -> None:
        asked = await self.server.moderator.command(self.server.channel, "parley-mod mode", {"mode": mode})
        await until(lambda: asked.text)


async def press(who: Person, message: Message | None, label: str, text: str = "") -> Interaction:
    """Press the button that is called so, and fill in the form if it opens one."""
    assert message is not None
    (used,) = [each for each in walk(message.components) if label in each.get("label", "")]
    asked = await who.press(message.id, used["custom_id"])
    return await who.submit(asked, {"reason": text}) if asked.modal else asked
