"""Read a channel log of one JSON object a line: `id, channel, at, author, text, reply_to`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from bot.core.address import Address
from bot.core.event import Author, MessagePosted, SurfaceKind
from bot.core.stored import Heard
from bot.core.surface import surfaces
from connectors.export import Object, an_object, lines, moment, optional, parse, required

# The format names no network; the channel it was made from lived on this one in the years it covers.
NETWORK = "freenode"

# Bold, italic, underline, strike, monospace, reverse, reset, and colours with their numbers: no reader sees them.
_FORMATTING = re.compile(r"[\x02\x0f\x11\x16\x1d\x1e\x1f]|\x03(?:\d{1,2}(?:,\d{1,2})?)?")


def read_export(path: Path) -> Iterator[Heard]:
    """Messages in the order of the file, plain or gzip; raises `ValueError` naming the line that is none."""
    for number, line in lines(path):
        if line.isspace():
            continue
        place = f"{path.name}, line {number}"
        yield Heard(_posted(an_object(parse(line, place), place), place))


def _posted(message: Object, place: str) -> MessagePosted:
    message_id = required(message, "id", place)
    return MessagePosted(
        id=message_id,
        at=moment(message, "at", place),
        where=_address(required(message, "channel", place)),
        who=_author(required(message, "author", place)),
        message_id=message_id,
        surfaces=surfaces((SurfaceKind.BODY, _FORMATTING.sub("", _text(message, place)))),
        reply_to=optional(message, "reply_to", place),
    )


def _text(message: Object, place: str) -> str:
    if "text" not in message:
        raise ValueError(f"{place}: expected a message with “text”.")
    return optional(message, "text", place)


@lru_cache(maxsize=1024)
def _address(channel: str) -> Address:
    return Address("irc", NETWORK, channel)


@lru_cache(maxsize=8192)
def _author(name: str) -> Author:
    return Author(id=name, name=name)
