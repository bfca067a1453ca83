"""Which of the messages that were found are shown: pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from bot.core.address import Address
from bot.core.passage import Passage
from bot.core.ports import Readers
from pipelines.answer.retrieval import Found, share

SHOWN: Final = 3
# So near to the question, a message is about it in whatever words it says so.
ABOUT_IT: Final = 0.5


def may_be_told(source: Readers, audience: Readers) -> bool:
    """Whether everyone who will read the answer may read its source: that the asker may is not enough."""
    if source.everyone:
        return True
    return not audience.everyone and audience.members <= source.members


def told(found: Found, readable: Collection[Address], asked: str) -> list[Passage]:
    """What may be told, best first: not the question itself, and nothing twice."""
    kept: list[Passage] = []
    seen = set[str]()
    for passage in found.passages:
        text = " ".join(passage.words.split()).casefold()
        if passage.where.parent in readable and passage.message_id != asked and text not in seen:
            kept.append(passage)
            seen.add(text)
    return kept


def chosen(found: Found, readable: Collection[Address], words: Sequence[str], asked: str) -> list[Passage]:
    """The best few, without a mere mention of one word in many."""
    kept = told(found, readable, asked)
    half = max((share(passage, words) for passage in kept), default=0.0) / 2
    about = [each for each in kept if 0 < share(each, words) >= half or found.alike(each) >= ABOUT_IT]
    return about[:SHOWN]
