"""Waiting for what another task does."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

SOON = timedelta(seconds=10)


async def until(condition: Callable[[], object], *, within: timedelta = SOON) -> None:
    """Return once the condition holds; raises `TimeoutError`."""
    async with asyncio.timeout(within.total_seconds()):
        while not condition():  # noqa: ASYNC110 - the condition is the caller's
            await asyncio.sleep(0.005)
