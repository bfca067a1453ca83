"""The bot as a process of its own, and what it has written down."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from bot.core.address import Address
from bot.core.settlement import Outcome
from storage.store import SqlStore

ROOT = Path(__file__).parents[2]
# Nothing was reviewed here yet, so acting has to be allowed by hand; and no message is drawn as a check.
SET = {
    f"PARLEY_MODERATION__{key}": value
    for key, value in (
        ("SURE", "0.99"),
        ("AUDIT_RATE", "0"),
        ("AUDIT_RATE_ACTED", "0"),
        ("RULES__SEEDS__WORDS", '["free seeds"]'),
    )
}


@dataclass(slots=True)
class Bot:
    """Runs in `folder`, which keeps its store and its log over restarts; `store` reads what it wrote."""

    folder: Path
    store: SqlStore
    environment: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Bot]:
        """Not started yet, and killed at the end if it still runs."""
        url = f"sqlite:///{folder / 'parley.db'}"
        store = await SqlStore.open(url)
        bot = cls(folder, store, {**os.environ, **SET, "PARLEY_STORE__URL": url, **environment})
        try:
            yield bot
        finally:
            await bot.kill()
            await store.close()

    async def start(self) -> None:
        """Start it; returns at once."""
        command = (sys.executable, "-m", "tests.day.house")
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """As if the power went."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """As an administrator would; returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(how)
        return await process.wait()

    async def outcome(self, where: Address, message_id: str) -> Outcome | None:
        """What became of the latest revision of a message, None while it is unknown or being judged."""
        found = await self.store.message(where.platform, message_id)
        return found.verdict.outcome if found and found.verdict else None

    def abandoned(self) -> Sequence[str]:
        """What was to happen outside and was given up, with the reason."""
        with closing(sqlite3.connect(f"file:{self.folder / 'parley.db'}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT key, reason FROM outbox WHERE state = 'abandoned'").fetchall()
        return [f"{key}: {reason}" for key, reason in rows]

    def log(self) -> str:
        """What it said of itself."""
        return (self.folder / "log").read_text("utf-8")
