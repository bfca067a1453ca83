"""The least that could do the path's job: asyncio, orjson and sqlite3 writing the same rows, with no vocabulary."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from storage.engine import open_engine
from storage.migrate import upgrade

ACCEPT = """INSERT OR IGNORE INTO event
(key, kind, place, community, author, message, revision, at, payload, raw, hash, handled)
VALUES (?, 'MessagePosted', ?, ?, ?, ?, 0, ?, ?, x'', ?, 0)"""
HANDLED = """UPDATE event SET handled = 1, outcome = ?, score = 0, mode = 'auto', policy = 'bench', model = ''
WHERE key = ?"""
COUNT = """INSERT INTO tally (place, approved) VALUES (?, ?)
ON CONFLICT (place) DO UPDATE SET approved = approved + excluded.approved"""
QUEUE = """INSERT OR IGNORE INTO outbox
(key, place, urgent, effect, cookie, state, attempts, due, message_id, gone, reason)
VALUES (?, ?, 1, ?, '', 'pending', 0, 0, '', 0, '')"""
ATTEMPTED = "UPDATE outbox SET attempts = attempts + 1 WHERE key = ?"
DONE = "UPDATE outbox SET state = 'done' WHERE key = ?"


class Message(NamedTuple):
    """A message as the floor has it: its keys, and what is stored of it."""

    key: str
    place: str
    community: str
    who: str
    payload: dict[str, Any]

    @property
    def bad(self) -> bool:
        """The judgement."""
        return "spam" in self.payload["surfaces"][0]["text"]


Statement = tuple[str, Sequence[tuple[object, ...]]]


@dataclass(slots=True)
class Floor:
    """Store, judge by one word, mark, queue, and deliver to nobody: a transaction for each batch and step."""

    file: Path
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    db: sqlite3.Connection = field(init=False)

    def __post_init__(self) -> None:
        upgrade(open_engine(f"sqlite:///{self.file}"))
        self.db = sqlite3.connect(self.file, check_same_thread=False)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")

    async def run(self, messages: Sequence[Message], batch: int) -> None:
        """The messages, `batch` at a time."""
        for first in range(0, len(messages), batch):
            await self._batch(messages[first : first + batch])

    async def _batch(self, messages: Sequence[Message]) -> None:
        await self._write((ACCEPT, [_row(message) for message in messages]))
        bad = [message for message in messages if message.bad]
        effects = [(f"{m.key}/0", m.place, orjson.dumps({"delete": m.key}).decode()) for m in bad]
        marks = [("acted" if message.bad else "approved", message.key) for message in messages]
        tally = [(messages[0].place, len(messages) - len(bad))]
        await self._write((HANDLED, marks), (COUNT, tally), (QUEUE, effects))
        if effects:
            await self._write((ATTEMPTED, [(key,) for key, _, _ in effects]))
            await self._write((DONE, [(key,) for key, _, _ in effects]))

    async def _write(self, *statements: Statement) -> None:
        await asyncio.get_running_loop().run_in_executor(self.thread, self._commit, statements)

    def _commit(self, statements: Sequence[Statement]) -> None:
        with self.db:
            for sql, rows in statements:
                self.db.executemany(sql, rows)


def _row(message: Message) -> tuple[object, ...]:
    payload = orjson.dumps(message.payload)
    digest = hashlib.sha256(payload).hexdigest()
    key, place, community, who, _ = message
    return key, place, community, who, key, 0, payload.decode(), digest
