"""Where asking and acting begin for each label: from counted evidence, not from numbers set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, TypeAlias

from pipelines.moderation.bounds import at_least, at_most, enough, lower, upper
from pipelines.moderation.counts import BINS, Reviewed, Shipped, bin_of, dense, edge, log_odds, tails, total
from pipelines.moderation.isotonic import rising

TOXICITY: Final = "toxicity"
# What may be the ground for acting. The other labels have too few examples to be more than a reason to ask.
GROUNDS: Final = (TOXICITY, "identity attack", "spam")
EXPERIMENTAL: Final = ("threat", "sexual", "insult")
# Where nothing was counted, people are asked from here on and nobody acts.
UNKNOWN_DOUBTFUL: Final = 0.8
# Below this the model itself finds a message harmless rather than not.
LEAST_DOUBTFUL: Final = 0.5
# A label that was learned from fewer examples is no better than one that nobody counted.
FEW_EXAMPLES: Final = 100
# So many messages of a community tell what is ordinary in it without the help of other people's chat.
OWN_CHAT: Final = 5_000


class Standing(IntEnum):
    """What a score comes to."""

    CLEAR = 0
    DOUBTFUL = 1
    SURE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What the bands have to keep: shares from 0 to 1, `abuse` being the share of abuse among all messages."""

    precision: float = 0.98
    alarms: float = 0.003
    abuse: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """From `doubtful` on people are asked, from `sure` on Parley acts; None where it always asks."""

    doubtful: float = UNKNOWN_DOUBTFUL
    sure: float | None = None

    def stand(self, score: float) -> Standing:
        """What a score of this label comes to."""
        if score < self.doubtful:
            return Standing.CLEAR
        return Standing.SURE if self.sure is not None and score >= self.sure else Standing.DOUBTFUL


Bands: TypeAlias = Mapping[str, Band]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known about one label."""

    shipped: Shipped = field(default_factory=Shipped)
    reviewed: Reviewed = field(default_factory=Reviewed)


@dataclass(frozen=True, slots=True)
class Pooled:
    """Per bin, all cases at or above it: how many would be right to act on, of how many; `own` of them reviewed."""

    right: list[float]
    cases: list[float]
    own: list[float]
    chances: list[float]

    @classmethod
    def of(cls, known: Known, aim: Aim) -> Pooled:
        """Other people's chat with abuse mixed in at the aim's rate, fading out as own reviewed cases come in."""
        right, wrong = tails(known.reviewed.right), tails(known.reviewed.wrong)
        own = [sum(pair) for pair in zip(right, wrong, strict=True)]
        weights = [max(0.0, 1 - seen / enough(aim.precision)) for seen in own]
        abuse, alarms = _borrowed(known.shipped, aim.abuse)
        hits = [r + w * a for r, w, a in zip(right, weights, abuse, strict=True)]
        misses = [r + w * a for r, w, a in zip(wrong, weights, alarms, strict=True)]
        cases = [h + m for h, m in zip(hits, misses, strict=True)]
        return cls(hits, cases, own, _chances(known, weights, aim.abuse))

    def sure(self, precision: float) -> int | None:
        """The lowest bin that is right often enough by itself, and whose lower bound together with all above is."""
        able = (number for number in range(BINS) if self.chances[number] >= precision)
        return next((n for n in able if at_least(self.right[n], self.cases[n], precision)), None)

    def best(self) -> tuple[int, float]:
        """The bin whose lower bound is the highest, and that bound."""
        bins = [n for n in range(BINS) if n == 0 or self.cases[n] != self.cases[n - 1]]
        step = max(1, len(bins) // 100)
        return max(((n, lower(self.right[n], self.cases[n])) for n in bins[::step]), key=lambda found: found[1])


def fit(known: Mapping[str, Known], aim: Aim, asks: tuple[str, ...] = ()) -> Bands:
    """The band of each label that counts: the grounds, and those of `asks`, which never act.

    A message may be flagged for several labels. The others share half of the alarms, toxicity has what they leave, so
    that what is flagged for any of them stays within the whole (Bonferroni's inequality).
    """
    others = [label for label in (*GROUNDS, *asks) if label != TOXICITY]
    bands = {
        label: _band(label, known.get(label, Known()), aim_of(label, known, aim), aim.alarms / 2 / len(others))
        for label in others
    }
    spent = sum(_spent(band, known.get(label, Known())) for label, band in bands.items())
    left = max(aim.alarms / 2, aim.alarms - spent)
    return {TOXICITY: _band(TOXICITY, known.get(TOXICITY, Known()), aim, left), **bands}


def aim_of(label: str, known: Mapping[str, Known], aim: Aim) -> Aim:
    """The aim for one label, which is taken to be as rare among abuse as it is in the validation rows."""
    toxic = known.get(TOXICITY, Known()).shipped.share
    share = known.get(label, Known()).shipped.share
    return replace(aim, abuse=aim.abuse * min(1.0, share / toxic)) if toxic and share else aim


def by_hand(bands: Bands, doubtful: float | None, sure: float | None) -> Bands:
    """The bands with what somebody set over them; a label that never acts does not begin to."""
    return {label: _set(label, band, doubtful, sure) for label, band in bands.items()}


def flagged(known: Known, *, own: bool) -> tuple[list[float], float]:
    """Per bin, how many ordinary messages are at or above it, and of how many; `own` ones count where there are any."""
    theirs = total(known.reviewed.passed) if own else 0.0
    weight = max(0.0, 1 - theirs / OWN_CHAT)
    ordinary = [weight * count for count in tails(known.shipped.benign)]
    messages = weight * total(known.shipped.benign)
    if not theirs:
        return ordinary, messages
    passed, wrong = tails(known.reviewed.passed), tails(known.reviewed.wrong)
    ordinary = [sum(each) for each in zip(ordinary, passed, wrong, strict=True)]
    return ordinary, messages + theirs + total(known.reviewed.wrong)


def _band(label: str, known: Known, aim: Aim, alarms: float) -> Band:
    doubtful = _doubtful(label, known, alarms)
    number = Pooled.of(known, aim).sure(aim.precision) if label in GROUNDS else None
    return Band(doubtful=doubtful, sure=None if number is None else max(doubtful, edge(number)))


def _spent(band: Band, known: Known) -> float:
    """The upper bound of the ordinary messages that a label flags; 0 where none was counted."""
    ordinary, messages = flagged(known, own=False)
    return upper(ordinary[bin_of(log_odds(band.doubtful))], messages) if messages else 0.0


def _doubtful(label: str, known: Known, alarms: float) -> float:
    """The lowest score at which the upper bound of flagged ordinary messages is within `alarms`."""
    ordinary, messages = flagged(known, own=label == TOXICITY)
    if not messages:
        return UNKNOWN_DOUBTFUL
    low, high = 0, BINS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if at_most(ordinary[middle], messages, alarms) else (middle + 1, high)
    few = total(known.shipped.positives) < FEW_EXAMPLES
    return max(UNKNOWN_DOUBTFUL if few else LEAST_DOUBTFUL, edge(low))


def _set(label: str, band: Band, doubtful: float | None, sure: float | None) -> Band:
    asks = band.doubtful if doubtful is None else doubtful
    if sure is not None and label in GROUNDS:
        return Band(doubtful=asks if doubtful is not None else min(asks, sure), sure=max(sure, doubtful or 0.0))
    return Band(doubtful=asks, sure=None if band.sure is None else max(asks, band.sure))


def _borrowed(shipped: Shipped, abuse: float) -> tuple[list[float], list[float]]:
    """Per bin, what a chat as long as the benign one would have at or above it, with abuse at its rate mixed in.

    Only what would be acted on counts; the share of abuse that is found there is counted at its lower bound.
    """
    positives, alarms = map(tails, shipped.actable)
    rows, messages = total(shipped.positives), total(shipped.benign)
    if not rows or not messages:
        return [0.0] * BINS, [0.0] * BINS
    mixed = messages * abuse / (1 - abuse)
    recall = {found: lower(found, rows) for found in set(positives)}
    return [mixed * recall[found] for found in positives], alarms


def _chances(known: Known, weights: list[float], abuse: float) -> list[float]:
    """The calibrated chance in each bin that acting would be right, at the given rate of abuse."""
    rows, messages = total(known.shipped.positives), total(known.shipped.benign)
    scale = messages * abuse / (1 - abuse) / rows if rows else 0.0
    lent = zip(*map(dense, known.shipped.actable), weights, strict=True)
    theirs = [(weight * scale * bad, weight * fine) for bad, fine, weight in lent]
    right = [own + bad for own, (bad, _) in zip(dense(known.reviewed.right), theirs, strict=True)]
    wrong = [own + fine for own, (_, fine) in zip(dense(known.reviewed.wrong), theirs, strict=True)]
    return rising(right, [r + w for r, w in zip(right, wrong, strict=True)])
