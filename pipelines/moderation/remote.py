"""A moderation endpoint elsewhere, as a classifier."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.errors import ModelBusy, ModelFailed
from bot.core.llm import TextModeration
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Scores
from pipelines.moderation.choice import Choice, Kind
from pipelines.moderation.normalise import shorten

DEADLINE: Final = 5.0
# So many questions at once; more wait for half a deadline at most, and are then answered without it.
AT_ONCE: Final = 8
# The endpoint's categories that each of our labels is the highest of. Tales of violence are none of them.
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity_attack": ("hate", "hate_threatening"),
    "insult": ("harassment",),
    "threat": ("harassment_threatening", "hate_threatening"),
    "sexual": ("sexual", "sexual_minors"),
    "violence": ("violence", "violence_graphic"),
    "self_harm": ("self_harm", "self_harm_intent", "self_harm_instructions"),
    "illicit": ("illicit", "illicit_violent"),
}
TOXIC: Final = ("harassment", "harassment_threatening", "hate", "hate_threatening", "sexual_minors")


@dataclass(slots=True)
class RemoteClassifier:
    """A `Classifier` that sends texts away, and nothing but them; raises `ModelFailed` soon if nothing comes back."""

    endpoint: TextModeration
    model: str
    deadline: float = DEADLINE
    meter: Meter = field(default_factory=Unmetered)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def version(self) -> str:
        """The model’s name; what it means by it may change without notice."""
        return Choice(Kind.OPENAI, self.model).version

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order."""
        started = time.monotonic()
        try:
            found = await self._rated([shorten(text) for text in texts])
        except ModelFailed:
            self.meter.scored(len(texts), time.monotonic() - started, failed=True)
            raise
        self.meter.scored(len(texts), time.monotonic() - started, failed=False)
        return [scores(ratings) for ratings in found]

    async def _rated(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        try:
            async with asyncio.timeout(self.deadline / 2):
                await self._places.acquire()
        except TimeoutError as error:
            raise ModelBusy("too many texts wait for the moderation endpoint", self.deadline) from error
        try:
            async with asyncio.timeout(self.deadline):
                return await self.endpoint.rate(texts, self.model)
        except TimeoutError as error:
            raise ModelFailed("the moderation endpoint did not answer in time") from error
        finally:
            self._places.release()


def scores(ratings: Mapping[str, float]) -> Scores:
    """The endpoint’s categories, with underscores for other signs, as our labels."""
    labels = {label: _highest(ratings, names) for label, names in LABELS.items()}
    return Scores(toxic=_highest(ratings, TOXIC), labels=labels)


def _highest(ratings: Mapping[str, float], names: Sequence[str]) -> float:
    return min(1.0, max(0.0, *(ratings.get(name, 0.0) for name in names)))
