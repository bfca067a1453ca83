"""Shouting: capitals, one emoji after the other, empty lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from bot.core.evidence import Span
from pipelines.moderation.normalise import shorten
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Long texts in capitals, many emoji, or many lines."


class ShoutingRule(RuleSettings):
    """Texts that are loud."""

    kind: Literal["shouting"] = Field(default="shouting", description=HELP)
    label: str = Field(default="shouting", description="What moderators call it.")
    score: float = Field(default=0.85, ge=0, le=1, description="How certain a match is, from 0 to 1.")
    capitals: float = Field(default=0.8, ge=0, le=1, description="From this share of capitals on.")
    letters: int = Field(default=30, ge=1, le=4000, description="In texts of at least so many letters.")
    emoji: int = Field(default=20, ge=1, le=4000, description="More emoji than this.")
    lines: int = Field(default=30, ge=1, le=4000, description="More lines than this.")


def find(rule: ShoutingRule, seen: Seen) -> Iterator[Hit]:
    """Each text that is loud."""
    for number, whole in enumerate(seen.texts):
        said = shorten(whole)
        if why := _loud(rule, said):
            yield Hit(
                quote=said[:MAX_QUOTE], why=why, span=Span(surface=number, start=0, end=min(len(whole), MAX_QUOTE))
            )


def _loud(rule: ShoutingRule, said: str) -> str:
    cased = [char for char in said if char.isupper() or char.islower()]
    if len(cased) >= rule.letters and sum(map(str.isupper, cased)) >= rule.capitals * len(cased):
        return text_rules.IN_CAPITALS
    if not said.isascii() and sum(unicodedata.category(char) == "So" for char in said) > rule.emoji:
        return text_rules.MANY_EMOJI
    return text_rules.MANY_LINES if said.count("\n") >= rule.lines else ""
