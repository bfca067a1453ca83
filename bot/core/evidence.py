"""Why a decision was taken: what was found, and which policy and model said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What a moderator may decide; GONE closes a case whose message somebody else took away."""

    APPROVE = "approve"
    REMOVE = "remove"
    WARN = "warn"
    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` to `end` of the text of one surface, by its number."""

    surface: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found; `score` from 0 (harmless) to 1 (certain), `quote` the words that matched.

    `why` explains it to moderators, `span` is where it stands in what was written, and `wave` names the wave of
    messages that it belongs to; with the message that makes it a wave, `earlier` are the ids of those before it.
    """

    rule: str
    label: str
    score: float
    quote: str = ""
    why: str = ""
    span: Span | None = None
    wave: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a decision was taken, enough to take it again.

    `policy` and `model` are versions; `mode` is the mode at the time; `note` a sentence for moderators. `features` are
    what a model and its calibration went by, kept where people will decide. `audit` is "passed" or "acted" where the
    message was drawn as a check.
    """

    findings: tuple[Finding, ...] = ()
    score: float = 0.0
    policy: str = ""
    model: str = ""
    mode: str = ""
    note: str = ""
    features: tuple[tuple[str, float], ...] = ()
    audit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An author's history in one community, in messages."""

    judged: int = 0
    removed: int = 0
    asked: int = 0
