"""What `parley eval` says about files that it cannot use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_MOST_NAMED: Final = 20
_ONE_IN_HUNDRED: Final = 0.01

NO_PYARROW: Final = "Parquet files need one more library: pip install “parley[parquet]”; CSV needs nothing."


ROC: Final = "What it finds, and what that costs"
ROC_READ: Final = "Each score as a mark (ROC). Best is the upper left corner; the dashed line is guessing."
PRECISION: Final = "How often it is right"
PRECISION_READ: Final = "Precision for each recall. The dashed line is the share of abuse in this file."
CALIBRATION: Final = "What a score is worth"
CALIBRATION_READ: Final = (
    "On the dashed line a score is the chance that a message is abuse. Above it the model is too timid for this file, "
    "below it too bold. Lines up and down are 90 % intervals."
)
SCORES: Final = "How scores are spread"
SCORES_READ: Final = "Harmless messages upwards, abuse downwards; each step is ten times as many."


def no_such_file(file: object) -> str:
    """Nothing is there."""
    return f"{file} does not exist, or is no file."


def no_column(file: object, column: str, option: str, columns: Sequence[str]) -> str:
    """Which ones there are, and how to name the right one."""
    return f"{file} has no column “{column}”; it has {_listed(columns)}. Name the right one with {option}."


def nothing_labelled(file: object, columns: Sequence[str]) -> str:
    """There are columns and not one row that could be used."""
    return f"{file} has no row with both a text and a label; its columns are {_listed(columns)}."


def no_header(file: object) -> str:
    """A file without a first line."""
    return f"{file} is empty; its first line should name the columns, such as text,toxic."


def not_text(file: object, position: int) -> str:
    """A text file in another encoding."""
    return f"{file} is not UTF-8 (see byte {position:,}): save it as UTF-8, or convert it with “iconv -t UTF-8”."


def not_readable(file: object, error: Exception) -> str:
    """A damaged file."""
    return f"{file} cannot be read: {error}."


def uneven(file: object, line: int, cells: int, columns: Sequence[str]) -> str:
    """Mostly a text with a comma in it and no quotation marks around it."""
    return (
        f"{file} has {_counted(cells, 'cell')} in line {line:,} and {_counted(len(columns), 'column')}: "
        f"{_listed(columns)}. A text with a comma in it needs quotation marks around it."
    )


def no_label(file: object, column: str, value: str, row: int) -> str:
    """A label that says neither yes nor no."""
    return (
        f"{file} has the label “{value}” in column “{column}”, row {row:,}: "
        "a label is 0 or 1, false or true, no or yes, or a share from 0 to 1. Name another column with --label-column."
    )


def no_model(name: str, names: Sequence[str]) -> str:
    """Which ones there are."""
    return f"There is no model {name!r}: choose one of {', '.join(names)}."


def no_report(report: object) -> str:
    """A folder, or a place where nothing may be written."""
    return f"The report cannot be written to {report}: name another file with --report."


def headline(found: float | None, alarms: float | None, messages: int) -> str:
    """The result in one sentence; None where there is no abuse, or nothing harmless."""
    parts = [
        *([f"finds {percent(found)} of the abuse"] if found is not None else []),
        *([f"flags {percent(alarms)} of the harmless ones"] if alarms is not None else []),
    ]
    return f"In {_counted(messages, 'message')} Parley {' and '.join(parts)}."


def left_out(rows: int) -> str:
    """Rows without a text or without a label."""
    return f"{_counted(rows, 'row')} without a text or without a label {'was' if rows == 1 else 'were'} left out."


NOTHING_EARNED: Final = (
    "This model never acts alone: no score was shown to be right often enough for that. “parley bands” says why."
)
ONE_KIND: Final = "All messages have the same label, so there is nothing to tell apart: no curves, and no disguises."


def percent(share: float) -> str:
    """Never rounded to all or nothing where it is neither."""
    if share in {0, 1}:
        return f"{share:.0%}".replace("%", " %")
    digits = 1 if share >= _ONE_IN_HUNDRED else 2
    step = 10 ** -(digits + 2)
    return f"{100 * min(max(share, step), 1 - step):.{digits}f} %"


def would_be_lost(report: object) -> str:
    """The report would take the place of the messages."""
    return f"{report} holds the messages: name another file with --report."


def _listed(columns: Sequence[str]) -> str:
    shown = [f"“{column}”" for column in columns[:_MOST_NAMED]]
    more = len(columns) - len(shown)
    return ", ".join([*shown, *([f"{more} more"] if more else [])])


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
