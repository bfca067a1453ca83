"""The one thread that works with keys: nio binds its tables to a database for all threads at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

T = TypeVar("T")


async def in_keys_thread(work: Callable[[], T]) -> T:
    """Do it there, after what others asked for."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), work)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "matrix-keys")
