"""What the readers of exports share: checked JSON, and one sentence where a file is not what it should be."""

from __future__ import annotations

import gzip
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import orjson

from bot.core.surface import legible

Object: TypeAlias = dict[str, object]

# No message of any platform comes near these; only a file made to exhaust us does.
MAX_LINE_BYTES = 4 << 20
MAX_DOCUMENT_BYTES = 256 << 20

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
# A zip says RuntimeError when it wants a password or was packed in a way we cannot unpack.
_UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


@contextmanager
def unbroken(name: str) -> Iterator[None]:
    """Turn what files and archives raise when they are missing or damaged into one sentence."""
    try:
        yield
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error) or "it ends too early"
        raise ValueError(f"{name} cannot be read: {reason}.") from error


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a plain or gzip file with their numbers from 1."""
    with unbroken(path.name), _opened(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), 1):
            if len(line) > MAX_LINE_BYTES:
                raise ValueError(f"{path.name}, line {number}: expected at most {MAX_LINE_BYTES:,} bytes.")
            yield number, line.removeprefix(_BOM) if number == 1 else line


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    # GzipFile is a binary file in all but its declared type.
    return cast("BinaryIO", gzip.open(path)) if packed else path.open("rb")


def parse(data: bytes, place: str) -> object:
    """The JSON value in `data`; `ValueError` names `place` when there is none."""
    try:
        return orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        return _parse_lone_surrogates(data, place, error)


def _parse_lone_surrogates(data: bytes, place: str, error: orjson.JSONDecodeError) -> object:
    """Half an emoji, cut by a platform's length limit, is no reason to refuse a whole export."""
    if "surrogate" in error.msg or b"\\ud" in data.lower():
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            pass
    start = f"column {error.colno:,}" if error.lineno == 1 else f"its line {error.lineno:,}, column {error.colno:,}"
    raise ValueError(f"{place}: expected JSON, but cannot read it from {start} on.") from error


def an_object(value: object, place: str) -> Object:
    """The value itself, which must be an object."""
    if isinstance(value, dict):
        return value
    raise ValueError(f"{place}: expected an object, found {described(value)}.")


def a_list(value: object, place: str) -> list[object]:
    """The value itself, which must be a list."""
    if isinstance(value, list):
        return value
    raise ValueError(f"{place}: expected a list, found {described(value)}.")


def member(value: object) -> Object:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def members(value: object) -> list[Object]:
    """The objects of a list; an optional list of another shape says nothing a reader could see."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def required(message: Object, key: str, place: str) -> str:
    """A text that must be there, not empty."""
    found = legible(message.get(key))
    if not found:
        raise ValueError(f"{place}: expected “{key}” to be a text, found {described(message.get(key))}.")
    return found


def optional(message: Object, key: str, place: str) -> str:
    """A text that may be missing or null, but not something else."""
    found = message.get(key)
    if found is not None and not isinstance(found, str):
        raise ValueError(f"{place}: expected “{key}” to be a text, found {described(found)}.")
    return legible(found)


def moment(message: Object, key: str, place: str) -> datetime:
    """A time with its offset from UTC, in UTC."""
    try:
        at = datetime.fromisoformat(str(message.get(key)))
        if at.tzinfo is UTC:
            return at
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    found = described(message.get(key))
    raise ValueError(f"{place}: expected “{key}” to be a time such as 2024-05-01T12:00:00+00:00, found {found}.")


def whole(value: object) -> int:
    """A size or a count; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def described(value: object) -> str:
    """What stands there instead, short enough for a sentence."""
    if isinstance(value, str):
        return f"“{legible(value)[:40]}”"
    names = {type(None): "nothing", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")
