"""The section `connectors.matrix`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from typing_extensions import override

from bot.core.ports import Connector, Needs
from bot.core.setting import FromEnv
from connectors.spec import ConnectorSettings, Probe, Wiring, everything

TOKEN = "MATRIX_ACCESS_TOKEN"  # noqa: S105  # a variable's name
PICKLE_KEY = "MATRIX_PICKLE_KEY"
GATE_SECRET = "MATRIX_GATE_SECRET"  # noqa: S105  # a variable's name


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
    encryption: bool = Field(default=True, description="Whether encrypted rooms are read and written.")
    keys_folder: str = Field(
        default="matrix-keys",
        min_length=1,
        description="The folder for the keys of encrypted rooms. Keep a copy: without it nothing older can be read.",
    )
    pickle_key: Annotated[SecretStr | None, FromEnv(PICKLE_KEY)] = Field(
        default=None,
        description=f"What the keys are locked with. Made and kept in the folder when neither this nor {PICKLE_KEY} "
        "is set.",
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

    gate_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Where homeservers ask before they deliver a message: our module for Synapse, and rooms whose "
        "policy server this is. 0: nowhere.",
    )
    gate_host: str = Field(
        default="127.0.0.1", description="On which address; put a proxy before it rather than open it to the world."
    )
    gate_secret: Annotated[SecretStr | None, FromEnv(GATE_SECRET)] = Field(
        default=None, description=f"What the module shows to be answered. Keep it out of this file: set {GATE_SECRET}."
    )
    gate_deadline: timedelta = Field(
        default=timedelta(seconds=1.5), gt=timedelta(0), description="How long a message may be held up."
    )
    gate_fail_open: bool = Field(
        default=True, description="Whether what could not be checked in time is delivered; it is judged again then."
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
    async def probe(self, needs: Needs = everything) -> list[Probe]:
        from connectors.matrix.probe import probe

        return await probe(self)

    @property
    def gate_word(self) -> str:
        """What the module shows, '' when it is not let in."""
        return self.gate_secret.get_secret_value() if self.gate_secret else ""

    @property
    def keys(self) -> tuple[Path, str]:
        """Where keys are kept, and what they are locked with, '' when that is to be made."""
        return Path(self.keys_folder), self.pickle_key.get_secret_value() if self.pickle_key else ""

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
