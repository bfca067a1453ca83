"""The model's scores weighed by the bands: what was found, what it comes to, and what speaks against acting on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot import reasons
from bot.core.event import Message
from bot.core.evidence import Finding
from bot.core.ports import Scores
from pipelines.moderation.bands import TOXICITY, Band, Bands, Standing
from pipelines.moderation.features import Features, features, readable
from pipelines.moderation.head import Head
from pipelines.moderation.readings import Readings, worst

MODEL: Final = "model"
# Labels that are no ground for anything are hints for the eye: the two strongest, if they say anything.
SHOWN_LABELS, HINT = 2, 0.2
_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a model may do in a place: its bands, and the community's own judgement with the chance it is sure from.

    `version` names the model and the calibration, so that a verdict can be traced to both.
    """

    bands: Bands
    version: str
    head: Head | None = None
    head_sure: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the model makes of a message. `doubts` are sentences: with any of them, sure or not, a person decides.

    `features` are kept where somebody will say whether it was right.
    """

    findings: tuple[Finding, ...] = ()
    standing: Standing = Standing.CLEAR
    doubts: tuple[str, ...] = ()
    version: str = ""
    features: Features = ()


SILENT: Final = Opinion()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A message with the scores of its readings, by text."""

    message: Message
    readings: Readings
    scores: Mapping[str, Scores] = field(default_factory=dict)

    def worst(self) -> Scores:
        """The opinion on what was written."""
        return worst(self.readings.written, self.scores)


def weigh(scored: Scored, earned: Earned, *, drawn: bool = False) -> Opinion:
    """Compare each label with its band; `drawn` messages are shown to a person in any case."""
    if not scored.readings.written:
        return Opinion(version=earned.version)
    found = scored.worst()
    labels = {TOXICITY: found.toxic, **{readable(label): score for label, score in found.labels.items()}}
    standings = {label: band.stand(labels.get(label, 0.0)) for label, band in earned.bands.items()}
    highest = max(standings.values())
    facts = features(found, scored.message) if drawn or highest > Standing.CLEAR else ()
    standing, objections = stand(standings, earned, facts)
    return Opinion(
        findings=tuple(_findings(labels, standings)),
        standing=standing,
        doubts=(*objections, *_carried(scored, earned.bands[TOXICITY], standings)),
        version=earned.version,
        features=facts,
    )


def stand(standings: Mapping[str, Standing], earned: Earned, facts: Features) -> tuple[Standing, tuple[str, ...]]:
    """What the labels come to together, and what the community's own judgement has to say against acting.

    It has a say in what is flagged as toxic: where it is sure it may act too, and nobody acts against it.
    """
    highest = max(standings.values())
    if earned.head is None or standings[TOXICITY] is Standing.CLEAR:
        return highest, ()
    chance = earned.head.chance(facts)
    certain = earned.head_sure is not None and chance >= earned.head_sure
    return Standing.SURE if certain else highest, () if chance >= _EVEN else (reasons.NOT_HERE,)


def _carried(scored: Scored, band: Band, standings: Mapping[str, Standing]) -> tuple[str, ...]:
    """What the verdict would rest on alone; spam is no matter of words for people."""
    if all(standing is Standing.CLEAR for label, standing in standings.items() if label != "spam"):
        return ()
    forms = ((scored.readings.anybody, reasons.IDENTITY_WORDS), (scored.readings.civil, reasons.SWEARING))
    return tuple(said for form, said in forms if form and worst(form, scored.scores).toxic < band.doubtful)


def _findings(labels: Mapping[str, float], standings: Mapping[str, Standing]) -> Iterator[Finding]:
    """Toxicity always; other labels where they count, and as hints beside what is flagged."""
    yield Finding(rule=MODEL, label=TOXICITY, score=labels[TOXICITY])
    others = {label: score for label, score in labels.items() if label != TOXICITY}
    counted = [label for label in others if standings.get(label, Standing.CLEAR) > Standing.CLEAR]
    for label in counted:
        yield Finding(rule=_rule(label), label=label, score=others.pop(label))
    if max(standings.values()) > Standing.CLEAR:
        strongest = sorted(others.items(), key=lambda entry: -entry[1])[:SHOWN_LABELS]
        for label, score in strongest:
            if score >= HINT:
                yield Finding(rule=_rule(label), label=label, score=0.0, quote=f"{score:.2f}")


def _rule(label: str) -> str:
    return f"{MODEL}:{label.replace(' ', '_')}"
