"""Read JSON that a stranger wrote: no value in it may raise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import orjson

from bot.core.surface import legible

Json: TypeAlias = Mapping[str, object]

# The longest id that the specification allows, in bytes; the longest in characters cannot be longer.
MAX_ID = 255
# No client needs as much, and Python's own reader gives up near 1,000.
MAX_DEPTH = 250
MAX_NODES = 2_000

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def decode(data: bytes) -> object:
    """The value, also with lone surrogates; what is nested too deep becomes null. Raises `ValueError`."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _leniently(data)


def encode(value: object) -> bytes:
    """The value as JSON for the archive, b'' when it holds what no archive takes."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return b""


def mapping(value: object) -> Json:
    """The object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Json]:
    """The objects in a list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def ident(value: object) -> str:
    """An id, '' for what can be none."""
    return legible(value) if isinstance(value, str) and len(value) <= MAX_ID else ""


def whole(value: object, default: int) -> int:
    """A whole number; old rooms write power levels as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value.strip()):
        return int(value)
    return default


def strings(value: object) -> Iterator[str]:
    """Every text in a value, however it is nested, in reading order."""
    open_values = [value]
    for _ in range(MAX_NODES):
        if not open_values:
            return
        found = open_values.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            open_values.extend(reversed(list(found.values())))
        elif isinstance(found, list):
            open_values.extend(reversed(found))


def _leniently(data: bytes) -> object:
    try:
        return _loads(data)
    except RecursionError:
        return _loads(_shallow(data))


def _loads(data: bytes) -> object:
    # An integer of 5,000 digits would raise.
    value: object = json.loads(
        data.decode("utf-8", "replace"), parse_int=lambda digits: int(digits) if len(digits) < MAX_ID else 0
    )
    return value


def _shallow(data: bytes) -> bytes:
    """The document with everything below `MAX_DEPTH` replaced by null."""
    kept: list[bytes] = []
    depth = begin = 0
    for mark in _STRUCTURE.finditer(data):
        if mark.group() in b"[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept.append(data[begin : mark.start()] + b"null")
        elif mark.group() in b"]}":
            depth -= 1
            if depth == MAX_DEPTH:
                begin = mark.end()
    return b"".join(kept) + data[begin:]
