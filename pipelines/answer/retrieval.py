"""What was said about a question: by its words and by what it means, as one list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.core.address import Address
from bot.core.errors import ModelFailed
from bot.core.passage import Passage
from bot.core.ports import Context, Embedder
from pipelines.answer.question import keywords

log = structlog.get_logger(__name__)

LOOKED_AT: Final = 60
# Reciprocal rank fusion with the constant of its authors (Cormack, Clarke and Büttcher 2009).
SMOOTH: Final = 60
# Below that, two texts have no more than their language in common.
ALIKE: Final = 0.3
# What was said today counts as much as ten places further up, and half of that a season ago.
RECENT: Final = 1 / SMOOTH - 1 / (SMOOTH + 10)
SEASON: Final = timedelta(days=90)
# A hit whose question or answer is a hit too is more likely one.
NEIGHBOUR: Final = 0.25


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates in the order in which they fit, with the cosines of those that were found by what they mean."""

    passages: Sequence[Passage] = ()
    cosines: Mapping[str, float] | None = None

    def alike(self, passage: Passage) -> float:
        """The cosine to the question, 0 where it is not known."""
        return (self.cosines or {}).get(passage.message_id, 0.0)


async def found(question: str, community: Address, context: Context, embedder: Embedder | None) -> Found:
    """The best candidates of the community, whoever may read them."""
    words = keywords(question)
    # One after the other: both mostly work in the interpreter, and side by side they would only hinder each other.
    by_words = await context.store.passages(community, words, LOOKED_AT)
    near = await _near(question, community, context, embedder)
    ordered = fused([by_share(by_words, words), near], context.clock())
    return Found(ordered, {passage.message_id: passage.rank for passage in near})


async def _near(question: str, community: Address, context: Context, embedder: Embedder | None) -> list[Passage]:
    vector = await _vector(question, embedder)
    found = await context.store.alike(community, vector, LOOKED_AT) if vector else []
    return [passage for passage in found if passage.rank >= ALIKE]


async def _vector(question: str, embedder: Embedder | None) -> bytes:
    if embedder is None or not question.strip():
        return b""
    try:
        (vector,) = await embedder.embed([question])
    except ModelFailed as error:
        log.warning("searched by words alone", reason=str(error))
        return b""
    return vector


def by_share(passages: Sequence[Passage], words: Sequence[str]) -> list[Passage]:
    """Those that hold more of the words first."""
    return sorted(passages, key=lambda each: (-share(each, words), -each.rank))


def share(passage: Passage, words: Sequence[str]) -> float:
    """How many of the words it holds, from 0 to 1."""
    there = set(keywords(passage.words, most=None))
    return sum(word in there for word in words) / max(len(words), 1)


def fused(lists: Sequence[Sequence[Passage]], now: datetime | None = None) -> list[Passage]:
    """One list of several, best first; with `now`, what was said lately goes before what is as good."""
    by_id = {passage.message_id: passage for ranked in lists for passage in ranked}
    scores = dict.fromkeys(by_id, 0.0)
    for ranked in lists:
        for place, passage in enumerate(ranked, 1):
            scores[passage.message_id] += 1 / (SMOOTH + place)
    lifted = {name: score + _lift(by_id[name], scores, now) for name, score in scores.items()}
    for name, passage in by_id.items():
        if passage.reply_to in scores:
            lifted[passage.reply_to] += NEIGHBOUR * scores[name]
    return sorted(by_id.values(), key=lambda passage: -lifted[passage.message_id])


def _lift(passage: Passage, scores: Mapping[str, float], now: datetime | None) -> float:
    neighbour = NEIGHBOUR * scores.get(passage.reply_to, 0.0)
    if now is None:
        return neighbour
    seasons: float = max(now - passage.at, timedelta()) / SEASON
    return neighbour + RECENT * math.exp2(-seasons)
