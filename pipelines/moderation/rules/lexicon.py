"""Lexicons that come with Parley: profanity, a label of its own and by itself no ground to ask anybody."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import re2
from pydantic import Field

from pipelines.moderation.rules.base import RuleSettings
from pipelines.moderation.rules.words import AFTER, BEFORE, whole_words

HELP: Final = "Words of a list that comes with Parley."


class LexiconRule(RuleSettings):
    """Words of a list that comes with Parley; swearing is no attack, so by itself it asks nobody."""

    kind: Literal["lexicon"] = Field(default="lexicon", description=HELP)
    list_: Literal["profanity"] = Field(default="profanity", alias="list", description="Which list.")
    label: str = Field(default="profanity", description="What moderators call it.")
    score: float = Field(default=0.3, ge=0, le=1, description="How much a match weighs, from 0 to 1.")


def expression(rule: LexiconRule) -> str:
    """The list as one RE2 expression; innocent phrases with such a word match too, without the group `WORDS`."""
    innocent = "|".join(re2.escape(phrase).replace(r"\ ", r"[\s_-]+") for phrase in _words("innocent"))
    return f"{BEFORE}(?:{innocent}){AFTER}|{whole_words(_words(rule.list_), forms=True)}"


@cache
def _words(name: str) -> tuple[str, ...]:
    data = tomllib.loads(files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8"))
    return tuple(data[name])
