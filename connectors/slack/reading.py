"""Read JSON that a stranger wrote: no value in it may raise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import orjson

from bot.core.surface import legible

Json: TypeAlias = Mapping[str, object]

_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_TS = re.compile(r"\d{1,11}\.\d{6}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def words(value: object) -> str:
    """A text, '' for anything else."""
    return legible(value)


def whole(value: object, default: int = 0) -> int:
    """A whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def ident(value: object) -> str:
    """The id of a team, channel, member or the like, '' for what can be none."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def idents(value: object) -> tuple[str, ...]:
    """The ids in a list."""
    return tuple(filter(None, map(ident, value))) if isinstance(value, list) else ()


def stamp(value: object) -> str:
    """The time that names a message in its channel, such as 1700000000.000100; '' for what can be none."""
    return value if isinstance(value, str) and _TS.fullmatch(value) else ""


def moment(ts: str) -> datetime:
    """When that was, in UTC; the epoch for what is no time."""
    seconds, _, micros = (stamp(ts) or "0.000000").partition(".")
    return EPOCH + timedelta(seconds=int(seconds), microseconds=int(micros))


def milliseconds(ts: str) -> int:
    """Since 1970, as revisions count."""
    return (moment(ts) - EPOCH) // timedelta(milliseconds=1)


def stamped(at: datetime) -> str:
    """The time as Slack writes it."""
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return f"{micros // 1_000_000}.{micros % 1_000_000:06}"


def order(ts: str) -> tuple[int, str]:
    """Sorts times; '' counts as before all."""
    return len(ts), ts


def later(one: str, other: str) -> str:
    """The later of two times."""
    return max(one, other, key=order)


def message_id(channel: str, ts: str) -> str:
    """What names a message among all of Slack; '' when either is none."""
    return f"{channel}:{ts}" if channel and ts else ""


def located(message: str) -> tuple[str, str]:
    """Channel and time of a message by its id; two empty texts for what is none."""
    channel, _, ts = message.partition(":")
    return (ident(channel), stamp(ts)) if ident(channel) and stamp(ts) else ("", "")
