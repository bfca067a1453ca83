"""The part of the section `moderation` that says how sure Parley has to be."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, Field

from pipelines.moderation.bands import Aim

# What a rule of a given weight comes to where nobody set anything else.
ASKS_FROM: Final = 0.8
ACTS_FROM: Final = 0.99

Experimental: TypeAlias = Literal["threat", "sexual", "insult"]


class BandSettings(BaseModel):
    """Where asking and acting begin; to be joined by the rest of the section."""

    sure: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description=(
            "From this score on, auto mode acts by itself. Unset: rules from 0.99 on, the model where the evidence "
            "is good enough (see “parley bands”)."
        ),
    )
    doubtful: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description=(
            "From this score on, moderators are asked. Unset: rules from 0.8 on, the model from where `alarms` allows."
        ),
    )
    precision: float = Field(
        default=0.98,
        ge=0.5,
        lt=1,
        description=(
            "How often acting alone has to be right: auto mode acts on the model’s word only where the lower bound of "
            "that share is at least this. Elsewhere it asks."
        ),
    )
    alarms: float = Field(
        default=0.003, gt=0, le=0.5, description="At most this share of ordinary messages is put before moderators."
    )
    abuse_rate: float = Field(
        default=0.01,
        gt=0,
        le=0.5,
        description="The share of abuse among all messages that precision is stated for; calm rooms have less.",
    )
    asks: tuple[Experimental, ...] = Field(
        default=(), description="Experimental labels that may ask moderators: threat, sexual, insult. None ever acts."
    )
    audit_rate: float = Field(
        default=0.002,
        ge=0,
        le=1,
        description="The share of passed messages that moderators are shown as a check; 0: none.",
    )
    audit_rate_acted: float = Field(
        default=0.05, ge=0, le=1, description="The same for messages that were acted on without asking."
    )
    audits_a_day: int = Field(default=5, ge=0, le=1000, description="At most so many checks a day and community.")
    calibration: int = Field(
        default=0,
        ge=0,
        description="Which calibration holds; 0: only the shipped evidence. “parley calibrate” sets it.",
    )
    measured_since: datetime | None = Field(
        default=None, description="Checks decided before this no longer count against auto mode; set when it is left."
    )

    @property
    def asks_from(self) -> float:
        """The weight from which on a rule asks."""
        if self.doubtful is not None:
            return self.doubtful
        return ASKS_FROM if self.sure is None else min(ASKS_FROM, self.sure)

    @property
    def acts_from(self) -> float:
        """The weight from which on a rule acts in auto mode."""
        return max(self.asks_from, ACTS_FROM if self.sure is None else self.sure)

    @property
    def aim(self) -> Aim:
        """What the bands have to keep."""
        return Aim(precision=self.precision, alarms=self.alarms, abuse=self.abuse_rate)
