"""What moderators' decisions teach, and what was learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.evidence import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a moderator said about one revision of a message that a machine had judged.

    `features` are those of the evidence, none where no model took part; `audit` is "passed" or "acted" for a check.
    """

    event_key: str
    community: str
    model: str
    features: tuple[tuple[str, float], ...]
    decision: Decision
    audit: str
    at: datetime

    @property
    def abuse(self) -> bool:
        """Whether it was right to find something."""
        return self.decision is not Decision.APPROVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """One calibration of a community as it is kept: never changed, only followed by another.

    `model` is the version it was learned for, `content` belongs to moderation. `number` is 0 before it is kept.
    """

    community: str
    model: str
    content: str
    at: datetime
    number: int = 0
