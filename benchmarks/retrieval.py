"""How well and how fast what was said is found: words alone, vectors alone, both; the chat lies beside the checkout."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import numpy as np

from bot.assembly import embedder
from bot.core.address import Address
from bot.core.event import Author, MessagePosted, Surface, SurfaceKind
from bot.core.evidence import Evidence
from bot.core.passage import Meaning, Passage
from bot.core.settlement import Outcome, Settlement, Verdict
from bot.core.stored import Heard
from pipelines.answer.question import keywords
from pipelines.answer.retrieval import ALIKE, LOOKED_AT, by_share, fused
from storage.store import SqlStore

CHAT = Path(__file__).parents[2] / "shared" / "data" / "chat" / "ubuntu-irc.jsonl.gz"
ROOM = Address("irc", "ubuntu", "help")
APPROVED = Verdict(outcome=Outcome.APPROVED, evidence=Evidence())
# Messages of days whose replies are known; conversations whose first message is the question.
CORPUS, QUESTIONS, SHORTEST = 20_000, 1_000, 3
MANY = (100_000, 1_000_000)
PART = 1_000
TIMED = 300
FIRST, MOST = 5, 10
SEED = 7
WIDTH = 384

Row: TypeAlias = Mapping[str, str]
Search: TypeAlias = Callable[[str], Awaitable[Sequence[Passage]]]


@dataclass(slots=True)
class Score:
    """Of each question the place of the first message of its conversation, 0 where none of ten is."""

    places: list[int] = field(default_factory=list)

    def take(self, found: Sequence[Passage], wanted: set[str], asked: str) -> None:
        """Look where the first of the wanted ones is."""
        ids = [passage.message_id for passage in found if passage.message_id != asked][:MOST]
        self.places.append(next((place for place, name in enumerate(ids, 1) if name in wanted), 0))

    def __str__(self) -> str:
        recall = sum(0 < place <= FIRST for place in self.places) / len(self.places)
        rank = sum(1 / place for place in self.places if place) / len(self.places)
        return f"recall@{FIRST} {recall:.3f}, MRR@{MOST} {rank:.3f}"


@dataclass(slots=True)
class Library:
    """A store that is filled as Parley fills it, without the judging."""

    store: SqlStore
    embedder = embedder()

    async def fill(self, events: Sequence[MessagePosted]) -> None:
        """Accept, approve and index them."""
        for first in range(0, len(events), PART):
            part = events[first : first + PART]
            await self.store.accept([Heard(event) for event in part], None)
            settled = [Settlement(event_key=event.key, where=event.where, verdict=APPROVED) for event in part]
            await asyncio.gather(*(self.store.settle(one) for one in settled))
            await self.store.settle(Settlement(index=PART))

    async def embed(self, vectors: Callable[[Sequence[str]], Awaitable[Sequence[bytes]]]) -> None:
        """Give every passage its vector."""
        while waiting := await self.store.wordy(PART):
            made = await vectors([wordy.words for wordy in waiting])
            meanings = [Meaning(*pair) for pair in zip(waiting, made, strict=True)]
            await self.store.settle(Settlement(meanings=meanings))

    async def by_words(self, question: str) -> Sequence[Passage]:
        """Text search."""
        return await self.store.passages(ROOM.community, keywords(question), LOOKED_AT)

    async def by_meaning(self, question: str) -> Sequence[Passage]:
        """The nearest vectors."""
        (vector,) = await self.embedder.embed([question])
        return [p for p in await self.store.alike(ROOM.community, vector, LOOKED_AT) if p.rank >= ALIKE]

    async def both(self, question: str) -> Sequence[Passage]:
        """As answers look it up, but for how recent it is and who replied: that is what has to be found."""
        words, near = await self.by_words(question), await self.by_meaning(question)
        return fused([by_share(words, keywords(question)), near])


def main() -> None:
    """Print how often a conversation is found by its first message, and how long a search takes among many messages."""
    if not CHAT.exists():
        print(f"Retrieval is measured on a chat that is not in {CHAT.parent}.")
        return
    asyncio.run(_quality())
    for size in MANY:
        asyncio.run(_speed(size))


def _rows() -> Iterator[Row]:
    with gzip.open(CHAT, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _event(row: Row, number: int = 0) -> MessagePosted:
    name = f"{row['id']}.{number}" if number else row["id"]
    return MessagePosted(
        id=name,
        at=datetime.fromisoformat(row["at"]),
        where=ROOM,
        who=Author(row["author"], row["author"]),
        message_id=name,
        surfaces=(Surface(SurfaceKind.BODY, row["text"]),),
    )


def _conversations(rows: Sequence[Row]) -> list[list[str]]:
    """The ids of messages that are linked by replies, in the order they were said."""
    heads: dict[str, str] = {}
    for row in rows:
        answered = row["reply_to"]
        heads[row["id"]] = heads[answered] if answered in heads else row["id"]
    members: dict[str, list[str]] = {}
    for name, head in heads.items():
        members.setdefault(head, []).append(name)
    return [ids for ids in members.values() if len(ids) >= SHORTEST]


async def _quality() -> None:
    known = {row["id"].rsplit("-", 1)[0] for row in _rows() if row["reply_to"]}
    rows = [row for row in _rows() if row["id"].rsplit("-", 1)[0] in known]
    rows = _days(rows, random.Random(SEED))  # noqa: S311 - repeatable on purpose
    texts = {row["id"]: row["text"] for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        library = Library(await SqlStore.open(f"sqlite:///{folder}/parley.db"))
        await library.fill([_event(row) for row in rows])
        started = time.perf_counter()
        await library.embed(library.embedder.embed)
        print(f"{len(rows) / (time.perf_counter() - started):,.0f} messages embedded a second")
        conversations = _conversations(rows)
        asked = random.Random(SEED).sample(conversations, min(QUESTIONS, len(conversations)))  # noqa: S311 - as above
        print(f"{len(asked):,} questions among {len(rows):,} messages")
        for name, search in _searches(library).items():
            score = Score()
            for first, *others in asked:
                score.take(await search(texts[first]), set(others), first)
            print(f"{name:10} {score}")
        await library.store.close()


def _days(rows: Sequence[Row], source: random.Random) -> list[Row]:
    """Whole days, until there are enough messages."""
    days: dict[str, list[Row]] = {}
    for row in rows:
        days.setdefault(row["id"].rsplit("-", 1)[0], []).append(row)
    names, chosen = sorted(days), list[Row]()
    source.shuffle(names)
    for name in names:
        if len(chosen) < CORPUS:
            chosen += days[name]
    return chosen


def _searches(library: Library) -> dict[str, Search]:
    return {"words": library.by_words, "vectors": library.by_meaning, "both": library.both}


def events(size: int) -> list[MessagePosted]:
    """Messages of the chat, from the beginning again where there are not enough."""
    rows = list(_rows())
    return [_event(rows[number % len(rows)], number // len(rows) + 1) for number in range(size)]


async def filled(file: Path, said: Sequence[MessagePosted]) -> None:
    """A store of these messages, with vectors drawn at random: how long a search takes does not depend on them."""
    source = np.random.default_rng(SEED)

    async def drawn(texts: Sequence[str]) -> list[bytes]:
        numbers = source.normal(0, 25, (len(texts), WIDTH)).clip(-127, 127).astype(np.int8)
        return [row.tobytes() for row in numbers]

    library = Library(await SqlStore.open(f"sqlite:///{file}"))
    await library.fill(said)
    await library.embed(drawn)
    await library.store.close()


async def _speed(size: int) -> None:
    said = events(size)
    questions = [event.text for event in random.Random(SEED).sample(said, TIMED)]  # noqa: S311 - repeatable on purpose
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "parley.db"
        await filled(file, said)
        library = Library(await SqlStore.open(f"sqlite:///{file}"))
        await library.both("the first one reads the vectors")
        for name, search in _searches(library).items():
            print(f"{size:>9,} messages, {name:10} {await _timed(search, questions)}")
        await library.store.close()


async def _timed(search: Search, questions: Sequence[str]) -> str:
    waits = []
    for question in questions:
        started = time.perf_counter()
        await search(question)
        waits.append((time.perf_counter() - started) * 1_000)
    waits.sort()
    return f"p50 {waits[len(waits) // 2]:.1f} ms, p95 {waits[len(waits) * 95 // 100]:.1f} ms"


if __name__ == "__main__":
    main()
