"""An evaluation as one page that can be passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from bot import text_evaluation as text
from bot.core.surface import legible
from bot.evaluation import drawn
from bot.text_evaluation import percent
from pipelines.moderation.evaluation.evaluate import Evaluation, Reached
from pipelines.moderation.measured import Share

_PAGE = jinja2.Environment(
    loader=jinja2.PackageLoader("bot"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing with its heading, and how to read it."""

    heading: str
    svg: str
    caption: str


def render(found: Evaluation, rate: float) -> str:
    """One HTML page without scripts or requests; `rate` is the share of abuse that precision is also stated for."""
    page = _PAGE.get_template("evaluation.html.jinja").render(
        found=found,
        headline=headline(found),
        facts=facts(found),
        pictures=pictures(found),
        rate=rate,
        remarks=remarks(found),
        percent=percent,
        share=_share,
        interval=_interval,
    )
    return legible(page)


def headline(found: Evaluation) -> str:
    """What is found and what is flagged wrongly, at the mark from which people are asked."""
    doubtful = mark(found, "doubtful")
    return text.headline(_share(doubtful.found), _share(doubtful.alarms), found.abuse.cases)


def mark(found: Evaluation, name: str) -> Reached:
    """The figures at one mark."""
    return next(each for each in found.reached if each.name == name)


def facts(found: Evaluation) -> list[tuple[str, str]]:
    """Names and figures, the most telling first."""
    within = found.curves.area_within
    return [
        *([("AUC", f"{found.curves.area:.3f} ({within[0]:.3f} to {within[1]:.3f})")] if within else []),
        *([("Average precision", f"{found.curves.precision:.3f}")] if within else []),
        ("Calibration error", f"{found.curves.error:.3f}"),
        *((f"Recall at {rate * 100:g} % false alarms", percent(recall)) for rate, recall in found.curves.recalls),
        ("Messages", f"{found.abuse.cases:,}"),
        ("Abuse among them", f"{found.abuse.hits:,} ({percent(_share(found.abuse) or 0.0)})"),
        ("A core scores", f"{found.pace.a_second:,.0f} messages a second"),
        ("One alone takes", f"{found.pace.half_ms:.1f} ms (1 in 100: {found.pace.most_ms:.1f} ms)"),
    ]


def remarks(found: Evaluation) -> list[str]:
    """What a reader should know before the figures are read."""
    return [
        *([text.left_out(found.labelled.left_out)] if found.labelled.left_out else []),
        *([text.NOTHING_EARNED] if found.band.sure is None else []),
        *([text.ONE_KIND] if found.curves.area is None else []),
    ]


def pictures(found: Evaluation) -> Sequence[Picture]:
    """Curves only where there are two kinds of messages."""
    both = found.curves.area is not None
    return [
        *([Picture(heading=text.ROC, svg=drawn.roc(found), caption=text.ROC_READ)] if both else []),
        *([Picture(heading=text.PRECISION, svg=drawn.precisions(found), caption=text.PRECISION_READ)] if both else []),
        Picture(heading=text.CALIBRATION, svg=drawn.reliability(found.curves), caption=text.CALIBRATION_READ),
        Picture(heading=text.SCORES, svg=drawn.histogram(found), caption=text.SCORES_READ),
    ]


def _share(share: Share) -> float | None:
    return share.hits / share.cases if share.cases else None


def _interval(share: Share) -> str:
    return f"{percent(share.low)} to {percent(share.high)}"
