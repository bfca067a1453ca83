"""Labelled messages from a CSV or Parquet file, with whatever else its columns say about them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot import text_evaluation as text
from pipelines.moderation.evaluation.parquet import is_parquet, read_parquet

_GZIP: Final = b"\x1f\x8b"
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})
_HALF: Final = 0.5
# Slices are read by people, and a column with more values than this names single messages.
MOST_VALUES: Final = 40
_SEPARATORS: Final = ",;\t"
_LONGEST_CELL: Final = 16 * 1024 * 1024

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which columns are meant; of `slices` none means all that have a few different words in them."""

    text: str = "text"
    label: str = "toxic"
    slices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Messages, whether each is abuse, and what other columns say by their name; `left_out` lacked text or label."""

    name: str
    texts: Sequence[str]
    abuse: Sequence[bool]
    slices: Columns = field(default_factory=dict)
    left_out: int = 0


def read(file: Path, wanted: Wanted) -> Labelled:
    """Raises `ValueError` with a sentence for a file that cannot be used."""
    if not file.is_file():
        raise ValueError(text.no_such_file(file))
    columns = read_parquet(file) if is_parquet(file) else _read_csv(file)
    for option, column in _named(wanted):
        if column not in columns:
            raise ValueError(text.no_column(file, column, option, list(columns)))
    return _labelled(file, columns, wanted)


def truth(label: str) -> bool | None:
    """Whether a label says yes, None for one that says neither; a share counts from a half on."""
    word = label.strip().lower()
    if word in _YES | _NO:
        return word in _YES
    try:
        share = float(word)
    except ValueError:
        return None
    return share >= _HALF if 0 <= share <= 1 else None


def _named(wanted: Wanted) -> Iterator[tuple[str, str]]:
    yield "--text-column", wanted.text
    yield "--label-column", wanted.label
    yield from (("--slice", column) for column in wanted.slices)


def _labelled(file: Path, columns: Columns, wanted: Wanted) -> Labelled:
    texts, labels = columns[wanted.text], columns[wanted.label]
    used = [row for row, label in enumerate(labels) if label.strip() and texts[row].strip()]
    if not used:
        raise ValueError(text.nothing_labelled(file, list(columns)))
    chosen = wanted.slices or _telling(columns, wanted, used)
    return Labelled(
        name=file.name,
        texts=[texts[row] for row in used],
        abuse=[_truth(file, wanted.label, labels[row], row) for row in used],
        slices={column: [columns[column][row].strip() for row in used] for column in chosen},
        left_out=len(labels) - len(used),
    )


def _truth(file: Path, column: str, label: str, row: int) -> bool:
    found = truth(label)
    if found is None:
        raise ValueError(text.no_label(file, column, label[:40], row + 1))
    return found


def _telling(columns: Columns, wanted: Wanted, used: Sequence[int]) -> list[str]:
    """Columns of words that occur again and again: numbers and names of single messages divide nothing."""
    return [
        column
        for column, cells in columns.items()
        if column not in {wanted.text, wanted.label} and _divides({cells[row].strip() for row in used} - {""})
    ]


def _divides(values: set[str]) -> bool:
    return 1 < len(values) <= MOST_VALUES and not all(map(_is_number, values))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _read_csv(file: Path) -> Columns:
    try:
        return _columns(file, io.StringIO(_content(file).decode("utf-8-sig"), newline=""))
    except UnicodeDecodeError as error:
        raise ValueError(text.not_text(file, error.start)) from error
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise ValueError(text.not_readable(file, error)) from error


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if content.startswith(_GZIP) else content


def _columns(file: Path, lines: io.StringIO) -> Columns:
    first = lines.readline()
    lines.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(lines, delimiter=max(_SEPARATORS, key=first.count))
    names = [name.strip() for name in next(rows, [])]
    if not any(names):
        raise ValueError(text.no_header(file))
    columns: list[list[str]] = [[] for _ in names]
    for row in filter(None, rows):
        if len(row) != len(names):
            raise ValueError(text.uneven(file, rows.line_num, len(row), names))
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    return dict(zip(names, columns, strict=True))
