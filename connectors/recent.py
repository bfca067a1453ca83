"""What a connector remembers for a while: bounded, the oldest forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

REMEMBERED = 20_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value], Generic[Key, Value]):
    """A dictionary that forgets what was put first beyond `limit` entries."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        super().__init__()
        self._limit = limit

    def keep(self, key: Key, value: Value) -> None:
        """Put it in as the newest."""
        self.pop(key, None)
        self[key] = value
        while len(self) > self._limit:
            self.popitem(last=False)
