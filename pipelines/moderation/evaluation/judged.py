"""What Parley would do about each message, decided as in a room: bands, doubts and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.core.address import Address
from bot.core.event import Author, Message, MessagePosted, Surface, SurfaceKind
from bot.core.surface import clip, legible
from pipelines.moderation.bands import Standing
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.doubts import doubts
from pipelines.moderation.opinion import Earned, Scored, weigh
from pipelines.moderation.readings import Readings

_BATCH: Final = 64
_WHERE: Final = Address("file", "evaluation", "rows")
_WHO: Final = Author("somebody", "Somebody")
_WHEN: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """The score for toxicity, what it comes to, and whether nothing speaks against acting on it `alone`."""

    toxic: float
    standing: Standing
    alone: bool


def judge(
    texts: Sequence[str], model: Scorer, earned: Earned, seen: Callable[[int], None] = lambda _: None
) -> Iterator[Judged]:
    """One a text, in order; `seen` is told how many more were judged."""
    for first in range(0, len(texts), _BATCH):
        chunk = texts[first : first + _BATCH]
        messages = [_message(text) for text in chunk]
        readings = [Readings.of(message, neutral=True) for message in messages]
        asked = list(dict.fromkeys(text for reading in readings for text in reading.texts))
        scores = dict(zip(asked, model.score(asked), strict=True))
        for message, reading in zip(messages, readings, strict=True):
            yield _judged(Scored(message=message, readings=reading, scores=scores), earned)
        seen(len(chunk))


def _judged(scored: Scored, earned: Earned) -> Judged:
    opinion = weigh(scored, earned)
    sure = opinion.standing is Standing.SURE
    alone = sure and not opinion.doubts and not any(doubts(scored.message))
    return Judged(scored.worst().toxic, opinion.standing, alone)


def _message(text: str) -> Message:
    """Said by a member somewhere; only the words count."""
    surfaces = (Surface(SurfaceKind.BODY, legible(clip(text))),)
    return MessagePosted(id="1", at=_WHEN, where=_WHERE, who=_WHO, message_id="1", surfaces=surfaces)
