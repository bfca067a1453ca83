"""How fast we may ask: what Discord said of its limits, so that no request is sent into one."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# A little below Discord's 50 a second, because its second begins at another moment than ours.
REQUESTS_A_SECOND = 45
MAX_ROUTES = 10_000
_PARTS = re.compile(r"(?<=/)(?:\d+|@original)(?=/|$)")


@dataclass(slots=True)
class _Bucket:
    remaining: float = math.inf
    resets_at: float = 0.0


def route_of(method: str, path: str) -> str:
    """Requests with one route share a limit: the same method and path within one channel, server or webhook."""
    _, kind, *rest = path.split("/")
    major = 2 if kind == "webhooks" else 1
    tail = "/".join(rest[major:])
    tail = re.sub(r"reactions/[^/]+", "reactions/:emoji", tail)
    return f"{method} /{kind}/{'/'.join(rest[:major])}" + _PARTS.sub(":id", f"/{tail}")


class Pace:
    """The limits of one account. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._names: dict[str, str] = {}
        self._all = _Bucket()
        self._recent: deque[float] = deque(maxlen=REQUESTS_A_SECOND)

    def wait_s(self, route: str, *, counted: bool = True) -> float:
        """For how long the request must not be sent; `counted` towards the limit of all requests."""
        now = self._clock()
        bucket = self._bucket(route)
        waits = [bucket.resets_at - now] if bucket.remaining <= 0 else []
        if counted:
            waits.append(self._all.resets_at - now)
            waits += [self._recent[0] + 1 - now] if len(self._recent) == REQUESTS_A_SECOND else []
        return max(0.0, *waits) if waits else 0.0

    def sent(self, route: str, *, counted: bool = True) -> None:
        """A request goes out."""
        bucket = self._bucket(route)
        if bucket.resets_at <= self._clock():
            bucket.remaining = math.inf
        bucket.remaining -= 1
        if counted:
            self._recent.append(self._clock())

    def learn(self, route: str, headers: Mapping[str, str]) -> None:
        """Take over what an answer says of the limit; answers overtake each other, so the lower count holds."""
        name = headers.get("X-RateLimit-Bucket", "")
        remaining, after = (
            _number(headers.get("X-RateLimit-Remaining")),
            _number(headers.get("X-RateLimit-Reset-After")),
        )
        if not name or remaining is None or after is None:
            return
        if len(self._names) >= MAX_ROUTES:
            self._names.clear()
            self._buckets.clear()
        self._names[route] = f"{name} {' '.join(route.split('/')[1:3])}"
        bucket = self._bucket(route)
        fresh = bucket.resets_at <= self._clock()
        bucket.remaining = remaining if fresh else min(bucket.remaining, remaining)
        bucket.resets_at = self._clock() + after

    def refused(self, route: str, retry_after: float, *, everywhere: bool) -> None:
        """It was one too many: nothing more until then, `everywhere` or on this route."""
        bucket = self._all if everywhere else self._bucket(route)
        bucket.remaining, bucket.resets_at = 0, self._clock() + retry_after

    def _bucket(self, route: str) -> _Bucket:
        return self._buckets.setdefault(self._names.get(route, route), _Bucket())


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None
