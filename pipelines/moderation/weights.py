"""The numbers of the linear model: how they lie in a file, and how they weigh a batch of texts."""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pipelines.moderation.ngrams import BUCKET_BITS, Batch, ngrams

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int8]

# The side labels have a tenth of the data: fewer buckets, of which each holds eight n-grams more, are enough for them.
LABEL_SHIFT: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Steps of -127..127 per bucket, and per output (toxic first, then `names`) what a step is worth, and the bias.

    An output is `biases + worth * (sum of the steps of n n-grams) / sqrt(n)`, in log odds. The sums are whole numbers,
    therefore the same in every batch.
    """

    names: tuple[str, ...]
    toxic: Steps  # 2**BUCKET_BITS
    labels: Steps  # 2**(BUCKET_BITS - LABEL_SHIFT) rows, one column per name
    worth: Floats
    biases: Floats

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read what `save` wrote; raises OSError, ValueError, KeyError, EOFError or BadZipFile for anything else."""
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            names = tuple(str(name) for name in file["names"])
            weights = cls(names, file["toxic"], file["labels"], file["worth"], file["biases"])
        weights._check()
        return weights

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one compressed npz; the same weights give the same bytes."""
        np.savez_compressed(
            path, names=np.array(self.names), toxic=self.toxic, labels=self.labels, worth=self.worth, biases=self.biases
        )

    def log_odds(self, texts: Sequence[str]) -> Floats:
        """Give one row per normalised text, one column per output."""
        batch = Batch.of(texts)
        sums = np.zeros((len(texts), 1 + len(self.names)), np.int64)
        counts = np.zeros(len(texts), np.int64)
        for grams in ngrams(batch):
            bounds = np.searchsorted(grams.starts, batch.offsets)
            counts += np.diff(bounds)
            sums[:, 0] += _sums(self.toxic.take(grams.buckets), bounds)
            sums[:, 1:] += _sums(self.labels.take(grams.buckets >> LABEL_SHIFT, axis=0), bounds)
        return self.biases + self.worth * sums / np.sqrt(counts)[:, None]

    def _check(self) -> None:
        """Raise ValueError unless every array has its promised shape and the figures are finite."""
        outputs = 1 + len(self.names)
        shapes = [array.shape for array in (self.toxic, self.labels, self.worth, self.biases)]
        buckets = 1 << BUCKET_BITS
        if shapes != [(buckets,), (buckets >> LABEL_SHIFT, outputs - 1), (outputs,), (outputs,)]:
            msg = f"unexpected shapes {shapes}"
            raise ValueError(msg)
        if self.toxic.dtype != np.int8 or self.labels.dtype != np.int8:
            msg = f"unexpected types {self.toxic.dtype}, {self.labels.dtype}"
            raise ValueError(msg)
        if not (np.isfinite(self.worth).all() and np.isfinite(self.biases).all()):
            msg = "figures that are not finite"
            raise ValueError(msg)


def _sums(steps: Steps, bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sum up steps[bounds[i]:bounds[i + 1]] for each i; a slice may be empty."""
    running = np.zeros((len(steps) + 1, *steps.shape[1:]), np.int64)
    np.cumsum(steps, axis=0, dtype=np.int64, out=running[1:])
    return np.diff(running[bounds], axis=0)
