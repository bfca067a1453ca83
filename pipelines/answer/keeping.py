"""Keep the index up to date: words first, then what they mean, some at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.core.action import Action, Embed, Index, Later
from bot.core.errors import ModelFailed
from bot.core.passage import Meaning, Wordy
from bot.core.ports import Context, Embedder
from bot.core.stored import Job

log = structlog.get_logger(__name__)

INDEX: Final = "answer.index"
EVERY: Final = timedelta(minutes=1)
AT_ONCE: Final = 2_000
# Some seconds of work, after which what was done is written.
TEXTS: Final = 1_000
# A question that comes meanwhile waits for so many, which takes some hundredths of a second.
PART: Final = 16


@dataclass(frozen=True, slots=True)
class Keeper:
    """The standing job; without an embedder it keeps the words alone."""

    embedder: Embedder | None = None

    async def index(self, job: Job, context: Context) -> AsyncIterator[Action]:
        """A step each minute, and the next at once while there is more to do."""
        yield Index(limit=AT_ONCE)
        meanings = await self._meanings(context)
        if meanings:
            yield Embed(meanings=tuple(meanings))
        more = len(meanings) == TEXTS
        yield Later(job=INDEX, key=job.key, at=context.clock() + (timedelta() if more else EVERY))

    async def _meanings(self, context: Context) -> list[Meaning]:
        if self.embedder is None:
            return []
        waiting = await context.store.wordy(TEXTS)
        made: list[Meaning] = []
        for first in range(0, len(waiting), PART):
            part = waiting[first : first + PART]
            try:
                vectors = await self.embedder.embed([wordy.words for wordy in part])
            except ModelFailed as error:
                log.warning("indexed by words alone", reason=str(error))
                break
            made += _paired(part, vectors)
        return made


def _paired(part: Sequence[Wordy], vectors: Sequence[bytes]) -> list[Meaning]:
    return [Meaning(wordy, vector) for wordy, vector in zip(part, vectors, strict=True)]
