"""The other way in: signed requests over HTTP, for those who run behind a proxy or load balancer of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.core.errors import Revoked

if TYPE_CHECKING:
    from aiohttp import web
    from slack_bolt.async_app import AsyncApp

PATH = "/slack/events"
# Slack stops waiting after three seconds.
SHUTDOWN_S = 3.0
log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Server:
    """Listens on one address; bolt checks every signature and how old it is."""

    app: AsyncApp
    host: str
    port: int

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled; `ready` is called when it listens. Raises `Revoked` where it may not."""
        from aiohttp import web

        served = web.Application()
        served.router.add_post(PATH, self._answer)
        runner = web.AppRunner(served, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await self._listen(web.TCPSite(runner, self.host, self.port))
            ready()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _listen(self, site: web.TCPSite) -> None:
        try:
            await site.start()
        except OSError as error:
            raise Revoked(f"I cannot listen on {self.host}:{self.port}: {error.strerror or error}.") from error
        log.info("listening", host=self.host, port=self.port, path=PATH)

    async def _answer(self, request: web.Request) -> web.Response:
        from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

        return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))
