"""On which line of a TOML text each key stands, which the standard parser does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from config.shape import Path

# Only a line with one of these can end a value that spans lines: long lists are not parsed again at each line.
ENDS = ("]", "}", '"""', "'''")


def lines(text: str) -> dict[Path, int]:
    """The first line, counted from 1, of every key and table of a valid TOML text; list entries by their index."""
    found: dict[Path, int] = {}
    table: Path = ()
    entries: dict[Path, int] = {}
    for number, statement, content in _statements(text):
        if statement.startswith("["):
            table = _table(content, entries)
            for cut in range(1, len(table) + 1):
                found.setdefault(table[:cut], number)
        for path in () if statement.startswith("[") else _paths(content):
            found.setdefault(table + path, number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    """Each statement with its line: the shortest run of lines that is TOML by itself."""
    start, gathered = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        start = start if gathered else number
        gathered += line + "\n"
        if start != number and not any(end in line for end in ENDS):
            continue
        try:
            content = tomllib.loads(gathered)
        except tomllib.TOMLDecodeError:
            continue
        yield start, gathered.strip(), content
        gathered = ""


def _paths(content: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _paths(value, (*path, key))
    if isinstance(content, list):
        for index, value in enumerate(content):
            yield from _paths(value, (*path, str(index)))


def _table(content: dict[str, object], entries: dict[Path, int]) -> Path:
    """The full path of a header; `entries` counts the `[[lists of tables]]` seen so far."""
    path: Path = ()
    here: object = content
    while isinstance(here, dict) and here:
        key, here = next(iter(here.items()))
        path = (*path, key)
        if isinstance(here, list):
            entries[path] = entries.get(path, -1) + 1
        if path in entries:
            path = (*path, str(entries[path]))
    return path
