"""Judge texts with a small linear model: microseconds a message, no network, numpy loaded with the first model."""

import hashlib
import math
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.normalise import has_letters, normalise

if TYPE_CHECKING:
    from pipelines.moderation.weights import Weights

DEFAULT_PATH: Final = Path(__file__).with_name("linear.npz")

# About two lines of chat, as in the training data; pieces overlap by half, so that no sentence falls between two.
_WORDS_PER_PIECE: Final = 32
_STRIDE: Final = _WORDS_PER_PIECE // 2
_PIECES_PER_RUN: Final = 64


class LinearModel:
    """A logistic regression over hashed n-grams; English only, so a text in another language needs a person."""

    def __init__(self, weights: "Weights", *, version: str) -> None:
        """`version` names the weights, so that a stored verdict can be traced to them."""
        self.version = version
        self._weights = weights
        self._nothing = Scores(toxic=0.0, labels=dict.fromkeys(weights.names, 0.0))

    @classmethod
    def load(cls, path: str | os.PathLike[str] = DEFAULT_PATH) -> Self:
        """Read weights; raises `ModelFailed` when they are missing or damaged. The version is their SHA-256."""
        # Here, so that a bot without this classifier never pays for numpy.
        from pipelines.moderation.weights import Weights

        try:
            content = Path(path).read_bytes()
            return cls(Weights.read(content), version=hashlib.sha256(content).hexdigest()[:12])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            msg = f"cannot read the model {os.fspath(path)}: {error}"
            raise ModelFailed(msg) from error

    @property
    def names(self) -> tuple[str, ...]:
        """The labels beside toxic."""
        return self._weights.names

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order, the same as for the text alone; takes any `str` and never raises.

        A longer text than `_WORDS_PER_PIECE` words counts as the worst of its overlapping pieces: padding hides little.
        """
        owners: list[int] = []
        cut: list[str] = []
        for number, text in enumerate(texts):
            for piece in pieces(normalise(text)):
                owners.append(number)
                cut.append(piece)
        scores = [self._nothing] * len(texts)
        for owner, row in zip(owners, self.log_odds(cut), strict=True):
            toxic, *labels = map(probability, row)
            found = Scores(toxic=toxic, labels=dict(zip(self.names, labels, strict=True)))
            scores[owner] = found if scores[owner] is self._nothing else worse(scores[owner], found)
        return scores

    def log_odds(self, texts: Sequence[str]) -> Iterator[list[float]]:
        """Yield a row per piece of normalised text: toxic first, then `names`."""
        for first in range(0, len(texts), _PIECES_PER_RUN):
            yield from self._weights.log_odds(texts[first : first + _PIECES_PER_RUN]).tolist()


def pieces(text: str) -> list[str]:
    """Cut the text into overlapping pieces of at most `_WORDS_PER_PIECE` words; none without letters."""
    if not has_letters(text):
        return []
    words = text.split(" ")
    last = max(len(words) - _STRIDE, 1)
    return [" ".join(words[at : at + _WORDS_PER_PIECE]) for at in range(0, last, _STRIDE)]


def worse(one: Scores, other: Scores) -> Scores:
    """Take the higher of two opinions, label by label."""
    labels = {name: max(score, other.labels[name]) for name, score in one.labels.items()}
    return Scores(toxic=max(one.toxic, other.toxic), labels=labels)


def probability(log_odds: float) -> float:
    """Log odds as a probability."""
    # tanh neither overflows nor needs a case for each sign.
    return 0.5 + 0.5 * math.tanh(0.5 * log_odds)
