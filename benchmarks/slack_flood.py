"""The other side of the Slack benchmark, in a process of its own: it floods, and times what is acknowledged."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import count

import orjson
from aiohttp import WSMsgType, web

TEAM, ME, CHANNELS, PEOPLE = "T0BENCH", "U0PARLEY", 20, 50
TEXT = "message {number} says something of ordinary length to whoever reads along"


def envelope(number: int) -> str:
    """A message as Socket Mode brings it, in the size that clients make it."""
    ts = f"{1_700_000_000 + number // 1_000}.{number % 1_000_000:06}"
    text = TEXT.format(number=number)
    piece = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    message = {
        "type": "message",
        "user": f"U0MEMBER{number % PEOPLE}",
        "client_msg_id": f"6c1b0a3e-7f3e-4c0d-9d56-{number:012}",
        "text": text,
        "team": TEAM,
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [piece]}],
        "channel": f"C0BENCH{number % CHANNELS}",
        "channel_type": "channel",
        "ts": ts,
        "event_ts": ts,
    }
    payload = {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A0BENCH",
        "event_id": f"Ev{number:010}",
        "event_time": 1_700_000_000,
        "authorizations": [{"team_id": TEAM, "user_id": ME, "is_bot": True}],
        "event": message,
    }
    frame = {"type": "events_api", "envelope_id": str(number), "payload": payload, "accepts_response_payload": False}
    return orjson.dumps(frame).decode()


@dataclass(slots=True)
class Flood:
    """Sends events over all connections in turn, each `number` once over the life of the server."""

    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)
    sent: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 0

    async def flood(self, request: web.Request) -> web.Response:
        """`events` at `rate` a second, as fast as at most `ahead` wait where it is 0; the delays of all acks."""
        query = request.query
        events, rate, ahead = int(query["events"]), float(query["rate"]), int(query["ahead"])
        self.delays, self.wanted = [], events
        self.done.clear()
        frames = [(str(number), envelope(number)) for number, _ in zip(self.numbers, range(events), strict=False)]
        began = time.perf_counter()
        for index, (name, frame) in enumerate(frames):
            await self._wait(began + index / rate if rate else 0.0, ahead)
            self.sent[name] = time.perf_counter()
            await self.sockets[index % len(self.sockets)].send_str(frame)
        await self.done.wait()
        return web.json_response({"seconds": time.perf_counter() - began, "delays": sorted(self.delays)})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """One Socket Mode connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acked(orjson.loads(message.data)["envelope_id"])
        self.sockets.remove(socket)
        return socket

    async def api(self, request: web.Request) -> web.Response:
        """What is asked for before and beside the flood."""
        method = request.match_info["method"]
        address = f"ws://{request.host}/socket"
        user = {"id": request.query.get("user", ""), "name": request.query.get("user", "")}
        answers: dict[str, dict[str, object]] = {
            "auth.test": {"team_id": TEAM, "user_id": ME, "bot_id": "B0PARLEY", "url": "https://bench.slack.com/"},
            "apps.connections.open": {"url": address},
            "users.info": {"user": user},
            "users.conversations": {"channels": []},
        }
        return web.json_response({"ok": True, **answers.get(method, {})})

    async def _wait(self, until: float, ahead: int) -> None:
        while (pause_s := until - time.perf_counter()) > 0 or (ahead and len(self.sent) >= ahead):  # noqa: ASYNC110  # time rings no bell
            await asyncio.sleep(max(pause_s, 0.001))

    def _acked(self, name: str) -> None:
        self.delays.append(time.perf_counter() - self.sent.pop(name))
        if len(self.delays) == self.wanted:
            self.done.set()


async def serve() -> None:
    """Until killed; the port is the first line on standard output."""
    flood, served = Flood(), web.Application()
    served.router.add_get("/flood", flood.flood)
    served.router.add_get("/socket", flood.socket)
    served.router.add_route("*", "/api/{method}", flood.api)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
