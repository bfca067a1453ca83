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
# How soon to look again whether what is under way was answered.
ANSWER_S = 0.02
_PARTS = re.compile(r"(?<=/)(?:\d+|@original)(?=/|$)")


@dataclass(slots=True)
class _Bucket:
    """A limit; until Discord tells of it, one request at a time finds out. `flying` ones are not answered yet."""

    limit: float = 1
    remaining: float = 0
    resets_at: float = 0.0
    flying: int = 0

    def wait_s(self, now: float) -> float:
        """For how long nothing may go out."""
        if self.resets_at > now:
            return 0.0 if self.remaining > 0 else self.resets_at - now
        # A window begins with the first answer in it.
        return 0.0 if self.flying < self.limit else ANSWER_S


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
        self._held_until = 0.0
        self._recent: deque[float] = deque(maxlen=REQUESTS_A_SECOND)

    @property
    def routes(self) -> int:
        """How many limits are remembered."""
        return len(self._buckets)

    def wait_s(self, route: str, *, counted: bool = True) -> float:
        """For how long the request must not be sent; `counted` towards the limit of all requests."""
        now = self._clock()
        waits = [self._bucket(route).wait_s(now)]
        if counted:
            waits.append(self._held_until - now)
            waits += [self._recent[0] + 1 - now] if len(self._recent) == REQUESTS_A_SECOND else []
        return max(0.0, *waits)

    def sent(self, route: str, *, counted: bool = True) -> None:
        """A request goes out; `landed` must follow."""
        bucket = self._bucket(route)
        bucket.flying += 1
        bucket.remaining -= 1
        if counted:
            self._recent.append(self._clock())

    def landed(self, route: str, headers: Mapping[str, str]) -> None:
        """It was answered, or never will be; take over what the answer says of the limit."""
        self._bucket(route).flying -= 1
        name, limit = headers.get("X-RateLimit-Bucket", ""), _number(headers.get("X-RateLimit-Limit"))
        remaining, after = (
            _number(headers.get("X-RateLimit-Remaining")),
            _number(headers.get("X-RateLimit-Reset-After")),
        )
        if name and limit is not None and remaining is not None and after is not None:
            bucket = self._named(route, name)
            fresh = bucket.resets_at <= self._clock()
            bucket.limit = max(1, limit)
            # Answers overtake each other, and what is under way may not be counted in this one.
            bucket.remaining = remaining - bucket.flying if fresh else min(bucket.remaining, remaining)
            bucket.resets_at = self._clock() + after

    def refused(self, route: str, retry_after: float, *, everywhere: bool) -> None:
        """It was one too many: nothing more until then, `everywhere` or on this route."""
        until = self._clock() + retry_after
        if everywhere:
            self._held_until = until
        else:
            bucket = self._bucket(route)
            bucket.remaining, bucket.resets_at = 0, until

    def _bucket(self, route: str) -> _Bucket:
        if len(self._buckets) >= MAX_ROUTES:
            self._forget()
        return self._buckets.setdefault(self._names.get(route, route), _Bucket())

    def _forget(self) -> None:
        """Let go of what is over; each interaction has a route of its own."""
        now = self._clock()
        kept = {name: bucket for name, bucket in self._buckets.items() if bucket.flying or bucket.resets_at > now}
        self._buckets = kept
        self._names = {route: name for route, name in self._names.items() if name in kept}

    def _named(self, route: str, name: str) -> _Bucket:
        """Routes share a limit of one name within a channel, server or webhook."""
        shared = f"{name} {' '.join(route.split('/')[1:3])}"
        if self._names.get(route) != shared:
            before = self._buckets.pop(route, _Bucket())
            self._names[route] = shared
            self._buckets.setdefault(shared, _Bucket()).flying += before.flying
        return self._buckets[shared]


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None
