"""Newcomers: what somebody who has just joined should wait with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Links, files or mentions by members who have just joined."
_YEAR: Final = timedelta(days=366)


class NewcomerRule(RuleSettings):
    """Links, files or mentions by members who joined a short while ago."""

    kind: Literal["newcomers"] = Field(default="newcomers", description=HELP)
    label: str = Field(default="newcomer", description="What moderators call it.")
    score: float = Field(default=0.9, ge=0, le=1, description="How certain a match is, from 0 to 1.")
    younger: timedelta = Field(default=timedelta(days=1), gt=timedelta(0), le=_YEAR, description="Members for less.")
    links: bool = Field(default=True, description="Whether they should not post links.")
    files: bool = Field(default=True, description="Whether they should not post files.")
    mentions: int = Field(default=3, ge=0, le=1000, description="How many mentions are fine.")


def find(rule: NewcomerRule, seen: Seen) -> Iterator[Hit]:
    """What is too early; whoever the platform does not tell the arrival of is no newcomer."""
    joined = seen.message.who.joined_at
    if joined is None or seen.message.at - joined >= rule.younger:
        return
    if rule.links:
        yield from (
            Hit(quote=link.written[:MAX_QUOTE], why=text_rules.NEWCOMER_LINK, span=link.span) for link in seen.links
        )
    if rule.files and seen.message.attachments:
        yield Hit(quote=seen.message.attachments[0].name[:MAX_QUOTE], why=text_rules.NEWCOMER_FILE)
    if seen.message.mentions > rule.mentions:
        yield Hit(why=text_rules.mentioned_many(seen.message.mentions))
