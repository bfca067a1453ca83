"""Parquet files, where the library that reads them is installed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bot import text_evaluation as text

_MAGIC: Final = b"PAR1"


def is_parquet(file: Path) -> bool:
    """By its first bytes, or by its name where it has none."""
    with file.open("rb") as content:
        first = content.read(len(_MAGIC))
    return first == _MAGIC or (not first and file.suffix == ".parquet")


def read_parquet(file: Path) -> Mapping[str, Sequence[str]]:
    """Every column as words, "" where a cell is empty; raises `ValueError` with a sentence."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table
    except ImportError as error:
        raise ValueError(text.NO_PYARROW) from error
    try:
        table = read_table(file)
    except (ArrowException, OSError) as error:
        raise ValueError(text.not_readable(file, error)) from error
    return {
        name: [_word(cell) for cell in column.to_pylist()]
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _word(cell: object) -> str:
    """What is missing is None or no number, by the library that wrote it."""
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else str(cell)
