"""Read JSON that a stranger wrote: no value in it may raise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import orjson

from bot.core.surface import legible

Json: TypeAlias = Mapping[str, object]

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
TIME_SHIFT = 22
MAX_SNOWFLAKE = 2**63


def decode(data: str | bytes) -> object:
    """The value, also with lone surrogates; {} for what is nested too deep or no JSON at all."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        found = {}
    return found


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


def snowflake(value: object) -> str:
    """An id, '' for what can be none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < len(str(MAX_SNOWFLAKE)) + 1:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_SNOWFLAKE else ""


def snowflakes(value: object) -> tuple[str, ...]:
    """The ids in a list."""
    return tuple(filter(None, map(snowflake, value))) if isinstance(value, list) else ()


def words(value: object) -> str:
    """A text, '' for anything else."""
    return legible(value)


def whole(value: object, default: int = 0) -> int:
    """A whole number; permissions come as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < MAX_SNOWFLAKE.bit_length():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def moment(value: object) -> datetime | None:
    """A time, in UTC."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def milliseconds(at: datetime) -> int:
    """Since 1970, as revisions count."""
    return int(at.timestamp() * 1000)


def made_at(message_id: str) -> datetime:
    """When the thing with this snowflake was made."""
    number = int(message_id) if snowflake(message_id) else 0
    return EPOCH + timedelta(milliseconds=number >> TIME_SHIFT)


def later(one: str, other: str) -> str:
    """The greater of two snowflakes; '' counts as none."""
    return max(one, other, key=lambda each: int(each or 0))
