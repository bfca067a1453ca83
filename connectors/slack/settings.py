"""The section `connectors.slack`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from typing_extensions import override

from bot.core.ports import Connector, Needs
from bot.core.setting import FromEnv
from connectors.spec import ConnectorSettings, Probe, Wiring, everything

BOT, APP, SIGNING, ADMIN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_ADMIN_TOKEN"


class Transport(StrEnum):
    """How Slack reaches us."""

    SOCKET = "socket"
    HTTP = "http"


class SlackSettings(ConnectorSettings):
    """A Slack app, in one workspace or several."""

    bot_token: Annotated[SecretStr | None, FromEnv(BOT)] = Field(
        default=None,
        description="The bot's token (xoxb-…), one for each workspace with commas between. "
        f"Keep it out of this file: set {BOT}.",
    )
    app_token: Annotated[SecretStr | None, FromEnv(APP)] = Field(
        default=None,
        description=f"The app-level token (xapp-…) that opens sockets. Keep it out of this file: set {APP}.",
    )
    signing_secret: Annotated[SecretStr | None, FromEnv(SIGNING)] = Field(
        default=None, description=f"What requests over HTTP are signed with. Keep it out of this file: set {SIGNING}."
    )
    admin_token: Annotated[SecretStr | None, FromEnv(ADMIN)] = Field(
        default=None,
        description="An admin's own token (xoxp-…) with the user scope chat:write, one for each workspace. Without it "
        "nobody else's message can be deleted, and Parley asks moderators instead. "
        f"Keep it out of this file: set {ADMIN}.",
    )
    transport: Transport = Field(
        default=Transport.SOCKET,
        description="socket: Parley opens the connections. http: Slack sends signed requests to /slack/events.",
    )
    host: str = Field(default="127.0.0.1", description="With http, where to listen.")
    port: int = Field(default=3000, ge=1, le=65535, description="With http, on which port.")
    api_base: str = Field(
        default="",
        description="Where Slack's API answers; empty is Slack itself. For a proxy or GovSlack, "
        "such as https://slack-gov.com/api/.",
    )
    moderators: tuple[str, ...] = Field(
        default=(),
        description="Ids of members, and ids or handles of user groups, who moderate besides the workspace's admins.",
    )
    backfill_limit: int = Field(
        default=5000, ge=0, description="How many missed messages are read in each channel after a time away."
    )

    @override
    def missing(self) -> str:
        needed = APP if self.transport is Transport.SOCKET else SIGNING
        given = self.app_token if self.transport is Transport.SOCKET else self.signing_secret
        lacking = [name for name, value in ((BOT, self.tokens), (needed, secret(given))) if not value]
        return " and ".join(lacking)

    @override
    def problems(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if self.api_base and not _is_address(self.api_base):
            found.append(("api_base", "Write an address that begins with https:// (or http:// on your own machine)."))
        if any(not token.startswith("xoxb-") for token in self.tokens):
            found.append(("bot_token", f"{BOT} begins with xoxb-: it is the “Bot User OAuth Token” of the app."))
        if secret(self.app_token) and not secret(self.app_token).startswith("xapp-"):
            found.append(("app_token", f"{APP} begins with xapp-: make one under “App-Level Tokens”."))
        if any(not token.startswith("xoxp-") for token in self.admins):
            found.append(("admin_token", f"{ADMIN} begins with xoxp-: it is the “User OAuth Token” of an admin."))
        return found

    @override
    def connect(self, wiring: Wiring) -> Connector:
        from connectors.slack.client import SlackConnector

        return SlackConnector(self, wiring)

    @override
    async def probe(self, needs: Needs = everything) -> list[Probe]:
        from connectors.slack.probe import probe

        return await probe(self, needs)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The bot's tokens themselves."""
        return _several(self.bot_token)

    @property
    def admins(self) -> tuple[str, ...]:
        """The admins' tokens themselves."""
        return _several(self.admin_token)


def secret(value: SecretStr | None) -> str:
    """The secret itself, '' without one."""
    return value.get_secret_value().strip() if value else ""


def _several(value: SecretStr | None) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in secret(value).split(","))))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
