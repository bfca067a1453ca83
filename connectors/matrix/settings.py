"""The section `connectors.matrix`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from typing_extensions import override

from bot.core.ports import Connector, Needs
from bot.core.setting import FromEnv
from connectors.spec import ConnectorSettings, Probe, Wiring, everything

TOKEN = "MATRIX_ACCESS_TOKEN"  # noqa: S105  # a variable's name


class MatrixSettings(ConnectorSettings):
    """A Matrix account."""

    homeserver: str = Field(
        default="", description="Where the bot's homeserver answers, such as https://matrix.example.org."
    )
    access_token: Annotated[SecretStr | None, FromEnv(TOKEN)] = Field(
        default=None, description=f"The access token of the bot's account. Keep it out of this file: set {TOKEN}."
    )
    device_id: str = Field(
        default="",
        description="The device the token belongs to. Looked up when empty; when set, `parley check` compares it.",
    )
    allow_invites_from: tuple[str, ...] = Field(
        default=(),
        description="Whose invitations are accepted: whole user ids, * and ? allowed, such as @*:example.org. "
        "Empty accepts none; then join the bot to rooms by hand.",
    )
    prefix: str = Field(
        default="!parley", min_length=1, pattern=r"^\S+$", description="The word that begins a command."
    )
    backfill_limit: int = Field(
        default=5000,
        ge=0,
        description="How many missed messages are read in each room after a time without connection.",
    )
    sync_timeout: int = Field(
        default=30,
        ge=1,
        le=120,
        description="For how many seconds the homeserver may hold a request while nothing happens.",
    )

    @override
    def missing(self) -> str:
        return "" if self.homeserver and self.access_token else f"connectors.matrix.homeserver and {TOKEN}"

    @override
    def problems(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if self.homeserver and not self.access_token:
            found.append(("access_token", f"A homeserver is set but no token: set {TOKEN}."))
        if self.access_token and not self.homeserver:
            found.append(("homeserver", "A token is set but no homeserver: write its address here."))
        if self.homeserver and not _is_address(self.homeserver):
            found.append(("homeserver", "Write an address that begins with https:// (or http:// on your own machine)."))
        return found

    @override
    def connect(self, wiring: Wiring) -> Connector:
        from connectors.matrix.client import MatrixConnector

        return MatrixConnector(self, wiring)

    @override
    async def probe(self, needs: Needs = everything) -> list[Probe]:  # the port's
        from connectors.matrix.probe import probe

        return await probe(self)

    @property
    def token(self) -> str:
        """The access token itself, '' without one."""
        return self.access_token.get_secret_value() if self.access_token else ""


def _is_address(homeserver: str) -> bool:
    try:
        parts = urlsplit(homeserver)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
