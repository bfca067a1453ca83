"""Answers that go wrong because a test wants them to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True, kw_only=True)
class Fault:
    """What befalls the next `times` requests whose method and template match; empty ones match everything.

    `delay` makes the answer late. `status` replaces it: 429 is sent with `retry_after` and `scope`. With `cut` the
    connection ends without an answer. With `applied` the request is carried out first, as when only the answer is lost.
    """

    method: str = ""
    template: str = ""
    times: int = 1
    delay: timedelta = timedelta(0)
    status: int = 0
    retry_after: timedelta = timedelta(seconds=1)
    scope: str = "user"
    applied: bool = False
    cut: bool = False

    def matches(self, method: str, template: str) -> bool:
        return self.times > 0 and self.method in ("", method) and self.template in template


class Faults:
    """The faults that are still to happen, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def next(self, method: str, template: str) -> Fault | None:
        """The fault for a request, used up by it."""
        for fault in self._waiting:
            if fault.matches(method, template):
                fault.times -= 1
                return fault
        return None
