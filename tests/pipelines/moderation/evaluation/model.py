"""A model whose opinion is known: a score for each word, and the highest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.ports import Scores
from pipelines.moderation.bands import TOXICITY, Band
from pipelines.moderation.opinion import Earned

EARNED = Earned(bands={TOXICITY: Band(doubtful=0.5, sure=0.9)}, version="words")


@dataclass(slots=True)
class Words:
    """Reads only what is written plainly; `asked` is how many texts each call brought."""

    known: dict[str, float]
    version: str = "words"
    asked: list[int] = field(default_factory=list)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.asked.append(len(texts))
        return [Scores(toxic=self._worst(text), labels={}) for text in texts]

    def _worst(self, text: str) -> float:
        return max((self.known.get(word, 0.0) for word in text.split()), default=0.0)
