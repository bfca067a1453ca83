"""The section `moderation`; every key can also be set for a community or a channel."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.address import Address
from pipelines.moderation.band_settings import BandSettings
from pipelines.moderation.model_settings import ModelSettings
from pipelines.moderation.rules.kinds import Rule
from pipelines.moderation.rules.presets import Preset

# Calendars end: a clock plus a span that nobody means must not overflow.
LONGEST = timedelta(days=366)


class Mode(StrEnum):
    """Who presses the button."""

    MANUAL = "manual"
    SEMI = "semi"
    AUTO = "auto"
    SHADOW = "shadow"


class WavePenalty(StrEnum):
    """What happens to the authors of a wave besides."""

    NONE = "none"
    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"


def _address(text: str) -> str:
    if text:
        Address.parse(text)
    return text


def _rule_id(name: str) -> str:
    if not name or "." in name or name != name.strip():
        raise ValueError(f"“{name}” cannot name a rule: use letters, digits and dashes, as in hidden-links")
    return name


class Moderators(BaseModel):
    """Who decides, and where they meet."""

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


class Lists(BaseModel):
    """Who is not welcome, as others say and as we do."""

    ban_lists: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(
        default=(),
        description="Lists of bans that are followed, by their addresses: whom one names is banned, but in shadow "
        "mode. “watch” shows what that would mean before it is done.",
    )
    own_list: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        description="The list that bans here are written to and that all of the community follows; lifting a ban "
        "takes the name off it.",
    )


class ModerationSettings(BandSettings, ModelSettings, Lists, Moderators):
    """How a room is kept safe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tell_author: bool = Field(default=True, description="Whether authors are told why a message was removed.")
    timeout: timedelta = Field(
        default=timedelta(hours=1), gt=timedelta(0), le=LONGEST, description="How long a timeout lasts."
    )
    wave_penalty: WavePenalty = Field(
        default=WavePenalty.NONE,
        description=(
            "What happens to the authors of a wave besides its removal, where the place knows it; "
            "of many banned at once nobody is told."
        ),
    )
    remind_after: timedelta = Field(
        default=timedelta(hours=24),
        ge=timedelta(0),
        le=LONGEST,
        description="When moderators are reminded of open cases; 0s means never.",
    )
    preset: Preset = Field(
        default=Preset.NONE, description="Rules to begin with, for rooms of a kind; your own come on top."
    )
    rules: dict[Annotated[str, AfterValidator(_rule_id)], Rule] = Field(
        default_factory=dict, description="Rules by their id; one with the id of a preset’s rule replaces it."
    )

    @model_validator(mode="after")
    def _asks_before_it_acts(self) -> ModerationSettings:
        if self.doubtful is not None and self.sure is not None and self.doubtful > self.sure:
            raise ValueError("doubtful must not be above sure")
        return self
