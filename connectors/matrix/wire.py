"""Requests to the homeserver, and its refusals in our words.

nio carries them, but its own methods are not used: they sleep and retry for ever on 429, spin on a revoked
token, and refuse a whole sync response for one malformed event.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import aiohttp

# nio ships no types.
from nio import AsyncClient  # type: ignore[import-untyped]

from bot.core.errors import RateLimited, Rejected, Revoked, Transient
from bot.core.surface import legible
from connectors.matrix.reading import Json, decode, encode, ident, mapping, objects, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE_S = 30.0
# What a homeserver that names no pause is given.
DEFAULT_PAUSE_S = 5.0
LOCKED_OUT = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED"})


class NotFound(Rejected):
    """What was asked about does not exist, or not for us."""


class Duplicate(Rejected):
    """The same reaction stands already."""


def path(*segments: str, version: str = "v3") -> str:
    """A path of the client API; ids may hold any character."""
    return f"/_matrix/client/{version}/" + "/".join(quote(segment, safe="", errors="replace") for segment in segments)


def admin_path(version: str, *segments: str) -> str:
    """A path of Synapse's API for administrators."""
    return f"/_synapse/admin/{version}/" + "/".join(quote(segment, safe="", errors="replace") for segment in segments)


def transaction(key: str) -> str:
    """The transaction id of a key: the same after a restart, and fit for a URL."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]


class Wire:
    """One account on one homeserver."""

    def __init__(self, homeserver: str, token: str) -> None:
        self._client = AsyncClient(homeserver.rstrip("/"))
        self._token = token

    async def get(
        self, where: str, query: Mapping[str, str] | None = None, *, patience_s: float = PATIENCE_S, power: str = ""
    ) -> Json:
        """Read; `power` is what we lack, in words, if that is forbidden. Raises `Transient`, `Rejected`, `Revoked`."""
        asked = f"{where}?{urlencode(query)}" if query else where
        return mapping(await self._ask("GET", asked, None, patience_s=patience_s, power=power))

    async def get_all(self, where: str) -> list[Json]:
        """Read a list of objects; raises as `get`."""
        return objects(await self._ask("GET", where, None, patience_s=PATIENCE_S, power=""))

    async def put(self, where: str, body: Json, *, power: str = "") -> Json:
        """Send or replace; raises as `get`."""
        return mapping(await self._ask("PUT", where, body, patience_s=PATIENCE_S, power=power))

    async def post(self, where: str, body: Json, *, power: str = "", patience_s: float = PATIENCE_S) -> Json:
        """Do; raises as `get`."""
        return mapping(await self._ask("POST", where, body, patience_s=patience_s, power=power))

    async def close(self) -> None:
        """Let the connections go; the next request opens fresh ones."""
        # nio's own `close` leaves the closing session in place for a moment, and requests then break in strange ways.
        session, self._client.client_session = self._client.client_session, None
        if session:
            await session.close()

    async def _ask(self, method: str, where: str, body: Json | None, *, patience_s: float, power: str) -> object:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else encode(body)
        try:
            response = await self._client.send(method, where, data, headers, timeout=patience_s)
            async with response:
                status, pause, answer = response.status, response.headers.get("Retry-After", ""), await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Transient(f"the homeserver did not answer: {type(error).__name__}") from error
        return _understood(status, pause, answer, power)


def _understood(status: int, pause: str, answer: bytes, power: str) -> object:
    try:
        content = decode(answer)
    except (ValueError, RecursionError) as error:
        # A proxy before the homeserver says what it has to say in HTML.
        raise Transient(f"the homeserver answered {status} with something that is no JSON") from error
    if status < 300:  # noqa: PLR2004
        return content
    raise _refusal(status, pause, mapping(content), power)


def _refusal(status: int, pause: str, content: Json, power: str) -> Transient | Rejected | Revoked:
    code = ident(content.get("errcode")) or "no error code"
    if code in LOCKED_OUT:
        return Revoked(
            f"The homeserver no longer accepts our access token ({code}): "
            "log the bot's account in again and set MATRIX_ACCESS_TOKEN to its token."
        )
    if status == 429 or code == "M_LIMIT_EXCEEDED":  # noqa: PLR2004
        return RateLimited(_pause_s(content, pause))
    if status >= 500 or status == 408:  # noqa: PLR2004
        return Transient(f"the homeserver answered {status} ({code})")
    return _rejection(status, code, _words(content), power)


def _rejection(status: int, code: str, words: str, power: str) -> Rejected:
    if code == "M_FORBIDDEN":
        return Rejected(f"I lack the power to {power}." if power else f"The homeserver forbids it: {words}")
    if code == "M_DUPLICATE_ANNOTATION":
        return Duplicate("The same reaction stands already.")
    if status == 404:  # noqa: PLR2004
        return NotFound(f"The homeserver does not know it ({code}).")
    return Rejected(f"The homeserver refused it ({code}): {words}")


def _pause_s(content: Json, header: str) -> float:
    pause_ms = whole(content.get("retry_after_ms"), 0)
    if pause_ms > 0:
        return pause_ms / 1000
    return float(header) if header.isascii() and header.isdigit() and header.strip("0") else DEFAULT_PAUSE_S


def _words(content: Json) -> str:
    return legible(content.get("error"))[:200]
