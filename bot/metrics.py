"""Counts what moves along the path, in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from bot.core.meter import Went
from bot.core.settlement import Outcome, Settlement
from bot.core.stored import Backlog

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# In seconds: a message should be judged within a few milliseconds, and a slow disk or model shows at the other end.
LATENCIES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_UNREMARKABLE: Final = frozenset({Outcome.APPROVED, Outcome.GONE, Outcome.SUPERSEDED})
STALLS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How things stand: what waits, for how long the oldest event has, and which connectors are up."""

    backlog: Backlog
    oldest_seconds: float
    up: Mapping[str, bool]


@dataclass(slots=True)
class Metrics:
    """One set of counters for one application. Labels are platforms, kinds, modes and rule ids: never what was said."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _heard: Counter = field(init=False)
    _decisions: Counter = field(init=False)
    _findings: Counter = field(init=False)
    _cases: Counter = field(init=False)
    _lane: Histogram = field(init=False)
    _deliveries: Counter = field(init=False)
    _texts: Counter = field(init=False)
    _failures: Counter = field(init=False)
    _model: Histogram = field(init=False)
    _stalls: Histogram = field(init=False)

    def __post_init__(self) -> None:
        self._heard = self._counter("events_heard", "Events that connectors handed over.", "platform")
        self._decisions = self._counter("decisions", "Messages judged.", "outcome", "mode")
        self._findings = self._counter("findings", "Findings in messages that were not approved.", "rule")
        self._cases = self._counter("moderator_decisions", "Cases that moderators decided.", "decision")
        self._lane = self._histogram("now_lane_seconds", "From accepted to decided and written.", LATENCIES)
        self._deliveries = self._counter("deliveries", "Attempts at effects.", "platform", "effect", "went")
        self._texts = self._counter("model_texts", "Texts that the local model scored.")
        self._failures = self._counter("model_failures", "Times that the local model gave no answer.")
        self._model = self._histogram("model_seconds", "From asking the local model to its answer.", LATENCIES)
        self._stalls = self._histogram("loop_stall_seconds", "How late the event loop came.", STALLS)

    def heard(self, platform: str, events: int) -> None:
        """Count events."""
        self._heard.labels(platform).inc(events)

    def settled(self, settlement: Settlement) -> None:
        """Count a verdict, what it rests on, and what moderators decided."""
        for decision in settlement.decisions:
            self._cases.labels(decision.decision).inc()
        if settlement.verdict is None:
            return
        outcome, evidence = settlement.verdict.outcome, settlement.verdict.evidence
        self._decisions.labels(outcome, evidence.mode or "none").inc()
        if outcome not in _UNREMARKABLE:
            for rule in {finding.rule for finding in evidence.findings}:
                self._findings.labels(rule).inc()

    def decided(self, seconds: float) -> None:
        """Put it into its bucket."""
        self._lane.observe(seconds)

    def delivered(self, platform: str, effect: str, went: Went) -> None:
        """Count an attempt."""
        self._deliveries.labels(platform, effect, went).inc()

    def scored(self, texts: int, seconds: float, *, failed: bool) -> None:
        """Count the texts, or the failure."""
        (self._failures if failed else self._texts).inc(1 if failed else texts)
        self._model.observe(seconds)

    def stalled(self, seconds: float) -> None:
        """Put it into its bucket."""
        self._stalls.observe(seconds)

    def page(self, moment: Moment) -> bytes:
        """All of it, with how things stand at this moment."""
        now = CollectorRegistry()
        now.register(_Gauges(moment))
        return generate_latest(self.registry) + generate_latest(now)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"parley_{name}", help_, labels, registry=self.registry)

    def _histogram(self, name: str, help_: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"parley_{name}", help_, registry=self.registry, buckets=buckets)


@dataclass(frozen=True, eq=False)
class _Gauges(Collector):
    """What is looked up when somebody asks."""

    moment: Moment

    @override
    def collect(self) -> Iterable[Metric]:
        waiting = GaugeMetricFamily("parley_waiting", "What is not done yet.", labels=["what"])
        for what in ("events", "effects", "jobs", "cases"):
            waiting.add_metric([what], getattr(self.moment.backlog, what))
        yield waiting
        oldest = GaugeMetricFamily("parley_oldest_event_seconds", "How long the oldest undecided event has waited.")
        oldest.add_metric([], self.moment.oldest_seconds)
        yield oldest
        up = GaugeMetricFamily("parley_connector_up", "1 unless the platform refuses us.", labels=["connector"])
        for name, is_up in self.moment.up.items():
            up.add_metric([name], float(is_up))
        yield up
