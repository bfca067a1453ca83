"""Rate limits per route, for everything together and for refused requests."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.emulators.discord.refusal import Json
from tests.emulators.discord.settings import Quota, Settings

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")
_ONE_S = timedelta(seconds=1)
# Seen on Discord, which does not document them and says to read the headers.
QUOTAS: dict[tuple[str, str], Quota] = {
    ("POST", "/channels/{channel_id}/messages"): Quota(limit=5, window=timedelta(seconds=5)),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): Quota(limit=5, window=timedelta(seconds=5)),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): Quota(limit=5, window=_ONE_S),
    ("POST", "/channels/{channel_id}/messages/bulk-delete"): Quota(limit=1, window=_ONE_S),
    ("POST", "/channels/{channel_id}/typing"): Quota(limit=5, window=timedelta(seconds=5)),
    ("PATCH", "/guilds/{guild_id}/members/{user_id}"): Quota(limit=10, window=timedelta(seconds=10)),
    ("DELETE", "/guilds/{guild_id}/members/{user_id}"): Quota(limit=5, window=timedelta(seconds=1)),
    ("POST", "/guilds/{guild_id}/auto-moderation/rules"): Quota(limit=5, window=timedelta(seconds=10)),
    ("POST", "/users/@me/channels"): Quota(limit=10, window=timedelta(seconds=10)),
    ("PUT", "/applications/{application_id}/commands"): Quota(limit=5, window=timedelta(seconds=20)),
    **{
        (method, "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): Quota(
            limit=1, window=timedelta(milliseconds=250)
        )
        for method in ("PUT", "DELETE")
    },
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Quota(limit=5, window=timedelta(seconds=2)),
}
OLD_EDITS = Quota(limit=3, window=timedelta(seconds=6))
ANYTHING_ELSE = Quota(limit=10, window=_ONE_S)
# Answers to interactions come in bursts that are not ours to slow down.
UNLIMITED = ("/interactions/", "/gateway")
WITHOUT_GLOBAL = ("/interactions/", "/webhooks/")


@dataclass(slots=True)
class Bucket:
    """Requests in the window that the first of them opened."""

    quota: Quota
    opened: float = 0.0
    used: int = 0

    def take(self, now: float) -> float:
        """Count one request; the seconds to wait if it does not fit, else 0."""
        window = self.quota.window.total_seconds()
        if now - self.opened >= window:
            self.opened, self.used = now, 0
        if self.used >= self.quota.limit:
            return max(window - (now - self.opened), 0.001)
        self.used += 1
        return 0.0

    def headers(self, name: str, now: float) -> dict[str, str]:
        left = max(self.quota.window.total_seconds() - (now - self.opened), 0.0)
        return {
            "X-RateLimit-Limit": str(self.quota.limit),
            "X-RateLimit-Remaining": str(self.quota.limit - self.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": name,
        }


class TooMany(Exception):
    """429, with what Discord says about it."""

    def __init__(
        self, retry_after: float, *, scope: str, headers: Mapping[str, str] | None = None, code: int = 0
    ) -> None:
        self.scope = scope
        self.retry_after = retry_after
        self.body: Json = {
            "message": f"{'The resource is' if scope == 'shared' else 'You are'} being rate limited.",
            "retry_after": round(retry_after, 3),
            "global": scope == "global",
            **({"code": code} if code else {}),
        }
        self.headers = {
            **(headers or {}),
            "Retry-After": str(int(retry_after) + 1),
            "X-RateLimit-Scope": scope,
            "Via": "1.1 google",
            **({"X-RateLimit-Global": "true"} if scope == "global" else {}),
        }
        super().__init__(f"{scope}, {retry_after} s")


class Banned(Exception):
    """Too many refused requests: the address is shut out, and what answers is not Discord's API."""


class RateLimits:
    """Everything that is counted."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._global = Bucket(settings.global_requests)
        self._invalid: deque[float] = deque()
        self.quotas = dict(QUOTAS)

    def set(self, method: str, template: str, *, limit: int, window: timedelta) -> None:
        """Replace a route's limit."""
        self.quotas[method, template] = Quota(limit=limit, window=window)

    def admit(self, method: str, template: str, parameters: Mapping[str, str], *, old_edit: bool) -> dict[str, str]:
        """The headers of the answer; raises `TooMany` or `Banned`."""
        now = time.monotonic()
        self._refuse_banned(now)
        if not self._settings.rate_limits or template.startswith(UNLIMITED):
            return {}
        if not template.startswith(WITHOUT_GLOBAL):
            self._global.quota = self._settings.global_requests
            if wait := self._global.take(now):
                raise TooMany(wait, scope="global")
        return self._take(method, template, parameters, old_edit=old_edit, now=now)

    def _take(
        self, method: str, template: str, parameters: Mapping[str, str], *, old_edit: bool, now: float
    ) -> dict[str, str]:
        name = hashlib.md5(f"{method}{template}{old_edit}".encode()).hexdigest()
        major = "/".join(parameters[each] for each in _MAJOR if each in parameters)
        quota = OLD_EDITS if old_edit else self.quotas.get((method, template), ANYTHING_ELSE)
        bucket = self._buckets.setdefault((name, major), Bucket(quota))
        bucket.quota = quota
        if wait := bucket.take(now):
            code = 30046 if old_edit else 0
            raise TooMany(wait, scope="user", headers=bucket.headers(name, now), code=code)
        return bucket.headers(name, now)

    def count_refusal(self, status: int, scope: str = "") -> None:
        """Remember an answer that Discord holds against an address."""
        if status in (401, 403, 429) and scope != "shared":
            self._invalid.append(time.monotonic())

    def _refuse_banned(self, now: float) -> None:
        quota = self._settings.invalid_requests
        while self._invalid and now - self._invalid[0] > quota.window.total_seconds():
            self._invalid.popleft()
        if len(self._invalid) >= quota.limit:
            raise Banned
