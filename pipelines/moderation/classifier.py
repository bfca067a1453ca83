"""The classifier port over a local model: one thread, and whatever waits is scored together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.errors import ModelFailed
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Scores

DEADLINE = 10.0
BATCH = 64


class Scorer(Protocol):
    """A model that works on the spot."""

    @property
    def version(self) -> str:
        """Names the weights."""
        ...

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order."""
        ...


@dataclass(slots=True)
class _Asked:
    texts: Sequence[str]
    answer: asyncio.Future[list[Scores]]


@dataclass(slots=True)
class LocalClassifier:
    """Scores outside the event loop; `deadline` in seconds is for one batch, after which it raises `ModelFailed`.

    `ending` is what the model needs to be done when nobody asks any more.
    """

    model: Scorer
    deadline: float = DEADLINE
    ending: Callable[[], None] = lambda: None
    meter: Meter = field(default_factory=Unmetered)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "classifier"))
    _waiting: list[_Asked] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    @property
    def version(self) -> str:
        """The model's version."""
        return self.model.version

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order; raises `ModelFailed`."""
        asked = _Asked(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return await asked.answer

    def close(self) -> None:
        """Let go of what the model holds."""
        self.ending()

    async def _drain(self) -> None:
        # Whatever becomes ready in this turn of the loop is scored in one batch.
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._run(batch)
        self._task = None

    async def _run(self, batch: list[_Asked]) -> None:
        texts = [text for asked in batch for text in asked.texts]
        started = time.monotonic()
        try:
            scores = await self._scored(texts)
        except ModelFailed as error:
            self.meter.scored(len(texts), time.monotonic() - started, failed=True)
            await self._apart(batch, error)
            return
        self.meter.scored(len(texts), time.monotonic() - started, failed=False)
        position = 0
        for asked in batch:
            _answer(asked, scores[position : position + len(asked.texts)])
            position += len(asked.texts)

    async def _scored(self, texts: Sequence[str]) -> list[Scores]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.deadline):
                return await loop.run_in_executor(self._thread, self.model.score, texts)
        except TimeoutError as error:
            self._thread.shutdown(wait=False)
            self._thread = ThreadPoolExecutor(1, "classifier")
            raise ModelFailed(f"no answer within {self.deadline:.0f} s") from error
        except Exception as error:  # boundary: whatever a model does must not stop the path
            raise ModelFailed(type(error).__name__) from error

    async def _apart(self, batch: list[_Asked], error: ModelFailed) -> None:
        """Only the text that breaks the model goes without a score."""
        if len(batch) == 1:
            _answer(batch[0], error)
            return
        for asked in batch:
            await self._run([asked])


def _answer(asked: _Asked, result: list[Scores] | ModelFailed) -> None:
    if asked.answer.cancelled():
        return
    if isinstance(result, ModelFailed):
        asked.answer.set_exception(result)
    else:
        asked.answer.set_result(result)
