"""A gateway session: what it may hear, what it was sent, and the socket that it has at the moment."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from aiohttp import WSCloseCode, web

from tests.emulators.discord.model import Id
from tests.emulators.discord.permissions import ALL, NONE, Permission
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import Event, World

MESSAGE_CONTENT = 1 << 15
_WITHHELD: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


class Socket:
    """One client's connection. Frames leave in the order of `send`; `close` leaves what is queued unsent."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None, *, compressed: bool) -> None:
        self.ws = ws
        self._transport = transport
        self._deflate = zlib.compressobj() if compressed else None
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.session: Session | None = None
        self.heartbeats = 0
        self.closed_here = False

    def send(self, frame: str) -> None:
        self._frames.put_nowait(frame)

    def op(self, op: int, data: object = None) -> None:
        """Send something that is no event."""
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        """Send what is queued, until the socket closes."""
        while (frame := await self._frames.get()) is not None:
            # The client may have gone; its session keeps what it missed.
            with contextlib.suppress(ConnectionError):
                await self._write(frame)

    async def _write(self, frame: str) -> None:
        if self._deflate is None:
            await self.ws.send_str(frame)
        else:
            packed = self._deflate.compress(frame.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.ws.send_bytes(packed)

    async def close(self, code: int, message: str = "") -> None:
        self.closed_here = True
        await self.ws.close(code=code, message=message.encode())

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.closed_here = True
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()

    def end(self) -> None:
        """Let `write` return."""
        self._frames.put_nowait(None)


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """Survives its socket, so that a client may resume it."""

    id: str
    intents: int
    shard: tuple[int, int]
    world: World
    buffer: deque[tuple[int, str]]
    sequence: int = 0
    socket: Socket | None = None
    left: datetime | None = None
    resumes: int = 0

    def may_see(self, event: Event) -> bool:
        """Whether shard, intents and the bot's permissions let the event through."""
        if event.intents & ~self.intents:
            return False
        guild_id: Id = event.guild.id if event.guild else 0
        if (guild_id >> 22) % self.shard[1] != self.shard[0]:
            return False
        return self._is_permitted(event)

    def _is_permitted(self, event: Event) -> bool:
        me = self.world.me
        if event.channel is not None:
            found = self.world.allowed(me, event.channel)
            return Permission.VIEW_CHANNEL in found and event.needs in found
        if event.needs == NONE or event.guild is None:
            return True
        found = self.world.allowed_in(me, event.guild)
        return found == ALL or event.needs in found

    def dispatch(self, name: str, data: Json) -> None:
        """Send an event now, or when the client resumes."""
        if name in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and not self.intents & MESSAGE_CONTENT:
            data = self._withhold(data)
        self.sequence += 1
        frame = json.dumps({"op": 0, "t": name, "s": self.sequence, "d": data})
        self.buffer.append((self.sequence, frame))
        if self.socket is not None:
            self.socket.send(frame)

    def _withhold(self, data: Json) -> Json:
        """Without the intent, content is told in direct messages, of its own messages and where the bot is named."""
        me = str(self.world.me.id)
        named = any(each["id"] == me for each in data.get("mentions", ()))
        if "guild_id" not in data or data.get("author", {}).get("id") == me or named:
            return data
        return {key: value for key, value in {**data, **_WITHHELD}.items() if key != "poll"}

    def replay(self, after: int) -> None:
        """Send again what came after a sequence number."""
        assert self.socket is not None
        for sequence, frame in self.buffer:
            if sequence > after:
                self.socket.send(frame)

    def can_replay(self, after: int) -> bool:
        """Whether the buffer still holds everything that came after a sequence number."""
        return not self.buffer or self.buffer[0][0] <= after + 1


NORMAL = WSCloseCode.OK
