"""The REST API: who may come in, what is counted, validated and recorded, and who answers."""

from __future__ import annotations

import asyncio
import inspect
import json
import traceback
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web

from tests.emulators.discord import limits, openapi
from tests.emulators.discord.call import Call, Handler, Reply, Request, Routes
from tests.emulators.discord.faults import Fault, Faults
from tests.emulators.discord.incoming import Incoming, read
from tests.emulators.discord.ratelimit import Banned, RateLimits, TooMany
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.rest.table import Table
from tests.emulators.discord.settings import Settings
from tests.emulators.discord.world import World

if TYPE_CHECKING:
    from tests.emulators.discord.gateway import Gateway
    from tests.emulators.discord.interactions import Interactions

PREFIX = "/api/v10"
# A token in the path speaks for itself.
WITHOUT_BOT_TOKEN = ("/interactions/", "/webhooks/{webhook_id}/{webhook_token}")
EDIT = "/channels/{channel_id}/messages/{message_id}"
OLD_S = 3600


class Server:
    """Answers requests and keeps every one of them in `requests`."""

    def __init__(
        self, world: World, settings: Settings, gateway: Gateway, interactions: Interactions, routes: Routes
    ) -> None:
        self.world = world
        self.settings = settings
        self.gateway = gateway
        self.interactions = interactions
        self.limits = RateLimits(settings)
        self.faults = Faults()
        self.requests: list[Request] = []
        self._table = Table(routes)
        path = openapi.find()
        self.description = openapi.described(path) if path else None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.raw_path.partition("?")[0].removeprefix(PREFIX)
        record = Request(
            at=self.world.now(), method=request.method, path=unquote(path), template="", query=dict(request.query)
        )
        self.requests.append(record)
        headers: dict[str, str] = {}
        try:
            reply = await self._answer(request, path, record, headers)
        except Refusal as refusal:
            return self._refused(record, refusal, headers)
        except TooMany as limit:
            self.limits.count_refusal(429, limit.scope)
            return _respond(record, 429, limit.body, {**headers, **limit.headers}, code=limit.body.get("code", 0))
        except Banned:
            record.status = 429
            return web.Response(status=429, text="<html>error code: 1015</html>", content_type="text/html")
        except Exception:  # a fault of the emulator's own, or a body that only the description would have refused
            record.status, record.answer = 500, traceback.format_exc()
            raise
        return _respond(record, 204 if reply is None else 200, reply, headers)

    def odd_answers(self) -> list[str]:
        """Where the emulator itself answered what Discord would not, as far as the description can tell."""
        if self.description is None:
            return []
        answered = [each for each in self.requests if each.status == 200]
        check = self.description.faults_of_answer
        return [fault for each in answered for fault in check(each.method, each.template, each.answer)]

    def _refused(self, record: Request, refusal: Refusal, headers: dict[str, str]) -> web.Response:
        self.limits.count_refusal(refusal.status)
        return _respond(record, refusal.status, refusal.body(), headers, code=refusal.code)

    async def _answer(self, request: web.Request, path: str, record: Request, headers: dict[str, str]) -> Reply:
        handler, template, parameters = self._table.find(request.method, path)
        record.template, record.parameters = template, parameters
        fault = self.faults.next(request.method, template)
        if fault is not None and not fault.applied:
            await self._befall(fault, request, record)
        self._authenticate(request, template)
        old = self._is_old_edit(request.method, template, parameters)
        headers.update(self.limits.admit(request.method, template, parameters, old_edit=old))
        reply = await self._carry_out(request, handler, record)
        if fault is not None and fault.applied:
            await self._befall(fault, request, record)
        return reply

    async def _befall(self, fault: Fault, request: web.Request, record: Request) -> None:
        record.injected = bool(fault.status or fault.cut)
        await asyncio.sleep(fault.delay.total_seconds())
        if fault.cut and request.transport is not None:
            record.status = 599
            request.transport.abort()
            raise asyncio.CancelledError
        if fault.status == 429:
            raise TooMany(fault.retry_after.total_seconds(), scope=fault.scope)
        if fault.status:
            raise Refusal(0, status=fault.status, message=f"{fault.status}: injected")

    def _authenticate(self, request: web.Request, template: str) -> None:
        if template.startswith(WITHOUT_BOT_TOKEN):
            return
        token = self.world.application.token
        if token is None or request.headers.get("Authorization") != f"Bot {token}":
            raise Refusal(0)

    def _is_old_edit(self, method: str, template: str, parameters: dict[str, str]) -> bool:
        if (method, template) != ("PATCH", EDIT):
            return False
        channel = self.world.channels.get(int(parameters["channel_id"]))
        message = channel.messages.get(int(parameters["message_id"])) if channel else None
        return message is not None and (self.world.now() - message.created).total_seconds() > OLD_S

    async def _carry_out(self, request: web.Request, handler: Handler, record: Request) -> Reply:
        incoming = await read(request)
        record.body, record.files = incoming.body, [each.filename for each in incoming.uploads]
        record.reason = _reason(request)
        limits.check_reason(record.reason)
        if self.description is not None:
            body = incoming.body if incoming.body is not None or request.method == "GET" else {}
            self.description.check(request.method, record.template, request.query, body)
        reply = handler(self._call(record, incoming))
        return await reply if inspect.isawaitable(reply) else reply

    def _call(self, record: Request, incoming: Incoming) -> Call:
        return Call(
            method=record.method,
            template=record.template,
            parameters=record.parameters,
            query=record.query,
            body=incoming.body if isinstance(incoming.body, dict) else {},
            rows=incoming.body if isinstance(incoming.body, list) else [],
            uploads=incoming.uploads,
            reason=record.reason,
            world=self.world,
            settings=self.settings,
            gateway=self.gateway,
            interactions=self.interactions,
        )


def _reason(request: web.Request) -> str | None:
    reason = request.headers.get("X-Audit-Log-Reason")
    return None if reason is None else unquote(reason)


def _respond(
    record: Request, status: int, body: Json | list[Json] | None, headers: dict[str, str], *, code: int = 0
) -> web.Response:
    record.status, record.code, record.answer = status, code, body
    if body is None:
        return web.Response(status=status, headers=headers)
    # Without a charset: discord.py reads JSON from exactly this type.
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers={**headers, "Content-Type": "application/json"}
    )
