"""A small Slack on real sockets, as far as the tests of this connector need one: its API and its events.

Payloads go to the bot as Slack makes them, over Socket Mode with acknowledgements, or signed over HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import WSMsgType, web

from tests.connectors.slack.mini.api import METHODS
from tests.connectors.slack.mini.names import (
    ADMIN_TOKEN,
    APP_TOKEN,
    BOT_ID,
    ME,
    SCOPES,
    TEAMS,
    Channel,
    Fault,
    Json,
    Refusal,
    check_blocks,
    post_signed,
    shown,
)
from tests.connectors.slack.mini.people import People
from tests.emulators.waiting import until


class Emulator(People):
    """`calls` are the API calls that arrived, `refused` those that were refused for a reason of Slack's own."""

    def __init__(self, *, http_to: str = "", stream_life_s: float = 300.0) -> None:
        super().__init__()
        self.calls: list[tuple[str, Json]] = []
        self.tokens: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.acked: dict[str, Json] = {}
        self.answered: dict[str, int] = {}
        self.homes: dict[str, Json] = {}
        self.revoked: set[str] = set()
        self.scopes = SCOPES
        self.statuses: list[Json] = []
        self.silent: list[web.WebSocketResponse] = []
        self.closed = False
        self.removed: Counter[str] = Counter()
        self.http_to = http_to
        self.stream_life_s = stream_life_s
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/respond/{user}/{number}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for socket in list(self.sockets):
            await socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        return f"{self.base}/api/"

    def made(self, method: str) -> list[Json]:
        return [body for name, body in self.calls if name == method]

    def fail(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    def remember(self, message: Json) -> None:
        """What it reads before it is changed."""
        message["was"] = [*message.get("was", ()), shown(message)]

    async def close(self) -> None:
        """Let no connection stand, and none begin, until `closed` is taken back."""
        self.closed = True
        for socket in list(self.sockets):
            await socket.close()

    def silence(self) -> None:
        """Let all connections stand, and answer nothing on them any more, not even pings."""
        self.silent = list(self.sockets)

    # Delivery

    async def send(self, kind: str, payload: Json) -> Json:
        """Deliver, over one socket after the other or signed; what the bot acknowledged it with."""
        if self.http_to:
            return await self._post(payload)
        envelope = f"e{next(self._numbers)}"
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        if self.sockets:
            await self.sockets[int(envelope[1:]) % len(self.sockets)].send_json(frame)
            await until(lambda: envelope in self.acked or not self.sockets)
        return self.acked.get(envelope, {})

    async def push(self, kind: str, payload: Json, socket: int = 0) -> str:
        """Deliver without waiting; the envelope."""
        envelope = f"e{next(self._numbers)}"
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        await self.sockets[socket % len(self.sockets)].send_json(frame)
        return envelope

    async def _post(self, payload: Json) -> Json:
        if "event" in payload:
            kind, body = "application/json", json.dumps(payload)
        else:
            fields = payload if "command" in payload else {"payload": json.dumps(payload)}
            kind, body = "application/x-www-form-urlencoded", aiohttp.FormData(fields)().decode()
        status, text = await post_signed(self.http_to, body, kind)
        return {"status": status, "text": text}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.closed:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                told = json.loads(message.data)
                self.acked[told["envelope_id"]] = told
            elif message.type is WSMsgType.PING and socket not in self.silent:
                await socket.pong(message.data)
        self.sockets.remove(socket)
        return socket

    async def _respond(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_blocks(body)
        self.answered[request.path] = self.answered.get(request.path, 0) + 1
        if self.answered[request.path] > 5:
            return web.Response(status=404, text="used_url")
        self.whispers.append({**body, "user": request.match_info["user"]})
        return web.Response(text="ok")

    # The API

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.method == "GET":
            body: Json = dict(request.query)
        else:
            body = await request.json() if "json" in request.content_type else dict(await request.post())
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, body))
        self.tokens.append((method, token))
        fault = next((each for each in self.faults if each.method == method and each.times > 0), None)
        answer: Json = {}
        if fault is None or fault.applied:
            answer = self._answer(method, token, body)
        if fault is not None:
            fault.times -= 1
            await asyncio.sleep(fault.delay_s)
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            if fault.error or fault.status != 200:
                return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)
            answer = answer or self._answer(method, token, body)
        scopes = {"x-oauth-scopes": "chat:write" if token == ADMIN_TOKEN else self.scopes}
        return web.json_response(answer, headers=scopes if method == "auth.test" else {})

    def _answer(self, method: str, token: str, body: Json) -> Json:
        try:
            self._admit(token)
            return {"ok": True, **METHODS[method](self, body, token)}
        except Refusal as refusal:
            self.refused.append((method, str(refusal)))
            return {"ok": False, "error": str(refusal)}

    def _admit(self, token: str) -> None:
        if token in self.revoked:
            raise Refusal("token_revoked")
        if token not in (*TEAMS, APP_TOKEN, ADMIN_TOKEN):
            raise Refusal("invalid_auth")

    def find(self, body: Mapping[str, Any]) -> Channel:
        channel = self.channels.get(body.get("channel", ""))
        if channel is None:
            raise Refusal("channel_not_found")
        return channel

    def own(self, body: Mapping[str, Any], problem: str) -> tuple[Channel, Json]:
        """A message of the bot."""
        channel = self.find(body)
        message = channel.messages.get(body.get("ts", ""))
        if message is None:
            raise Refusal("message_not_found")
        if message.get("user") != ME:
            raise Refusal(problem)
        return channel, message

    def speak(self, channel: Channel, said: Json) -> str:
        if ME not in channel.members:
            raise Refusal("not_in_channel")
        ts = self.ts()
        channel.messages[ts] = {"type": "message", "user": ME, "bot_id": BOT_ID, "ts": ts, **said}
        if said.get("thread_ts") in channel.messages:
            root = channel.messages[said["thread_ts"]]
            root["reply_count"] = root.get("reply_count", 0) + 1
        return ts
