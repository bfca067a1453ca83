"""Requests to Slack, and its refusals in our words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from bot.core.errors import RateLimited, Rejected, Revoked, Transient
from connectors.slack.reading import Json, mapping, objects, words

API = "https://slack.com/api/"
PATIENCE_S = 15.0
# A pause this short is not worth going back to the outbox for.
SHORT_S = 1.5
DEFAULT_PAUSE_S = 10.0
MAX_PAGES = 50
NO_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
ABSENT = frozenset(
    {
        "message_not_found",
        "channel_not_found",
        "user_not_found",
        "users_not_found",
        "thread_not_found",
        "user_not_visible",
    }
)
LATER = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "messaging_processing_failed",
        "timeout",
    }
)
SLOWER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
RENEW = (
    "Slack no longer accepts our token. Install the app again (api.slack.com/apps, Install App), "
    "set SLACK_BOT_TOKEN to the token it shows and start me again."
)
SENTENCES = {
    "not_in_channel": "I am not in that channel: invite me with /invite.",
    "is_archived": "That channel is archived.",
    "restricted_action": "The workspace’s settings do not let me do that there.",
    "cant_delete_message": "Slack does not let this account delete that message.",
    "cant_update_message": "I can only change what I said myself.",
    "cant_kick_from_general": "Nobody can be sent out of the workspace’s general channel.",
    "cannot_dm_bot": "They take no direct messages from me.",
    "user_disabled": "Their account is no longer active.",
    "msg_too_long": "That is too long for one message.",
    "invalid_name": "That is no reaction that Slack knows.",
}


class Refused(Rejected):
    """Slack said no; `code` is its own name for why."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotFound(Refused):
    """What was asked about does not exist, or not for us."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack answered; `scopes` are what the token may do."""

    content: Json
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Line:
    """The way to Slack's API, shared by all tokens; `sleep` and `clock` (seconds) are parameters for tests."""

    base: str = ""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where the API answers."""
        return (self.base.rstrip("/") or API.rstrip("/")) + "/"

    def session(self) -> aiohttp.ClientSession:
        """The connections, opened when first needed."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Let the connections go; the next request opens fresh ones."""
        session, self._session = self._session, None
        if session:
            await session.close()


@dataclass(slots=True)
class Wire:
    """One token. Whatever Slack asked to wait with is not asked again before that."""

    line: Line
    token: str
    _held: dict[str, float] = field(default_factory=dict)

    async def read(self, method: str, **query: str) -> Json:
        """Ask; raises `Transient`, `RateLimited`, `Rejected`, `Revoked`."""
        return (await self.ask(method, query=query)).content

    async def send(self, method: str, body: Json) -> Json:
        """Change something; raises as `read`."""
        return (await self.ask(method, body=body)).content

    async def pages(self, method: str, key: str, limit: int, **query: str) -> list[Json]:
        """All of a list that comes in pages; raises as `read`."""
        found: list[Json] = []
        cursor = ""
        for _ in range(MAX_PAGES):
            page = await self.read(method, **query, limit=str(limit), **({"cursor": cursor} if cursor else {}))
            found += objects(page.get(key))
            cursor = next_cursor(page)
            if not cursor:
                return found
        raise Rejected("There are too many of them to ask for.")

    async def ask(self, method: str, *, query: Mapping[str, str] | None = None, body: Json | None = None) -> Answer:
        """One request and its answer; raises as `read`."""
        await self._await_turn(method)
        try:
            status, headers, content = await self._exchange(method, query, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Transient(f"Slack did not answer: {type(error).__name__}") from error
        if status < 300 and content.get("ok") is True:  # noqa: PLR2004
            scopes = headers.get("x-oauth-scopes", "")
            return Answer(content, frozenset(filter(None, (scope.strip() for scope in scopes.split(",")))))
        refusal = _refusal(status, headers, content)
        if isinstance(refusal, RateLimited):
            self._held[method] = self.line.clock() + refusal.retry_after
        raise refusal

    async def respond(self, url: str, body: Json) -> None:
        """Answer an interaction at the address it came with; raises as `read`."""
        try:
            async with self.line.session().post(url, json=body) as response:
                status, headers = response.status, response.headers
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Transient(f"Slack did not answer: {type(error).__name__}") from error
        if status >= 300:  # noqa: PLR2004
            raise _refusal(status, headers, {"error": "used_url"} if status < 500 else {})  # noqa: PLR2004

    async def _await_turn(self, method: str) -> None:
        while (pause_s := self._held.get(method, 0.0) - self.line.clock()) > 0:
            if pause_s > SHORT_S:
                raise RateLimited(pause_s)
            await self.line.sleep(pause_s)

    async def _exchange(
        self, method: str, query: Mapping[str, str] | None, body: Json | None
    ) -> tuple[int, Mapping[str, str], Json]:
        headers = {"Authorization": f"Bearer {self.token}"}
        session, url = self.line.session(), self.line.url + method
        # What only reads takes no JSON.
        verb = "GET" if body is None else "POST"
        async with session.request(verb, url, params=query, json=body, headers=headers) as response:
            is_json = "json" in response.content_type
            content = mapping(await response.json()) if is_json else {}
            return response.status, response.headers, content


def next_cursor(page: Json) -> str:
    """Where the next page begins, '' on the last one."""
    return words(mapping(page.get("response_metadata")).get("next_cursor"))


def _refusal(status: int, headers: Mapping[str, str], content: Json) -> Transient | Rejected | Revoked:
    code = words(content.get("error"))
    if status == 429 or code in SLOWER:  # noqa: PLR2004
        return RateLimited(_pause_s(headers))
    if status >= 500 or code in LATER or not code:  # noqa: PLR2004
        return Transient(f"Slack answered {code or status}")
    if code in NO_TOKEN:
        return Revoked(RENEW)
    if code in ABSENT:
        return NotFound(f"Slack does not know it ({code}).", code)
    return Refused(_sentence(code, content), code)


def _sentence(code: str, content: Json) -> str:
    if code == "missing_scope":
        needed = words(content.get("needed"))[:100]
        return f"I lack the scope {needed}: install the app again from its manifest (parley slack manifest)."
    details = mapping(content.get("response_metadata")).get("messages")
    told = words(details[0])[:200] if isinstance(details, list) and details else ""
    return SENTENCES.get(code) or " ".join(filter(None, (f"Slack refused it ({code[:60]}).", told)))


def _pause_s(headers: Mapping[str, str]) -> float:
    told = headers.get("Retry-After", "")
    try:
        pause_s = float(told)
    except ValueError:
        return DEFAULT_PAUSE_S
    return pause_s if 0 < pause_s < float("inf") else DEFAULT_PAUSE_S
