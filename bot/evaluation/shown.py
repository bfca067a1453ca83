"""An evaluation as a terminal shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.evaluation.page import facts, headline, remarks
from bot.text_evaluation import percent
from pipelines.moderation.evaluation.curves import Curves
from pipelines.moderation.evaluation.disguises import Disguises
from pipelines.moderation.evaluation.evaluate import Evaluation, Reached
from pipelines.moderation.evaluation.slices import Slice
from pipelines.moderation.measured import Share

_NONE = "–"


def shown(found: Evaluation, rate: float) -> RenderableType:
    """All figures; `rate` is the share of abuse that precision is also stated for."""
    parts: list[RenderableType] = [
        Text(f"{found.labelled.name}, model {found.model}", style="bold"),
        Text(headline(found)),
        *map(Text, remarks(found)),
        _facts(found),
        _reached("bands", found.reached, rate),
        _reached("other marks", found.marks, rate),
        _calibration(found.curves),
        *([_disguises(found.disguises)] if found.disguises else []),
        *_slices(found.slices),
    ]
    return Group(*(part for each in parts for part in (each, "")))


def _facts(found: Evaluation) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in facts(found):
        table.add_row(name, value)
    return table


def _reached(title: str, marks: Sequence[Reached], rate: float) -> Table:
    names = ("at or above", "from", "flagged", "recall", "false alarms", "precision", f"where {rate:.0%} is abuse")
    table = _table(title, *names)
    for mark in marks:
        least = _NONE if mark.least is None else f"{mark.least:.3f}"
        there = mark.precision_at(rate)
        shares = map(_share, (mark.found, mark.alarms, mark.right) if mark.least is not None else [Share(0, 0)] * 3)
        table.add_row(mark.name, least, f"{mark.right.cases:,}", *shares, _NONE if there is None else percent(there))
    return table


def _calibration(curves: Curves) -> Table:
    table = _table("calibration", "score", "mean", "abuse", "90 % interval", "messages")
    for each in curves.bins:
        interval = f"{percent(each.abuse.low)} to {percent(each.abuse.high)}"
        score = f"{each.low:.1f} to {each.high:.1f}"
        table.add_row(score, f"{each.mean:.3f}", _share(each.abuse), interval, f"{each.abuse.cases:,}")
    return table


def _disguises(found: Disguises) -> Table:
    title = f"under disguise, at {100 * found.alarms:g} % false alarms"
    table = _table(title, "disguise", "recall", "clean", "of clean", "if all wrote so")
    for each in found.tricks:
        row = (percent(each.found), percent(found.clean), f"{found.share(each.found):.0%}", percent(each.level))
        table.add_row(each.trick, *row)
    table.add_section()
    table.add_row(
        "mean", percent(found.mean), percent(found.clean), f"{found.share(found.mean):.0%}", percent(found.level)
    )
    return table


def _slices(found: Mapping[str, Sequence[Slice]]) -> list[Table]:
    return [_slice(column, rows) for column, rows in found.items()]


def _slice(column: str, rows: Sequence[Slice]) -> Table:
    table = _table(f"by {column}", "", "messages", "abuse", "AUC", "recall", "alarms", "acted", "wrongly")
    for row in rows:
        area = _NONE if row.area is None else f"{row.area:.3f}"
        counts = f"{row.found.cases + row.alarms.cases:,}", f"{row.found.cases:,}"
        alone = f"{row.alone.cases:,}", f"{row.alone.cases - row.alone.hits:,}"
        table.add_row(Text(row.value), *counts, area, _share(row.found), _share(row.alarms), *alone)
    return table


def _table(title: str, *names: str) -> Table:
    table = Table(title=Text(title), title_justify="left", title_style="bold", show_edge=False)
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    return table


def _share(share: Share) -> str:
    return percent(share.hits / share.cases) if share.cases else _NONE
