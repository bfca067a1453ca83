from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bot.pictures import Axis, Bar, Dot, Frame, Line, Mark, Note, Shape, Whisker, draw

AXIS = Axis(name="share", ticks=[(0, "0"), (1, "1")])
# 100 by 100 units are left to draw on.
FRAME = Frame(summary="a picture", x=AXIS, y=AXIS, width=170, height=172)
HOSTILE = '"><script>alert(1)</script><x y="'


def _drawn(*shapes: Shape) -> list[ET.Element]:
    """What was drawn between the grid, of five lines and four numbers, and the names of the axes."""
    return list(ET.fromstring(draw(FRAME, shapes)))[9:-2]


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        (Line([(0, 0), (0.5, 1), (1, 0)], "hue"), {"class": "line hue", "points": "48,130 98,30 148,130"}),
        (Whisker(0.5, 0.25, 0.75), {"class": "whisker", "x1": "98", "x2": "98", "y1": "105", "y2": "55"}),
        (
            Bar(0.1, 0.2, 0.5, 0.8, "act", "some"),
            {"class": "bar act", "x": "58", "y": "50", "width": "20", "height": "30", "rx": "1.5"},
        ),
        (Dot(1, 1, "ask", "here"), {"class": "dot ask", "cx": "148", "cy": "30", "r": "4.5"}),
        (Note(0, 1, "words"), {"class": "name", "x": "48", "y": "30", "text-anchor": "start"}),
    ],
)
def test_unit_coordinates_become_places_on_the_paper(shape: Shape, attributes: dict[str, str]) -> None:
    (element,) = _drawn(shape)
    assert element.attrib == attributes


def test_what_lies_below_a_line_may_be_shaded() -> None:
    area, line = _drawn(Line([(0, 0.5), (1, 1)], "hue", shaded=True))
    assert area.attrib == {"class": "area hue", "points": "48,130 48,80 148,30 148,130"}
    assert line.attrib == {"class": "line hue", "points": "48,80 148,30"}


@pytest.mark.parametrize(("x", "anchor"), [(0.2, "start"), (0.8, "end")])
def test_names_are_written_towards_the_middle(x: float, anchor: str) -> None:
    _, dot_name = _drawn(Dot(x, 0.5, "ask", "", "doubtful"))
    _, mark_name = _drawn(Mark(x, "doubtful"))
    assert dot_name.attrib["text-anchor"] == mark_name.attrib["text-anchor"] == anchor


def test_names_of_neighbouring_marks_stand_in_rows() -> None:
    rows = [float(_drawn(Mark(0.5, "mark", row))[1].attrib["y"]) for row in (0, 1)]
    assert rows[1] - rows[0] == 15


def test_nothing_is_drawn_of_nothing() -> None:
    (line,) = _drawn(Line([], "hue", shaded=True))
    assert line.attrib == {"class": "line hue", "points": ""}


def test_no_word_becomes_markup() -> None:
    axis = Axis(name=HOSTILE, ticks=[(0, HOSTILE)])
    frame = Frame(summary=HOSTILE, x=axis, y=axis)
    shapes: list[Shape] = [
        Line([(0, 0)], HOSTILE),
        Dot(0, 0, HOSTILE, HOSTILE, HOSTILE),
        Bar(0, 1, 0, 1, HOSTILE, HOSTILE),
        Mark(0, HOSTILE),
        Note(0, 0, HOSTILE),
    ]
    root = ET.fromstring(draw(frame, shapes))
    assert {element.tag for element in root.iter()} == {"svg", "line", "text", "polyline", "circle", "rect", "title"}
    assert root.attrib["aria-label"] == HOSTILE
