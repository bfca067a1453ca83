"""How strict and how fast the emulator is; the defaults are Discord's figures where Discord tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(slots=True, kw_only=True)
class Quota:
    """How many requests fit into a window."""

    limit: int
    window: timedelta


@dataclass(slots=True, kw_only=True)
class Settings:
    """May be changed while the emulator runs."""

    heartbeat: timedelta = timedelta(milliseconds=41250)
    # Discord wants 5 s between two IDENTIFYs; a test that restarts its bot has no time for that.
    identify_pause: timedelta = timedelta(0)
    identify_limit: int = 1000
    max_concurrency: int = 1
    shards: int = 1
    gateway_sends: Quota = field(default_factory=lambda: Quota(limit=120, window=timedelta(seconds=60)))
    gateway_bytes: int = 4096
    replay_buffer: int = 10_000
    resumable_for: timedelta = timedelta(minutes=3)
    large_guild: int = 250
    global_requests: Quota = field(default_factory=lambda: Quota(limit=50, window=timedelta(seconds=1)))
    invalid_requests: Quota = field(default_factory=lambda: Quota(limit=10_000, window=timedelta(minutes=10)))
    rate_limits: bool = True
    interaction_deadline: timedelta = timedelta(seconds=3)
    interaction_token: timedelta = timedelta(minutes=15)
    bulk_delete_age: timedelta = timedelta(days=14)
    nonce_memory: timedelta = timedelta(minutes=3)
    # Discord counts the votes of a poll that ended once more before it calls them final.
    poll_count: timedelta = timedelta(milliseconds=20)
