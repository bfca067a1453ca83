"""Requests to Discord, and its refusals in our words.

discord.py's own requests are not used: they sleep where we would rather do something else first, repeat on errors
for half a minute, and send `flags: 0` with every edit, which lets suppressed embeds come back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.core.errors import RateLimited, Rejected, Revoked, Transient
from connectors.discord.limits import MAX_REASON
from connectors.discord.pace import Pace, route_of
from connectors.discord.reading import Json, decode, encode, mapping, objects, whole, words

API = "https://discord.com/api/v10"
AGENT = "DiscordBot (parley, 1)"
PATIENCE_S = 15.0
# A pause this short is not worth going back to the outbox for.
SHORT_S = 1.5
DEFAULT_PAUSE_S = 5.0
NO_ACCESS, NO_PERMISSION, NO_DIRECT_MESSAGES, BAD_WEBHOOK = 50001, 50013, 50007, 50027
RENEW = (
    "Discord no longer accepts our token. Reset it in the developer portal (Bot, Reset Token), "
    "set DISCORD_TOKEN to it and start me again."
)


class Refused(Rejected):
    """Discord said no; `code` is its own name for why."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class NotFound(Refused):
    """What was asked about does not exist, or not for us."""


class Unreachable(Refused):
    """The member takes no direct messages from us."""


def path(*segments: str) -> str:
    """A path of the API; ids may hold any character."""
    return "/" + "/".join(quote(segment, safe="@:", errors="replace") for segment in segments)


class Wire:
    """One account. `clock` counts seconds; it and `sleep` are parameters so that tests need not wait."""

    def __init__(
        self,
        base: str,
        token: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base = base.rstrip("/") or API
        self._token = token
        self._sleep = sleep
        self._pace = Pace(clock)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, where: str, query: Mapping[str, str] | None = None, *, power: str = "") -> Json:
        """Read; `power` is what we lack, in words, if that is forbidden. Raises `Transient`, `Rejected`, `Revoked`."""
        return mapping(await self._ask("GET", where, query=query, power=power))

    async def get_all(self, where: str, query: Mapping[str, str] | None = None, *, power: str = "") -> list[Json]:
        """Read a list of objects; raises as `get`."""
        return objects(await self._ask("GET", where, query=query, power=power))

    async def send(self, method: str, where: str, body: object = None, *, reason: str = "", power: str = "") -> Json:
        """Change something; `reason` goes into the server's audit log. Raises as `get`."""
        return mapping(await self._ask(method, where, body, reason=reason, power=power))

    async def close(self) -> None:
        """Let the connections go; the next request opens fresh ones."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _ask(
        self,
        method: str,
        where: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        reason: str = "",
        power: str = "",
    ) -> object:
        route, counted = route_of(method, where), not where.startswith(("/interactions/", "/webhooks/"))
        await self._await_turn(route, counted=counted)
        self._pace.sent(route, counted=counted)
        headers: Mapping[str, str] = {}
        try:
            status, headers, content = await self._exchange(method, where, body, query, reason)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Transient(f"Discord did not answer: {type(error).__name__}") from error
        finally:
            self._pace.landed(route, headers)
        if status < 300:  # noqa: PLR2004
            return content
        found = _refusal(status, headers, mapping(content), power)
        if isinstance(found, RateLimited):
            everywhere = mapping(content).get("global") is True
            self._pace.refused(route, found.retry_after, everywhere=everywhere)
        raise found

    async def _await_turn(self, route: str, *, counted: bool) -> None:
        while (pause_s := self._pace.wait_s(route, counted=counted)) > 0:
            if pause_s > SHORT_S:
                raise RateLimited(pause_s)
            await self._sleep(pause_s)

    async def _exchange(
        self, method: str, where: str, body: object, query: Mapping[str, str] | None, reason: str
    ) -> tuple[int, Mapping[str, str], object]:
        headers = {"Authorization": f"Bot {self._token}", "User-Agent": AGENT}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if reason:
            headers["X-Audit-Log-Reason"] = quote(reason[:MAX_REASON], safe="/ ", errors="replace")
        session = self._opened()
        data = None if body is None else encode(body)
        where_to = URL(self._base + where, encoded=True)
        async with session.request(method, where_to, data=data, params=query, headers=headers) as response:
            raw = await response.read()
            return response.status, response.headers, decode(raw) if raw else {}

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=PATIENCE_S), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _refusal(status: int, headers: Mapping[str, str], content: Json, power: str) -> Transient | Rejected | Revoked:
    code = whole(content.get("code"))
    if status == 401 and code != BAD_WEBHOOK:  # noqa: PLR2004
        return Revoked(RENEW)
    if status == 429:  # noqa: PLR2004
        return RateLimited(_pause_s(content, headers))
    if status >= 500 or status == 408:  # noqa: PLR2004
        return Transient(f"Discord answered {status}")
    if status == 404:  # noqa: PLR2004
        return NotFound(f"Discord does not know it ({code}).", code)
    return _rejection(code, words(content.get("message"))[:200], power)


def _rejection(code: int, said: str, power: str) -> Refused:
    match code:
        case 50001:
            return Refused("I cannot see that channel: let me view it.", code)
        case 50013 if power:
            return Refused(f"I lack the permission {power}, or my role stands below theirs.", code)
        case 50007:
            return Unreachable("They take no direct messages from me.", code)
        case _:
            return Refused(f"Discord refused it ({code}): {said}", code)


def _pause_s(content: Json, headers: Mapping[str, str]) -> float:
    told = content.get("retry_after")
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 < told < float("inf"):
        return float(told)
    header = headers.get("Retry-After", "")
    return float(header) if header.isascii() and header.isdigit() and header.strip("0") else DEFAULT_PAUSE_S
