"""Which of the messages that were found are shown: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.core.address import Address
from bot.core.ports import Passage, Readers
from pipelines.answer.question import keywords

SHOWN = 3


def may_be_told(source: Readers, audience: Readers) -> bool:
    """Whether everyone who will read the answer may read its source: that the asker may is not enough."""
    if source.everyone:
        return True
    return not audience.everyone and audience.members <= source.members


def chosen(found: Sequence[Passage], readable: Collection[Address], words: Sequence[str], asked: str) -> list[Passage]:
    """The best few that may be told: not the question itself, nothing twice, no mere mention of one word in many."""
    kept: list[Passage] = []
    seen = set[str]()
    for passage in sorted(found, key=lambda each: (-_share(each, words), -each.rank)):
        text = " ".join(passage.words.split()).casefold()
        if passage.where.parent in readable and passage.message_id != asked and text not in seen:
            kept.append(passage)
            seen.add(text)
    return [passage for passage in kept if _share(passage, words) * 2 >= _share(kept[0], words)][:SHOWN]


def _share(passage: Passage, words: Sequence[str]) -> float:
    """How many of the words it holds."""
    there = set(keywords(passage.words))
    return sum(word in there for word in words) / max(len(words), 1)
