"""Floods: one member says more than a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import Hit, RuleSettings
from pipelines.moderation.rules.memory import LONGEST
from pipelines.moderation.rules.seen import Seen

HELP: Final = "One member sends more than so many messages within a time."


class FloodRule(RuleSettings):
    """More than so many messages of one member within a time."""

    kind: Literal["flood"] = Field(default="flood", description=HELP)
    label: str = Field(default="flood", description="What moderators call it.")
    most: int = Field(default=8, ge=1, le=60, description="So many messages are fine.")
    within: timedelta = Field(default=timedelta(seconds=10), gt=timedelta(0), le=LONGEST, description="In this time.")


def find(rule: FloodRule, seen: Seen) -> Iterator[Hit]:
    """The message that is one too many, and those after it."""
    since = seen.message.at - rule.within
    count = sum(since < at <= seen.message.at for at in seen.recent.pace)
    if count > rule.most:
        yield Hit(why=text_rules.flooded(count, rule.within))
