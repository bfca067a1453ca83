"""The bolt app: whatever comes, over a socket or signed over HTTP, is stored before it is acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from connectors.slack.account import Account
from connectors.slack.reading import Json, mapping

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_bolt.response import BoltResponse

Hear = Callable[[Json], Awaitable[None]]
Authorize = Callable[[str | None, str | None], "Awaitable[AuthorizeResult]"]
# bolt tells of everything that it does; what matters is told by us.
QUIET = logging.CRITICAL
log = structlog.get_logger()


def build(account: Account, hear: Hear, signing_secret: str) -> AsyncApp:
    """An app of one middleware, which hears everything: what nobody listens for must be acknowledged, too.

    `hear` returns when a payload is stored. If it raises, the payload is not acknowledged, and comes again.
    """
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.response import BoltResponse
    from slack_sdk.web.async_client import AsyncWebClient

    logger = logging.getLogger("parley.slack")
    logger.setLevel(QUIET)

    async def store(body: dict[str, object], ack: AsyncAck) -> BoltResponse:
        await hear(mapping(body))
        return await ack()

    async def refuse(error: Exception) -> BoltResponse:
        """Not acknowledged: Slack asks again."""
        log.error("payload_not_stored", error=type(error).__name__, problem=str(error))
        return BoltResponse(status=503, body="", headers={})

    app = AsyncApp(
        logger=logger,
        signing_secret=signing_secret or "unused",
        client=AsyncWebClient(base_url=account.line.url),
        authorize=_authorizing(account),
        # A socket is ours by its address, so there is nothing to verify.
        request_verification_enabled=bool(signing_secret),
        attaching_function_token_enabled=False,
    )
    app.use(store)
    app.error(refuse)
    return app


def _authorizing(account: Account) -> Authorize:
    """From memory: asking Slack who we are for every event of a burst would be a burst of its own."""
    from slack_bolt.authorization import AuthorizeResult

    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        team = account.teams.get(team_id or "")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=team.memory.me if team else "",
            bot_id=team.memory.bot if team else "",
            bot_token=team.wire.token if team else "",
        )

    return authorize
