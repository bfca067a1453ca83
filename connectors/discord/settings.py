"""The section `connectors.discord`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from typing_extensions import override

from bot.core.ports import Connector, Needs
from bot.core.setting import FromEnv
from connectors.spec import ConnectorSettings, Probe, Wiring, everything

TOKEN = "DISCORD_TOKEN"  # noqa: S105  # a variable's name


class DiscordSettings(ConnectorSettings):
    """A Discord bot account."""

    token: Annotated[SecretStr | None, FromEnv(TOKEN)] = Field(
        default=None, description=f"The bot's token, from the developer portal. Keep it out of this file: set {TOKEN}."
    )
    api_base: str = Field(
        default="",
        description="Where Discord's REST API answers; empty is Discord itself. For a proxy, such as "
        "http://127.0.0.1:3000/api/v10.",
    )
    gateway_url: str = Field(
        default="",
        description="Where Discord's gateway answers; empty is Discord itself. For a proxy, ws:// or wss://.",
    )
    shards: int = Field(
        default=1,
        ge=1,
        description="Over how many connections all servers are spread. One is right for up to 2,500 servers.",
    )
    shard_ids: tuple[int, ...] = Field(
        default=(), description="Which of them this process opens, counted from 0; all when empty."
    )
    guilds: tuple[str, ...] = Field(
        default=(), description="The ids of the servers to listen to; all that the bot is in when empty."
    )
    moderator_roles: tuple[str, ...] = Field(
        default=(),
        description="Names or ids of roles that make a moderator, besides those that may manage messages or "
        "time members out.",
    )
    backfill_limit: int = Field(
        default=5000, ge=0, description="How many missed messages are read in each channel after a time away."
    )

    @override
    def missing(self) -> str:
        return "" if self.secret else TOKEN

    @override
    def problems(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if self.api_base and not _is_address(self.api_base, "http", "https"):
            found.append(("api_base", "Write an address that begins with https:// (or http:// on your own machine)."))
        if self.gateway_url and not _is_address(self.gateway_url, "ws", "wss"):
            found.append(("gateway_url", "Write an address that begins with wss:// (or ws:// on your own machine)."))
        if any(not 0 <= number < self.shards for number in self.shard_ids):
            found.append(("shard_ids", f"Shards are counted from 0 to {self.shards - 1}: raise shards or drop some."))
        found += [
            ("guilds", f"“{each}” is no id of a server: those are numbers.")
            for each in self.guilds
            if not each.isdigit()
        ]
        return found

    @override
    def connect(self, wiring: Wiring) -> Connector:
        from connectors.discord.client import DiscordConnector

        return DiscordConnector(self, wiring)

    @override
    async def probe(self, needs: Needs = everything) -> list[Probe]:
        from connectors.discord.probe import probe

        return await probe(self, needs)

    @property
    def secret(self) -> str:
        """The token itself, '' without one."""
        return self.token.get_secret_value().strip() if self.token else ""


def _is_address(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        return False
