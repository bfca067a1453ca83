"""Count what a replay would have done, in memory that does not grow with the messages."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.core.address import Address
from bot.core.effect import Delete, Effect, Penalty, Restrict
from bot.core.evidence import Finding
from bot.core.settlement import Outcome, Verdict

BINS = 20
EXAMPLES_PER_RULE = 50
# A tweet and a bit: enough to judge by, little enough to skim fifty.
EXCERPT = 320
MAX_AUTHORS = 10_000

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Consequence(StrEnum):
    """What a verdict means for the message."""

    ACT = "act"
    ASK = "ask"
    CLEAR = "clear"


def consequence(verdict: Verdict) -> Consequence:
    """The one place that reads a verdict: shadowed with something to do is acted on, with nothing to do asked about."""
    match verdict.outcome:
        case Outcome.SHADOWED:
            return Consequence.ACT if verdict.would else Consequence.ASK
        case Outcome.ACTED:
            return Consequence.ACT
        case Outcome.ASKED | Outcome.WAITING:
            return Consequence.ASK
        case Outcome.APPROVED | Outcome.GONE | Outcome.SUPERSEDED:
            return Consequence.CLEAR
        case _:
            assert_never(verdict.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One message worth looking at; `text` is an excerpt, `quotes` are the words that matched."""

    number: int
    where: Address
    at: datetime
    author: str
    text: str
    quotes: tuple[str, ...]
    score: float
    rule: str
    label: str
    consequence: Consequence


@dataclass(slots=True)
class RuleTally:
    """What one rule found under one label, each message once, with the strongest examples."""

    rule: str
    label: str
    counts: Counter[Consequence] = field(default_factory=Counter)
    _best: list[tuple[bool, float, int, Example]] = field(default_factory=list)

    def worth_keeping(self, consequence: Consequence, score: float) -> bool:
        """Whether an example like this would be kept; asked first, because making one costs more."""
        return len(self._best) < EXAMPLES_PER_RULE or (consequence is not Consequence.CLEAR, score) > self._best[0][:2]

    def keep(self, example: Example) -> None:
        """Put it among the best and let the weakest go; of equals the earlier stays."""
        rank = example.consequence is not Consequence.CLEAR, example.score, -example.number, example
        push = heapq.heappush if len(self._best) < EXAMPLES_PER_RULE else heapq.heappushpop
        push(self._best, rank)

    @property
    def examples(self) -> list[Example]:
        """The strongest first."""
        return [example for *_, example in sorted(self._best, reverse=True)]


@dataclass(slots=True)
class WaveTally:
    """One wave: how many messages by whom (up to `MAX_AUTHORS`), and the first of them that was called so."""

    where: Address
    at: datetime
    text: str
    counts: Counter[Consequence] = field(default_factory=Counter)
    authors: set[str] = field(default_factory=set)

    def add(self, author: str, found: Consequence) -> None:
        """Count one message of it."""
        self.counts[found] += 1
        if len(self.authors) < MAX_AUTHORS:
            self.authors.add(author)


@dataclass(slots=True)
class Tally:
    """Everything the report shows. `marks` are named thresholds for its picture, such as `("sure", 0.9)`."""

    marks: Sequence[tuple[str, float]] = ()
    messages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    removed: int = 0
    penalties: Counter[Penalty] = field(default_factory=Counter)
    counts: Counter[Consequence] = field(default_factory=Counter)
    channels: dict[Address, Counter[Consequence]] = field(default_factory=dict)
    rules: dict[tuple[str, str], RuleTally] = field(default_factory=dict)
    waves: dict[str, WaveTally] = field(default_factory=dict)
    _once: set[str] = field(default_factory=set)
    bins: list[Counter[Consequence]] = field(default_factory=lambda: [Counter() for _ in range(BINS)])

    def add(self, where: Address, at: datetime, author: str, text: str, verdict: Verdict) -> None:
        """Count one message with its verdict."""
        found = consequence(verdict)
        self.messages += 1
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        for counter in (self.counts, self._channel(where.parent), self.bins[_bin(verdict.evidence.score)]):
            counter[found] += 1
        self._count_deeds(verdict.would)
        fresh = self._count_wave(_Heard(number=self.messages, where=where, at=at, author=author, text=text), verdict)
        for finding in strongest(verdict.evidence.findings):
            rule = self._rule(finding)
            rule.counts[found] += 1
            # Of a wave one message shows what all of them said.
            if (fresh or not finding.wave) and rule.worth_keeping(found, finding.score):
                heard = _Heard(number=self.messages, where=where, at=at, author=author, text=text)
                rule.keep(_example(heard, finding, found))

    def _count_wave(self, heard: _Heard, verdict: Verdict) -> bool:
        """Whether a wave begins with it."""
        name = next((finding.wave for finding in verdict.evidence.findings if finding.wave), "")
        fresh = bool(name) and name not in self.waves
        if fresh:
            self.waves[name] = WaveTally(heard.where, heard.at, _excerpt(heard.text, ()))
        if name:
            self.waves[name].add(heard.author, consequence(verdict))
        return fresh

    def _channel(self, channel: Address) -> Counter[Consequence]:
        return self.channels.setdefault(channel, Counter())

    def _rule(self, finding: Finding) -> RuleTally:
        key = finding.rule, finding.label
        if key not in self.rules:
            self.rules[key] = RuleTally(*key)
        return self.rules[key]

    def _count_deeds(self, would: Sequence[Effect]) -> None:
        self.removed += any(isinstance(effect, Delete) for effect in would)
        restrictions = [effect for effect in would if isinstance(effect, Restrict) and effect.once not in self._once]
        self.penalties.update(effect.penalty for effect in restrictions)
        self._once |= {effect.once for effect in restrictions} - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    number: int
    where: Address
    at: datetime
    author: str
    text: str


def strongest(findings: Sequence[Finding]) -> list[Finding]:
    """The strongest finding of each rule and label, for a rule that matched twice found one message."""
    best: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = finding.rule, finding.label
        if key not in best or finding.score > best[key].score:
            best[key] = finding
    return list(best.values())


def matcher(quotes: Sequence[str]) -> re.Pattern[str] | None:
    """Finds any of the quotes, longest first; None when there is nothing to find."""
    wanted = sorted({_flat(quote) for quote in quotes} - {""}, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, wanted)) + ")", re.IGNORECASE) if wanted else None


def _example(heard: _Heard, finding: Finding, found: Consequence) -> Example:
    quotes = (finding.quote[:EXCERPT],) if finding.quote else ()
    return Example(
        number=heard.number,
        where=heard.where,
        at=heard.at,
        author=_flat(heard.author)[:80],
        text=_excerpt(heard.text, quotes),
        quotes=quotes,
        score=finding.score,
        rule=finding.rule,
        label=finding.label,
        consequence=found,
    )


def _excerpt(text: str, quotes: Sequence[str]) -> str:
    """The words around the first match, on one line."""
    shown = _flat(text)
    pattern = matcher(quotes)
    match = pattern.search(shown) if pattern else None
    start = max(0, match.start() - EXCERPT // 3) if match and len(shown) > EXCERPT else 0
    return ("…" if start else "") + shown[start : start + EXCERPT] + ("…" if start + EXCERPT < len(shown) else "")


def _flat(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _bin(score: float) -> int:
    return min(int(min(1.0, max(0.0, score)) * BINS), BINS - 1)
