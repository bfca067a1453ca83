"""Answers homeservers that ask before they deliver: our module in Synapse, and policy servers' askers (MSC4284)."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot import text_gate
from bot.core.event import Message, MessageEdited, MessagePosted
from connectors.matrix.crypto.machine import is_sealed
from connectors.matrix.crypto.pdu import hash_fits, signed_part
from connectors.matrix.crypto.signing import SigningKey
from connectors.matrix.parse import parse
from connectors.matrix.raw import View
from connectors.matrix.reading import Json, decode, mapping

CHECK = "/_parley/v1/check"
SIGN = "/_matrix/policy/v1/sign"
KEY_ID = "ed25519:policy_server"
# An event may weigh 65,536 bytes; JSON can write it longer.
MAX_BODY_BYTES = 1_000_000
# So many are judged at a time; whoever comes after that is answered as if the deadline had passed.
AT_ONCE = 64
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What the gate asks: `view` is None for rooms that are not ours, `refusal` is '' for what may be said.

    After `deadline_s` a message passes if `fails_open`.
    """

    me: str
    view: Callable[[str], View | None]
    refusal: Callable[[Message], Awaitable[str]]
    deadline_s: float
    fails_open: bool


class Gate:
    """A server on `host` and `port`; 0 finds a free port. `secret` is what the module must show."""

    def __init__(self, guard: Guard, secret: str, key: SigningKey | None, space: str) -> None:
        self._guard = guard
        self._secret = secret
        self._key = key
        self._space = space
        self._under_way = 0
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post(CHECK, self._check)
        app.router.add_post(SIGN, self._sign)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def open(self, host: str, port: int) -> int:
        """Begin to answer; the port. Raises `OSError` when it is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def close(self) -> None:
        """Answer nobody any more."""
        await self._runner.cleanup()

    async def _check(self, request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "")
        if not self._secret or not hmac.compare_digest(shown.encode(), f"Bearer {self._secret}".encode()):
            return _error(401, "M_FORBIDDEN", "The secret is missing or wrong.")
        event = await _event(request)
        view = self._guard.view(str(event.get("room_id")))
        refusal = await self._refusal(event, view) if view else ""
        return web.json_response({"refusal": refusal})

    async def _sign(self, request: web.Request) -> web.Response:
        event = await _event(request)
        view = self._guard.view(str(event.get("room_id")))
        if self._key is None or view is None:
            return _error(404, "M_NOT_FOUND", text_gate.NOT_HERE)
        part = signed_part(event, view.room.version)
        if part is None:
            return _error(400, "M_BAD_JSON", text_gate.MALFORMED)
        if not hash_fits(event):
            return _error(400, "M_FORBIDDEN", text_gate.FORGED)
        if refusal := await self._refusal({**event, "event_id": "$asked"}, view):
            return _error(400, "M_FORBIDDEN", refusal)
        return web.json_response({self._space: {KEY_ID: self._key.signature(part)}})

    async def _refusal(self, event: Json, view: View) -> str:
        """'' for what may be said, and for what nobody but its readers can read."""
        if event.get("sender") == self._guard.me or "state_key" in event or is_sealed(event):
            return ""
        said = [one for one in parse(event, view) if isinstance(one, MessagePosted | MessageEdited)]
        refusal = await self._in_time(said[0]) if said else ""
        if refusal:
            log.info("refused_before_delivery", room=view.room.id, by=event.get("sender"))
        return refusal

    async def _in_time(self, message: Message) -> str:
        if self._under_way < AT_ONCE:
            self._under_way += 1
            try:
                return await asyncio.wait_for(self._guard.refusal(message), self._guard.deadline_s)
            except TimeoutError:
                log.warning("check_too_slow", deadline_s=self._guard.deadline_s, passes=self._guard.fails_open)
            finally:
                self._under_way -= 1
        return "" if self._guard.fails_open else text_gate.UNSURE


async def _event(request: web.Request) -> Json:
    """What is asked about; an empty object for what cannot be read."""
    try:
        return mapping(decode(await request.read()))
    except (ValueError, RecursionError):
        return {}


def _error(status: int, code: str, words: str) -> web.Response:
    return web.json_response({"errcode": code, "error": words}, status=status)
