"""Socket Mode: connections that are replaced as soon as they are silent, closed or worn out."""

from __future__ import annotations

import asyncio
import random as chance
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.core.errors import RateLimited, Rejected, Revoked, Transient
from connectors.slack.reading import words
from connectors.slack.wire import Wire

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp

CONNECTIONS = 2
PING_S = 10.0
CONNECT_S = 15.0
CLOSE_S = 2.0
# A connection that brings nothing for so long is replaced: it may have died in a way that answers pings.
QUIET_S = 600.0
MAX_PAUSE_S = 60.0
RENEW_APP = (
    "Slack no longer accepts our app-level token. Make one with the scope connections:write (api.slack.com/apps, "
    "Basic Information), set SLACK_APP_TOKEN to it and start me again."
)
log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Sockets:
    """Two connections, of which Slack gives each event to one.

    `up` is told when the first stands, and, with True, whenever one stands in place of another, for what was given to
    that one may be lost; `down` when the last has fallen.
    """

    app: AsyncApp
    wire: Wire
    up: Callable[[bool], None]
    down: Callable[[], None]
    ping_s: float = PING_S
    quiet_s: float = QUIET_S
    random: Callable[[], float] = chance.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    standing: int = 0

    async def run(self) -> None:
        """Until cancelled, or until Slack refuses the app-level token: `Revoked`."""
        work = [asyncio.create_task(self._keep(number)) for number in range(CONNECTIONS)]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _keep(self, number: int) -> None:
        """One connection after another; pauses grow while they fail."""
        failures, again = 0, False
        while True:
            try:
                connection = await self._connect()
            except RateLimited as error:
                pause_s = error.retry_after
            except (Transient, Rejected) as error:
                failures += 1
                pause_s = min(MAX_PAUSE_S, 2.0**failures) * (0.5 + self.random() / 2)
                log.warning("socket_unavailable", number=number, problem=str(error), pause_s=round(pause_s, 1))
            else:
                failures, pause_s = 0, self.random()
                await self._serve(connection, number, again=again)
                again = True
            await self.sleep(pause_s)

    async def _connect(self) -> _Connection:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        try:
            opened = await self.wire.send("apps.connections.open", {})
        except Revoked as error:
            raise Revoked(RENEW_APP) from error
        handler = AsyncSocketModeHandler(self.app, self.wire.token, ping_interval=self.ping_s)
        # We connect again ourselves: left alone it would try a used address for ever.
        handler.client.default_auto_reconnect_enabled = handler.client.auto_reconnect_enabled = False
        handler.client.wss_uri = words(opened.get("url"))
        connection = _Connection(handler, self.quiet_s)
        try:
            async with asyncio.timeout(CONNECT_S):
                # bolt's own handler has no types.
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            await connection.close()
            raise Transient("the socket does not open") from error
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _serve(self, connection: _Connection, number: int, *, again: bool) -> None:
        self._rose(again=again)
        try:
            reason = await connection.ended(self.ping_s)
            log.info("socket_replaced", number=number, reason=reason)
        finally:
            self.standing -= 1
            if self.standing == 0:
                self.down()
            await connection.close()

    def _rose(self, *, again: bool) -> None:
        self.standing += 1
        if again or self.standing == 1:
            self.up(again)


@dataclass(slots=True)
class _Connection:
    """One socket of bolt's, and when it last brought something."""

    handler: AsyncSocketModeHandler
    quiet_s: float
    _heard: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        async def heard(_: object) -> None:
            self._heard = time.monotonic()

        self.handler.client.on_message_listeners.append(heard)

    async def ended(self, ping_s: float) -> str:
        """Returns why, once it is of no use any more."""
        client = self.handler.client
        while True:
            await asyncio.sleep(min(1.0, ping_s / 2))
            if client.current_session is None or client.current_session.closed:
                return "closed"
            if await client.is_ping_pong_failing():
                return "silent"
            if time.monotonic() - self._heard > self.quiet_s:
                return "quiet"

    async def close(self) -> None:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_S):
                # bolt's own handler has no types.
                await self.handler.close_async()  # type: ignore[no-untyped-call]
