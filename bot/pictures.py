"""Small pictures as inline SVG: what is drawn is given in unit coordinates, and colours are left to the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from markupsafe import Markup

# Around the drawing, for the numbers and names of the axes.
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 22.0, 30.0, 42.0
_MIDDLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Its name, and where on it which numbers stand, from 0 to 1."""

    name: str
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The paper: `summary` is for those who do not see it; sizes are in units of the picture."""

    summary: str
    x: Axis
    y: Axis
    width: float = 400.0
    height: float = 330.0


@dataclass(frozen=True, slots=True)
class Line:
    """Through these points; `kind` is a class of the page. What lies below it may be `shaded`."""

    points: Sequence[tuple[float, float]]
    kind: str
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with what is told when it is pointed at, and a name beside it."""

    x: float
    y: float
    kind: str
    title: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Whisker:
    """How far up and down a value may lie."""

    x: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """From `low` to `high` over `x` and its `width`."""

    x: float
    width: float
    low: float
    high: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the horizontal axis with its name; names of neighbours go to rows of their own."""

    x: float
    name: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Words that begin at a place."""

    x: float
    y: float
    words: str


Shape: TypeAlias = Line | Dot | Whisker | Bar | Mark | Note


def draw(frame: Frame, shapes: Sequence[Shape]) -> Markup:
    """One picture that needs nothing else; every word in it is escaped."""
    pen = _Pen(frame)
    inner = Markup("\n").join([*pen.grid(), *map(pen.shape, shapes), *pen.names()])
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">\n{}\n</svg>').format(
        _short(frame.width), _short(frame.height), frame.summary, inner
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    """Knows where on the paper a unit coordinate lies."""

    frame: Frame

    def grid(self) -> Iterator[Markup]:
        """Lines and numbers of both axes."""
        left, right, bottom = self._x(0), self._x(1), self._y(0)
        for at, number in self.frame.y.ticks:
            yield _tag("line", "grid", x1=left, x2=right, y1=self._y(at), y2=self._y(at))
            yield _text(number, left - 7, self._y(at) + 4, anchor="end")
        for at, number in self.frame.x.ticks:
            yield _tag("line", "axis", x1=self._x(at), x2=self._x(at), y1=bottom, y2=bottom + 4)
            yield _text(number, self._x(at), bottom + 18, anchor="middle")
        yield _tag("line", "axis", x1=left, x2=right, y1=bottom, y2=bottom)

    def names(self) -> Iterator[Markup]:
        """What the axes show."""
        yield _text(self.frame.x.name, self._x(1), self.frame.height - 4, anchor="end")
        yield _text(self.frame.y.name, 0, 11, anchor="start")

    def shape(self, shape: Shape) -> Markup:
        """One of them."""
        match shape:
            case Line():
                return self._line(shape)
            case Dot():
                return self._dot(shape)
            case Whisker(x, low, high):
                return _tag("line", "whisker", x1=self._x(x), x2=self._x(x), y1=self._y(low), y2=self._y(high))
            case Bar():
                return self._bar(shape)
            case Mark():
                return self._mark(shape)
            case Note(x, y, words):
                return _text(words, self._x(x), self._y(y), anchor="start", kind="name")
            case _:
                assert_never(shape)

    def _line(self, line: Line) -> Markup:
        drawn = _tag("polyline", f"line {line.kind}", points=self._points(line.points))
        if not (line.shaded and line.points):
            return drawn
        area = [(line.points[0][0], 0.0), *line.points, (line.points[-1][0], 0.0)]
        return _tag("polygon", f"area {line.kind}", points=self._points(area)) + drawn

    def _dot(self, dot: Dot) -> Markup:
        x, y = self._x(dot.x), self._y(dot.y)
        point = Markup('<circle class="dot {}" cx="{}" cy="{}" r="4.5"><title>{}</title></circle>').format(
            dot.kind, _short(x), _short(y), dot.title
        )
        if not dot.name:
            return point
        # Beside it where there is room: below on the right, above on the left.
        right = dot.x < _MIDDLE
        name = _text(dot.name, x + (9 if right else -9), y + 16, anchor="start" if right else "end", kind="name")
        return point + name

    def _bar(self, bar: Bar) -> Markup:
        top, height = self._y(bar.high), self._y(bar.low) - self._y(bar.high)
        return Markup(
            '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
        ).format(
            bar.kind,
            _short(self._x(bar.x)),
            _short(top),
            _short(self._x(bar.x + bar.width) - self._x(bar.x)),
            _short(height),
            bar.title,
        )

    def _mark(self, mark: Mark) -> Markup:
        x, right = self._x(mark.x), mark.x < _MIDDLE
        line = _tag("line", "threshold", x1=x, x2=x, y1=self._y(1), y2=self._y(0))
        where = x + (6 if right else -6), self._y(1) + 11 + 15 * mark.row
        return line + _text(mark.name, *where, anchor="start" if right else "end", kind="threshold-name")

    def _points(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{_short(self._x(x))},{_short(self._y(y))}" for x, y in points)

    def _x(self, share: float) -> float:
        return _LEFT + share * (self.frame.width - _LEFT - _RIGHT)

    def _y(self, share: float) -> float:
        return _TOP + (1 - share) * (self.frame.height - _TOP - _BOTTOM)


def _tag(name: str, kind: str, **attributes: float | str) -> Markup:
    inner = Markup(" ").join(Markup('{}="{}"').format(key, _short(value)) for key, value in attributes.items())
    return Markup('<{} class="{}" {}/>').format(name, kind, inner)


def _text(words: str, x: float, y: float, *, anchor: str, kind: str = "") -> Markup:
    known = Markup(' class="{}"').format(kind) if kind else Markup()
    return Markup('<text{} x="{}" y="{}" text-anchor="{}">{}</text>').format(known, _short(x), _short(y), anchor, words)


def _short(value: float | str) -> str:
    """A tenth of a unit is finer than any screen."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
