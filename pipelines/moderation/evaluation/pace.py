"""How fast a model is: together in batches, and one message alone, as a quiet room brings them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.moderation.classifier import Scorer

BATCH: Final = 32
_TOGETHER, _ALONE = 2_000, 400
_SEED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Messages a second of one busy core, and the waits in milliseconds of half and of 99 in 100 messages alone."""

    a_second: float
    half_ms: float
    most_ms: float


def pace(model: Scorer, texts: Sequence[str]) -> Pace:
    """Measured on some of the texts, the same ones each time; there is at least one."""
    source = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
    together = source.sample(texts, min(len(texts), _TOGETHER))
    model.score(together[:BATCH])
    waits = alone(model, source.sample(texts, min(len(texts), _ALONE)))
    return Pace(a_second=a_second(model, together), half_ms=at(waits, 0.5), most_ms=at(waits, 0.99))


def a_second(model: Scorer, texts: Sequence[str], clock: Callable[[], float] = time.process_time) -> float:
    """How many messages are scored in a second of the clock, which is the time that this process computes."""
    started = clock()
    for first in range(0, len(texts), BATCH):
        model.score(texts[first : first + BATCH])
    # A clock has steps, and a handful of short texts may fit into one.
    return len(texts) / max(clock() - started, 1e-6)


def alone(model: Scorer, texts: Sequence[str]) -> list[float]:
    """Milliseconds that each message takes by itself, the shortest first."""
    waits = []
    for text in texts:
        started = time.perf_counter()
        model.score([text])
        waits.append((time.perf_counter() - started) * 1_000)
    return sorted(waits)


def at(ordered: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
