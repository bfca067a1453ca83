"""Waiting for what another process does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 60.0
LOOK_S = 0.05


async def eventually(look: Callable[[], Awaitable[T | None]], patience_s: float = PATIENCE_S) -> T:
    """What `look` finds as soon as it finds anything true."""
    deadline = time.monotonic() + patience_s
    while not (found := await look()):
        assert time.monotonic() < deadline, f"not within {patience_s:.0f} s: {look.__qualname__}"
        await asyncio.sleep(LOOK_S)
    return found
