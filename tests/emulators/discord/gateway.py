"""The gateway, version 10: identify, resume, heartbeat, and events for whoever may see them."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from datetime import timedelta

from aiohttp import web

from tests.emulators.discord import render
from tests.emulators.discord.frames import CloseSocket, decoded, mapping, messages
from tests.emulators.discord.hello import chunks, guild_create, ready
from tests.emulators.discord.model import Guild
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.session import NORMAL, Session, Socket
from tests.emulators.discord.settings import Settings
from tests.emulators.discord.world import Event, World

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
GUILDS, GUILD_MEMBERS = 1 << 0, 1 << 1


class Gateway:
    """All sessions and sockets.

    `refuse_resumes` and `refuse_identifies` say how many of the next ones get op 9. With `drop_after_resume` every
    RESUME succeeds and the socket closes right after it. `replay_extra` events that the client knows come again with a
    RESUME. With `acknowledge` off, heartbeats stay unanswered. Every event is sent `repeat` times.
    """

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.settings = settings
        self.sessions: dict[str, Session] = {}
        self.sockets: set[Socket] = set()
        self.identifies: list[float] = []
        self.identifies_left = settings.identify_limit
        self.resumes = 0
        self.refuse_resumes = 0
        self.refuse_identifies = 0
        self.drop_after_resume = False
        self.replay_extra = 0
        self.acknowledge = True
        self.repeat = 1
        self.held: list[Event] | None = None
        self.closed: list[tuple[int | None, str]] = []

    # Events

    def publish(self, event: Event) -> None:
        """Tell every session that may know."""
        if self.held is not None:
            self.held.append(event)
            return
        for session in self.sessions.values():
            if session.may_see(event):
                for _ in range(self.repeat):
                    session.dispatch(event.name, event.data)

    def hold(self) -> None:
        """Keep events back until `release`."""
        self.held = self.held or []

    def release(self, *, backwards: bool = False) -> None:
        """Send what was kept back, in the order it happened or the other way round."""
        held, self.held = self.held or [], None
        for event in reversed(held) if backwards else held:
            self.publish(event)

    def inject(self, name: str, data: Json) -> None:
        """Send every session an event that nothing in the world stands behind."""
        for session in self.sessions.values():
            session.dispatch(name, data)

    # Faults

    async def close_all(self, code: int) -> None:
        """Close every socket with a code; 0 cuts the connections without one."""
        for socket in list(self.sockets):
            if code:
                await socket.close(code)
            else:
                socket.abort()

    def ask_to_reconnect(self) -> None:
        """Op 7."""
        for socket in self.sockets:
            socket.op(7)

    def invalidate(self, *, resumable: bool) -> None:
        """Op 9; what is not resumable is forgotten."""
        for socket in self.sockets:
            socket.op(9, resumable)
            if socket.session is not None and not resumable:
                self.forget(socket.session)

    def forget(self, session: Session) -> None:
        """End a session: it cannot be resumed and hears nothing more."""
        self.sessions.pop(session.id, None)

    # Sockets

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket until it closes."""
        ws = web.WebSocketResponse(max_msg_size=1 << 20)
        await ws.prepare(request)
        socket = Socket(ws, request.transport, compressed=request.query.get("compress") == "zlib-stream")
        writer = asyncio.create_task(socket.write())
        self.sockets.add(socket)
        try:
            fault = await self._serve(socket)
        finally:
            socket.end()
            await writer
            self.sockets.discard(socket)
            self._leave(socket)
        if fault is not None:
            self.closed.append((fault.code, fault.message))
            await socket.close(fault.code, fault.message)
        return ws

    async def _serve(self, socket: Socket) -> CloseSocket | None:
        """Obey the client until it goes, or breaks a rule."""
        socket.op(10, {"heartbeat_interval": self.settings.heartbeat // timedelta(milliseconds=1), "_trace": ["[]"]})
        sends: deque[float] = deque(maxlen=self.settings.gateway_sends.limit)
        patience = self.settings.heartbeat.total_seconds() * 1.5
        try:
            async for message in messages(socket.ws, patience):
                self._meter(sends)
                self._receive(socket, decoded(message, self.settings.gateway_bytes))
        except CloseSocket as fault:
            socket.closed_here = True
            return fault
        return None

    def _meter(self, sends: deque[float]) -> None:
        quota = self.settings.gateway_sends
        now = time.monotonic()
        if len(sends) == quota.limit and now - sends[0] < quota.window.total_seconds():
            raise CloseSocket(4008, "You are being rate limited.")
        sends.append(now)

    def _leave(self, socket: Socket) -> None:
        code = socket.ws.close_code
        session = socket.session
        if not socket.closed_here:
            self.closed.append((code, "by the client"))
        if session is None or session.socket is not socket:
            return
        session.socket = None
        session.left = self.world.now()
        if code in (NORMAL, 1001):  # the client says goodbye: Discord ends the session
            self.forget(session)

    # What a client says

    def _receive(self, socket: Socket, payload: Json) -> None:
        op, data = payload.get("op"), payload.get("d")
        if op == 1:
            self._heartbeat(socket)
        elif op == 2:
            self._identify(socket, mapping(data))
        elif op == 6:
            self._resume(socket, mapping(data))
        elif socket.session is None:
            raise CloseSocket(4003, "Not authenticated.")
        elif op == 8:
            self._request_members(socket.session, mapping(data))
        elif op not in (3, 4):
            raise CloseSocket(4001, "Unknown opcode.")

    def _heartbeat(self, socket: Socket) -> None:
        socket.heartbeats += 1
        if self.acknowledge:
            socket.op(11)

    def _identify(self, socket: Socket, data: Json) -> None:
        if socket.session is not None:
            raise CloseSocket(4005, "Already authenticated.")
        self._check_token(data)
        shard, intents = self._shard(data), self._intents(data)
        if not self._may_identify():
            socket.op(9, False)  # noqa: FBT003 - the payload is a boolean
            return
        session = Session(
            id=secrets.token_hex(16),
            intents=intents,
            shard=shard,
            world=self.world,
            buffer=deque(maxlen=self.settings.replay_buffer),
            socket=socket,
        )
        self.sessions[session.id] = socket.session = session
        self._greet(socket.session)

    def _check_token(self, data: Json) -> None:
        token = self.world.application.token
        if token is None or str(data.get("token", "")).removeprefix("Bot ") != token:
            raise CloseSocket(4004, "Authentication failed.")

    @staticmethod
    def _shard(data: Json) -> tuple[int, int]:
        match data.get("shard", [0, 1]):
            case [int(number), int(count)] if 0 <= number < count:
                return number, count
        raise CloseSocket(4010, "Invalid shard.")

    def _intents(self, data: Json) -> int:
        intents = data.get("intents")
        if not isinstance(intents, int) or intents < 0 or intents >= 1 << 26:
            raise CloseSocket(4013, "Invalid intent(s).")
        if intents & PRIVILEGED & ~self.world.application.privileged:
            raise CloseSocket(4014, "Disallowed intent(s).")
        return intents

    def _may_identify(self) -> bool:
        """Spends one of the day's session starts; the last one too many resets the token."""
        last = self.identifies[-self.settings.max_concurrency] if self.identifies else float("-inf")
        self.identifies.append(time.monotonic())
        if self.identifies_left <= 0:
            self.world.application.token = None
            raise CloseSocket(4004, "Authentication failed.")
        self.identifies_left -= 1
        if self.refuse_identifies > 0:
            self.refuse_identifies -= 1
            return False
        return self.identifies[-1] - last >= self.settings.identify_pause.total_seconds()

    def _greet(self, session: Session) -> None:
        mine = [guild for guild in self.world.guilds.values() if self._is_mine(session, guild)]
        session.dispatch("READY", ready(self.world, session, mine))
        for guild in mine:
            if not guild.unavailable and session.intents & GUILDS:
                session.dispatch(
                    "GUILD_CREATE", guild_create(self.world, guild, session.intents, self.settings.large_guild)
                )

    def _is_mine(self, session: Session, guild: Guild) -> bool:
        return self.world.me.id in guild.members and (guild.id >> 22) % session.shard[1] == session.shard[0]

    def _resume(self, socket: Socket, data: Json) -> None:
        self._check_token(data)
        self.resumes += 1
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int) or not self._can_resume(session, sequence):
            if session is not None:
                self.forget(session)
            socket.op(9, False)  # noqa: FBT003 - the payload is a boolean
            return
        session.socket, socket.session = socket, session
        session.left = None
        session.resumes += 1
        session.replay(sequence - self.replay_extra)
        session.dispatch("RESUMED", {"_trace": ["[]"]})
        if self.drop_after_resume:
            raise CloseSocket(4000, "Unknown error.")

    def _can_resume(self, session: Session, sequence: int) -> bool:
        if sequence > session.sequence:
            raise CloseSocket(4007, "Invalid seq.")
        if self.refuse_resumes > 0:
            self.refuse_resumes -= 1
            return False
        gap = self.world.now() - (session.left or self.world.now())
        return gap <= self.settings.resumable_for and session.can_replay(sequence)

    def _request_members(self, session: Session, data: Json) -> None:
        guild = self.world.guilds.get(int(data.get("guild_id", 0)))
        wants_all = data.get("query") == "" and not data.get("limit")
        if guild is None or (wants_all and not session.intents & GUILD_MEMBERS):
            return
        for chunk in chunks(guild, data, render.full_member):
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
