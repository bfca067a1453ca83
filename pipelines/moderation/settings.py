"""The section `moderation`; every key can also be set for a community or a channel."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.address import Address

# Calendars end: a clock plus a span that nobody means must not overflow.
LONGEST = timedelta(days=366)


class Mode(StrEnum):
    """Who presses the button."""

    MANUAL = "manual"
    SEMI = "semi"
    AUTO = "auto"
    SHADOW = "shadow"


def _pattern(text: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(text, options)
    except re2.error as error:
        raise ValueError(f"the pattern cannot be used: {_reason(error)}, so write it in RE2’s syntax") from error
    if text and pattern.search(""):
        raise ValueError("the pattern also matches nothing at all, so it would find every message")
    return text


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _address(text: str) -> str:
    if text:
        Address.parse(text)
    return text


class Rule(BaseModel):
    """Words or an RE2 pattern that are looked for in everything a reader can see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...] = Field(default=(), description="Whole words or phrases, in any letter case.")
    pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        default="", description="An RE2 pattern; letter case is ignored."
    )
    label: str = Field(default="rule", description="What moderators call it.")
    score: float = Field(default=1.0, ge=0, le=1, description="How certain a match is, from 0 to 1.")

    @model_validator(mode="after")
    def _looks_for_something(self) -> Rule:
        if not (self.pattern or any(word.strip() for word in self.words)):
            raise ValueError("a rule needs words or a pattern")
        return self


class ModerationSettings(BaseModel):
    """How a room is kept safe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        default=Mode.SEMI,
        description=(
            "manual: every message waits for a moderator. semi: what is found becomes a card, nothing happens "
            "without a press. auto: acts where sure, asks where doubtful. shadow: only writes down what auto would do."
        ),
    )
    review_room: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        description="Where cards for moderators appear: an address, PLATFORM/COMMUNITY/CHANNEL by their ids.",
    )
    sure: float = Field(default=0.99, ge=0, le=1, description="From this score on, auto mode acts by itself.")
    doubtful: float = Field(default=0.8, ge=0, le=1, description="From this score on, moderators are asked.")
    model: bool = Field(default=True, description="Whether the local model takes part; rules always do.")
    tell_author: bool = Field(default=True, description="Whether authors are told why a message was removed.")
    timeout: timedelta = Field(
        default=timedelta(hours=1), gt=timedelta(0), le=LONGEST, description="How long a timeout lasts."
    )
    remind_after: timedelta = Field(
        default=timedelta(hours=24),
        ge=timedelta(0),
        le=LONGEST,
        description="When moderators are reminded of open cases; 0s means never.",
    )
    rules: dict[str, Rule] = Field(default_factory=dict, description="Rules by their id.")

    @model_validator(mode="after")
    def _asks_before_it_acts(self) -> ModerationSettings:
        if self.doubtful > self.sure:
            raise ValueError("doubtful must not be above sure")
        return self
