"""Mentions: a message that calls on many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import Hit, RuleSettings
from pipelines.moderation.rules.seen import Seen

HELP: Final = "A message mentions more than so many members or groups."


class MentionRule(RuleSettings):
    """More than so many mentions, as the platform counts them, in one message."""

    kind: Literal["mentions"] = Field(default="mentions", description=HELP)
    label: str = Field(default="mass mention", description="What moderators call it.")
    most: int = Field(default=5, ge=0, le=1000, description="So many mentions are fine.")


def find(rule: MentionRule, seen: Seen) -> Iterator[Hit]:
    """A message with more."""
    if seen.message.mentions > rule.most:
        yield Hit(why=text_rules.mentioned_many(seen.message.mentions))
