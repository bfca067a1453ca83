"""What all kinds of rules share: their common settings, and what they give."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from bot.core.evidence import Span

MAX_QUOTE = 80


class RuleSettings(BaseModel):
    """The keys that every rule has; `kind` tells one from the other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(default="rule", description="What moderators call it.")
    score: float = Field(default=1.0, ge=0, le=1, description="How certain a match is, from 0 to 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that a rule found: the words, where they stand, and a sentence for moderators.

    `wave` names the wave of messages that this one belongs to; where this one makes it a wave, `earlier` are the ids of
    those before. However certain the rule is, this hit weighs `at_most`.
    """

    quote: str = ""
    why: str = ""
    span: Span | None = None
    wave: str = ""
    earlier: tuple[str, ...] = ()
    at_most: float = 1.0
