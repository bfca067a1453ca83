"""A case: one message that waits for a moderator, or was decided by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.core.action import Effect
    from bot.core.address import Address
    from bot.core.event import Author


class Decision(StrEnum):
    """What a moderator may decide."""

    APPROVE = "approve"
    REMOVE = "remove"
    WARN = "warn"
    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found; `score` from 0 (harmless) to 1 (certain), `quote` the words that matched."""

    rule: str
    label: str
    score: float
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a decision was taken, enough to take it again.

    `policy` and `model` are versions; `mode` is the mode at the time; `note` a sentence for moderators.
    """

    findings: tuple[Finding, ...] = ()
    score: float = 0.0
    policy: str = ""
    model: str = ""
    mode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An author's history in one community, in messages."""

    judged: int = 0
    removed: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What moderators see. `decision` is None while it is open; `card_id` is '' until its card is shown."""

    number: int
    where: Address
    message_id: str
    event_key: str
    event_hash: str
    author: Author
    quote: str
    evidence: Evidence
    opened_at: datetime
    proposal: tuple[Effect, ...] = ()
    reporters: tuple[str, ...] = ()
    room: Address | None = None
    card_id: str = ""
    problem: str = ""
    decision: Decision | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
