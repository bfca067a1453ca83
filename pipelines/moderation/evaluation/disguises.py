"""How much abuse is still found under each trick of the evasion pack, at the false alarms of the clean messages."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipelines.moderation.classifier import Scorer
from pipelines.moderation.evaluation.curves import recall_at, threshold
from pipelines.moderation.evaluation.pace import BATCH
from pipelines.moderation.evaluation.tricks import PACK
from pipelines.moderation.learn import Floats
from pipelines.moderation.neural.evade import Trick

FALSE_ALARMS: Final = 0.01
# Each trick is scored anew, and more than this tells little more: the error of a share is then about one in a hundred.
MOST_EACH: Final = 1_500
_SEED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguised:
    """Recall under one trick: with the score that holds for clean messages, and with one that is found anew.

    `found` is what an evader meets, for nobody else writes like that. For `level` harmless messages are disguised too,
    and the score is the one that again no more of them exceed.
    """

    trick: str
    found: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguises:
    """`clean` is the recall without any; all recalls are at `alarms`, the share of false alarms."""

    clean: float
    alarms: float
    messages: int
    tricks: Sequence[Disguised]

    @property
    def mean(self) -> float:
        """What is left of the recall, over all tricks."""
        return sum(each.found for each in self.tricks) / len(self.tricks)

    @property
    def level(self) -> float:
        """The mean recall where harmless messages are disguised too."""
        return sum(each.level for each in self.tricks) / len(self.tricks)

    def share(self, recall: float) -> float:
        """How much of the clean recall that is."""
        return recall / self.clean if self.clean else 0.0


def disguise(
    texts: Sequence[str],
    abuse: Sequence[bool],
    model: Scorer,
    *,
    pack: Mapping[str, Trick] = PACK,
    seen: Callable[[int], None] = lambda _: None,
) -> Disguises:
    """Both kinds of messages must be there; of each at most `MOST_EACH` are used, the same ones each time."""
    source = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
    bad, fine = (_some(texts, abuse, kind=kind, source=source) for kind in (True, False))
    truth = np.array([True] * len(bad) + [False] * len(fine))
    clean = _toxicity([*bad, *fine], model, seen)
    least = threshold(clean, truth, FALSE_ALARMS)
    tricks = []
    for name, trick in pack.items():
        scores = _toxicity([trick(text, source) for text in (*bad, *fine)], model, seen)
        found = float(np.mean(scores[truth] > least))
        tricks.append(Disguised(trick=name, found=found, level=recall_at(scores, truth, FALSE_ALARMS)))
    recall = float(np.mean(clean[truth] > least))
    return Disguises(clean=recall, alarms=FALSE_ALARMS, messages=len(truth), tricks=tricks)


def used(abuse: Sequence[bool]) -> int:
    """How many messages are written anew for each trick; none where there is only one kind."""
    bad = sum(abuse)
    fine = len(abuse) - bad
    return min(bad, MOST_EACH) + min(fine, MOST_EACH) if bad and fine else 0


def _some(texts: Sequence[str], abuse: Sequence[bool], *, kind: bool, source: random.Random) -> list[str]:
    of_kind = [text for text, bad in zip(texts, abuse, strict=True) if bad is kind]
    return source.sample(of_kind, min(len(of_kind), MOST_EACH))


def _toxicity(texts: Sequence[str], model: Scorer, seen: Callable[[int], None]) -> Floats:
    scores: list[float] = []
    for first in range(0, len(texts), BATCH):
        scores += [score.toxic for score in model.score(texts[first : first + BATCH])]
        seen(len(texts[first : first + BATCH]))
    return np.array(scores)
