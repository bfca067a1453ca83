"""The pictures of an evaluation: both curves, calibration, and how scores are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from bot.pictures import Axis, Bar, Dot, Frame, Line, Mark, Note, Shape, Whisker, draw
from bot.text_evaluation import percent
from pipelines.moderation.evaluation.curves import Bin, Column, Curves
from pipelines.moderation.evaluation.evaluate import Evaluation, Reached

_FIFTHS = [(n / 5, f"{n * 20} %") for n in range(6)]
_SCORES = [(n / 5, f"{n / 5:.1f}") for n in range(6)]
_NEAR = 0.12
# Counts are drawn by their logarithm; one message would have no height without a foot to stand on.
_FOOT = 0.35
_HALF = 0.5


def roc(found: Evaluation) -> Markup:
    """How much abuse is found at the price of how many false alarms."""
    points = found.curves.roc
    area = found.curves.area or 0.0
    frame = Frame(
        summary=f"ROC curve, area {area:.3f}: {_told(points, 'false alarms', 'recall')}",
        x=Axis(name="false alarms", ticks=_FIFTHS),
        y=Axis(name="recall", ticks=_FIFTHS),
    )
    dots = [
        _dot(mark, mark.alarms.hits / mark.alarms.cases, mark.found.hits / mark.found.cases) for mark in _marks(found)
    ]
    return draw(frame, [Line([(0, 0), (1, 1)], "chance"), Line(points, "hue", shaded=True), *dots])


def precisions(found: Evaluation) -> Markup:
    """How much of what is flagged is abuse, for how much of it."""
    points, base = found.curves.precisions, found.abuse.hits / found.abuse.cases
    area = found.curves.precision or 0.0
    frame = Frame(
        summary=f"Precision-recall curve, average precision {area:.3f}: {_told(points, 'recall', 'precision')}",
        x=Axis(name="recall", ticks=_FIFTHS),
        y=Axis(name="precision", ticks=_FIFTHS),
    )
    dots = [
        _dot(mark, mark.found.hits / mark.found.cases, mark.right.hits / mark.right.cases) for mark in _marks(found)
    ]
    return draw(frame, [Line([(0, base), (1, base)], "chance"), Line(points, "hue", shaded=True), *dots])


def reliability(curves: Curves) -> Markup:
    """What the scores promise, and what share was abuse."""
    frame = Frame(
        summary="Calibration: " + "; ".join(_promised(each) for each in curves.bins),
        x=Axis(name="score", ticks=_SCORES),
        y=Axis(name="share that is abuse", ticks=_FIFTHS),
    )
    points = [(each.mean, each.abuse.hits / each.abuse.cases) for each in curves.bins]
    shapes: list[Shape] = [Line([(0, 0), (1, 1)], "chance"), Line(points, "hue")]
    shapes += [Whisker(each.mean, each.abuse.low, each.abuse.high) for each in curves.bins]
    shapes += [Dot(x, y, "hue", _promised(each)) for (x, y), each in zip(points, curves.bins, strict=True)]
    return draw(frame, shapes)


def histogram(found: Evaluation) -> Markup:
    """Harmless messages upwards and abuse downwards, by score."""
    columns = found.curves.columns
    decades = max(1, math.ceil(math.log10(max(max(each.harmless, each.abuse) for each in columns))))
    frame = Frame(
        summary="; ".join(_spread(each) for each in columns if each.harmless or each.abuse),
        x=Axis(name="score", ticks=_SCORES),
        y=Axis(name="messages", ticks=_decades(decades)),
    )
    bars = [bar for each in columns for bar in _bars(each, decades)]
    names = Note(0.3, 0.93, "harmless"), Note(0.3, 0.04, "abuse")
    return draw(frame, [*bars, Line([(0, _HALF), (1, _HALF)], "ground"), *names, *_thresholds(found)])


def _marks(found: Evaluation) -> list[Reached]:
    """Those that something reaches; the names of two that are nearly one would cover each other."""
    marks = [mark for mark in found.reached if mark.name in {"doubtful", "sure"} and mark.right.cases]
    return [mark for mark in marks if mark.found.cases and mark.alarms.cases]


def _dot(mark: Reached, x: float, y: float) -> Dot:
    title = f"{mark.name}: recall {percent(mark.found.hits / mark.found.cases)}"
    return Dot(x, y, "ask" if mark.name == "doubtful" else "act", title, mark.name)


def _told(points: Sequence[tuple[float, float]], x: str, y: str) -> str:
    """A few points of a curve in words."""
    step = max(1, len(points) // 5)
    return "; ".join(f"{y} {percent(b)} at {x} {percent(a)}" for a, b in points[::step])


def _promised(each: Bin) -> str:
    share = percent(each.abuse.hits / each.abuse.cases)
    return f"score {each.mean:.2f}: {share} abuse among {each.abuse.cases:,}"


def _spread(each: Column) -> str:
    return f"score {each.low:.2f} to {each.high:.2f}: {each.harmless:,} harmless, {each.abuse:,} abuse"


def _decades(decades: int) -> list[tuple[float, str]]:
    steps = [(_height(10**power, decades), f"{10**power:,}") for power in range(decades + 1)]
    shown = steps if decades <= 3 else steps[1:]  # noqa: PLR2004 - more would touch each other
    return [
        *((_HALF - height, number) for height, number in reversed(shown)),
        *((_HALF + height, number) for height, number in shown),
    ]


def _bars(each: Column, decades: int) -> list[Bar]:
    gap = 0.1 * (each.high - each.low)
    x, width, title = each.low + gap / 2, each.high - each.low - gap, _spread(each)
    up, down = _height(each.harmless, decades), _height(each.abuse, decades)
    return [
        *([Bar(x, width, _HALF, _HALF + up, "clear", title)] if up else []),
        *([Bar(x, width, _HALF - down, _HALF, "act", title)] if down else []),
    ]


def _height(count: int, decades: int) -> float:
    return _HALF * (math.log10(count) + _FOOT) / (decades + _FOOT) if count else 0.0


def _thresholds(found: Evaluation) -> list[Mark]:
    marks = [(found.band.doubtful, "doubtful"), (found.band.sure, "sure")]
    known = [(at, f"{name} {at:.2f}") for at, name in marks if at is not None]
    near = any(later[0] - sooner[0] < 3 * _NEAR for sooner, later in pairwise(known))
    return [Mark(at, name, row if near else 0) for row, (at, name) in enumerate(known)]
