"""Take a channel's export apart message by message, without holding it in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.export import MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, Object, a_list, an_object, lines, parse, unbroken

# The head names server and channel; it is a dozen lines long.
_MAX_HEAD_LINES = 200
_OPENING = re.compile(rb'([ \t]+)"messages": ?\[\s*')
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message and where it stands, for a sentence about it."""

    message: Object
    place: str


def files(path: Path) -> list[Path]:
    """The file itself, or a folder's exports; part 2 comes before part 10."""
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.json"), key=lambda file: [_ordinal(part) for part in _DIGITS.split(file.name)])
    if not found:
        raise ValueError(f"{path.name}: expected a folder with exported channels (*.json), found none.")
    return found


def _ordinal(part: str) -> tuple[int, str]:
    # Numbers with equal value and unequal length cannot be compared as text.
    return (len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (0, part)


def opened(path: Path) -> tuple[Object, Iterator[Entry]]:
    """The head of an export and its messages.

    The exporter writes indented JSON, so a message ends at a known line and a file of any size streams.
    A file without line breaks is read at once, up to a limit.
    """
    source = lines(path)
    head: list[bytes] = []
    for _, line in islice(source, _MAX_HEAD_LINES):
        head.append(line)
        if opening := _OPENING.fullmatch(line):
            return _head(head, path), _streamed(source, opening[1], path)
    return _at_once(path)


def _head(head: list[bytes], path: Path) -> Object:
    return _export(parse(b"".join(head) + b"]}", f"{path.name}, first {len(head)} lines"), path)


def _streamed(source: Iterator[tuple[int, bytes]], indent: bytes, path: Path) -> Iterator[Entry]:
    last = indent * 2 + b"}", indent * 2 + b"},"
    held: list[bytes] = []
    size = 0
    for number, line in source:
        bare = line.rstrip()
        if not held and bare in {indent + b"]", indent + b"],"}:
            return
        held.append(line)
        size += len(line)
        if bare in last:
            yield _entry(held, f"{path.name}, the message from line {number - len(held) + 1:,} on")
            held, size = [], 0
        elif size > MAX_LINE_BYTES:
            raise ValueError(f"{path.name}, line {number:,}: expected a message of at most {MAX_LINE_BYTES:,} bytes.")
    raise ValueError(f"{path.name}: expected the list of messages to be closed, but the file ends inside it.")


def _entry(held: list[bytes], place: str) -> Entry:
    return _checked(parse(b"".join(held).rstrip().removesuffix(b","), place), place)


def _at_once(path: Path) -> tuple[Object, Iterator[Entry]]:
    with unbroken(path.name):
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise ValueError(
                f"{path.name}: expected indented JSON, which is needed above {MAX_DOCUMENT_BYTES:,} bytes."
            )
        found = _export(parse(path.read_bytes(), path.name), path)
    messages = enumerate(a_list(found["messages"], f"{path.name}, “messages”"), 1)
    return found, (_checked(message, f"{path.name}, message {number:,}") for number, message in messages)


def _export(found: object, path: Path) -> Object:
    if isinstance(found, dict) and isinstance(found.get("channel"), dict) and "messages" in found:
        return found
    raise ValueError(f"{path.name}: expected the export of a channel with “guild”, “channel” and “messages”.")


def _checked(message: object, place: str) -> Entry:
    return Entry(an_object(message, place), place)
