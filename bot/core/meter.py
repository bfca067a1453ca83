"""What is counted of the path while it runs: a seam, so that the path knows nothing of who counts."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from bot.core.settlement import Settlement


class Went(StrEnum):
    """How an attempt to deliver went."""

    DONE = "done"
    POSTPONED = "postponed"
    REFUSED = "refused"


class Meter(Protocol):
    """Told of everything that moves along the path; never raises, never waits."""

    def heard(self, platform: str, events: int) -> None:
        """A connector handed over events, known ones included."""

    def settled(self, settlement: Settlement) -> None:
        """Everything that one event or job caused was written."""

    def decided(self, seconds: float) -> None:
        """So long an event took in the now lane, from accepted to written."""

    def delivered(self, platform: str, effect: str, went: Went) -> None:
        """One attempt at an effect, named by its class."""

    def scored(self, texts: int, seconds: float, *, failed: bool) -> None:
        """The local model was asked once."""

    def stalled(self, seconds: float) -> None:
        """The event loop came so much later than it should have."""


class Unmetered:
    """Counts nothing."""

    def heard(self, platform: str, events: int) -> None:
        """Let it pass."""

    def settled(self, settlement: Settlement) -> None:
        """Let it pass."""

    def decided(self, seconds: float) -> None:
        """Let it pass."""

    def delivered(self, platform: str, effect: str, went: Went) -> None:
        """Let it pass."""

    def scored(self, texts: int, seconds: float, *, failed: bool) -> None:
        """Let it pass."""

    def stalled(self, seconds: float) -> None:
        """Let it pass."""
