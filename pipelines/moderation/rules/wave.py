"""Waves: several members, or one in several channels, say nearly the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import Hit, RuleSettings
from pipelines.moderation.rules.memory import LONGEST, Copy
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Nearly the same text by several members or in several channels within a time."


class WaveRule(RuleSettings):
    """Nearly the same text by several members or in several channels."""

    kind: Literal["wave"] = Field(default="wave", description=HELP)
    label: str = Field(default="wave", description="What moderators call it.")
    members: int = Field(default=3, ge=2, le=500, description="From this many members on.")
    channels: int = Field(default=3, ge=2, le=500, description="Or from this many channels on.")
    within: timedelta = Field(default=timedelta(minutes=2), gt=timedelta(0), le=LONGEST, description="In this time.")


def find(rule: WaveRule, seen: Seen) -> Iterator[Hit]:
    """The message with which it becomes a wave, and those after it."""
    since = seen.message.at - rule.within
    copies = [copy for copy in seen.recent.copies if since < copy.at <= seen.message.at]
    if not _many(rule, copies):
        return
    members, channels = {copy.author for copy in copies}, {copy.place for copy in copies}
    why = text_rules.wave_of(len(copies), len(members), len(channels))
    begins = not _many(rule, copies[:-1])
    before = dict.fromkeys(copy.message_id for copy in copies if copy.message_id != seen.message.message_id)
    yield Hit(why=why, wave=seen.recent.group, earlier=tuple(before) if begins else ())


def _many(rule: WaveRule, copies: Sequence[Copy]) -> bool:
    members, channels = {copy.author for copy in copies}, {copy.place for copy in copies}
    return len(members) >= rule.members or len(channels) >= rule.channels
