"""The bands as a table: where asking and acting begin for each label, on what evidence, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.moderation.bands import EXPERIMENTAL, GROUNDS, TOXICITY, Aim, Band, Known, Pooled, aim_of, flagged
from pipelines.moderation.bounds import lower
from pipelines.moderation.counts import bin_of, log_odds, total
from pipelines.moderation.opinion import Earned
from pipelines.moderation.settings import ModerationSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One label. `acts` and `asks` say in words why acting and asking begin where they do; "" for what never counts."""

    label: str
    doubtful: float | None
    sure: float | None
    acts: str
    asks: str
    evidence: str


def explain(settings: ModerationSettings, known: Mapping[str, Known], earned: Earned) -> list[Row]:
    """A row for each label, the grounds first, and one for the community's own judgement where there is one."""
    rows = [_row(label, settings, known, earned.bands.get(label)) for label in (*GROUNDS, *EXPERIMENTAL)]
    return rows + ([_own(settings.precision, known, earned)] if earned.head else [])


def _row(label: str, settings: ModerationSettings, known: Mapping[str, Known], band: Band | None) -> Row:
    about = known.get(label, Known())
    evidence = _evidence(about, own=label == TOXICITY)
    if band is None:
        hint = "experimental: a hint beside others"
        return Row(label=label, doubtful=None, sure=None, acts=hint, asks="", evidence=evidence)
    acts = _acts(label, band, settings, about, aim_of(label, known, settings.aim))
    asks = "set by hand" if settings.doubtful is not None else _asks(band, about, own=label == TOXICITY)
    return Row(label=label, doubtful=band.doubtful, sure=band.sure, acts=acts, asks=asks, evidence=evidence)


def _acts(label: str, band: Band, settings: ModerationSettings, known: Known, aim: Aim) -> str:
    if label not in GROUNDS:
        return "asks: experimental, never acts"
    if settings.sure is not None:
        return "set by hand"
    pooled = Pooled.of(known, aim)
    if band.sure is not None:
        number = bin_of(log_odds(band.sure))
        bound = lower(pooled.right[number], pooled.cases[number])
        return f"acts: {_cases(pooled.own[number])}, lower bound {_bound(bound)} ≥ {aim.precision:g}"
    return _why_not(pooled, pooled.own[bin_of(log_odds(band.doubtful))], aim.precision)


def _why_not(pooled: Pooled, own: float, precision: float) -> str:
    _, bound = pooled.best()
    if not pooled.cases[0]:
        return "asks: nothing was counted for this model"
    if bound < precision:
        return f"asks: {_cases(own)}, lower bound at best {_bound(bound)} < {precision:g}"
    return f"asks: calibrated chance {_bound(max(pooled.chances))} < {precision:g}"


def _asks(band: Band, known: Known, *, own: bool) -> str:
    ordinary, messages = flagged(known, own=own)
    if not messages:
        return "no chat was counted for this model"
    return f"flags {ordinary[bin_of(log_odds(band.doubtful))] / messages:.2%} of {messages:,.0f} ordinary messages"


def _evidence(known: Known, *, own: bool) -> str:
    shipped, reviewed = known.shipped, known.reviewed
    parts = [
        f"validation {total(shipped.positives):,.0f} of {total(shipped.positives) + total(shipped.negatives):,.0f}",
        f"chat {total(shipped.benign):,.0f}",
        f"reviewed {total(reviewed.right):,.0f} right, {total(reviewed.wrong):,.0f} wrong",
        *([f"passed {total(reviewed.passed):,.0f}"] if own and reviewed.passed else []),
    ]
    return "; ".join(parts)


def _own(precision: float, known: Mapping[str, Known], earned: Earned) -> Row:
    sure = earned.head_sure
    why = "acts: cross-validated on your own cases" if sure else f"asks: too few own cases for {precision:g}"
    reviewed = known.get(TOXICITY, Known()).reviewed
    cases = total(reviewed.right) + total(reviewed.wrong)
    evidence = f"learned from {cases:,.0f} reviewed cases"
    return Row(
        label="your own judgement", doubtful=None, sure=sure, acts=why, asks="of what is flagged", evidence=evidence
    )


def _cases(count: float) -> str:
    return f"{count:,.0f} reviewed case{'' if count == 1 else 's'}"


def _bound(share: float) -> str:
    """Rounded down: a bound must not look better than it is."""
    return f"{int(share * 1000) / 1000:.3f}"


def lines(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Each row as people read it: the label, from where on it asks and acts, and why."""
    return [(row.label, f"{_score(row.doubtful)} / {_score(row.sure)}", _why(row)) for row in rows]


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}".rstrip("0")


def _why(row: Row) -> str:
    return "; ".join(filter(None, [row.acts, row.asks]))
