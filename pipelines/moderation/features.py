"""What a community's own judgement is learned from: log odds by label, and a few plain facts of the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from bot.core.event import Message
from bot.core.ports import Scores
from pipelines.moderation.bands import TOXICITY
from pipelines.moderation.counts import log_odds
from pipelines.moderation.identity import identities, swearing
from pipelines.moderation.normalise import normalise
from pipelines.moderation.speech import denied, of_oneself, quoted, reported

# By name, in the order of `features`; as evidence keeps them.
Features: TypeAlias = tuple[tuple[str, float], ...]

_DIGITS: Final = 4
_MOST_SIGNS: Final = 5
_TEXT: Final = "text."


def features(scores: Scores, message: Message) -> Features:
    """Log odds of toxicity and of every label, then what the text looks like; all numbers are finite."""
    return (*_odds(scores), *_looks(message.text))


def odds(found: Features) -> Mapping[str, float]:
    """The model's log odds among them, by label."""
    return {name: value for name, value in found if not name.startswith(_TEXT)}


def readable(label: str) -> str:
    """The model's name of a label as people read it."""
    return label.replace("_", " ")


def _odds(scores: Scores) -> Features:
    each = {TOXICITY: scores.toxic, **{readable(label): score for label, score in scores.labels.items()}}
    return tuple((label, round(log_odds(score), _DIGITS)) for label, score in each.items())


def _looks(text: str) -> Features:
    plain = normalise(text)
    letters = [char for char in text if char.isalpha()]
    capitals = sum(map(str.isupper, letters)) / len(letters) if letters else 0.0
    facts = {
        "words": min(len(plain.split()), 100) / 10,
        "capitals": capitals,
        "exclaims": min(text.count("!"), _MOST_SIGNS),
        "link": "://" in text,
        "identity": identities().within(plain),
        "swearing": swearing().within(plain),
        "quoted": quoted(text),
        "reported": reported(text),
        "denied": denied(text),
        "of oneself": of_oneself(text),
    }
    return tuple((_TEXT + name, round(float(value), _DIGITS)) for name, value in facts.items())
