"""Raw events that have what every event needs, and what is known besides them: pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.address import Address
from bot.core.command import CommandSpec
from bot.core.event import Author, Header
from connectors.matrix.memory import Origin
from connectors.matrix.reading import Json, ident, mapping, whole
from connectors.matrix.rooms import Room

# The last millisecond that a datetime can hold.
LATEST_MS = 253_402_300_799_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a reader of raw events knows besides them. `space` is the community's name in addresses."""

    me: str
    space: str
    room: Room
    origins: Callable[[str], Origin | None]
    prefix: str = "!parley"
    commands: Sequence[CommandSpec] = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw event that has what every event needs."""

    id: str
    sender: str
    kind: str
    content: Json
    event: Json

    @property
    def relation(self) -> Json:
        """To which other event it belongs, and how."""
        return mapping(self.content.get("m.relates_to"))

    @property
    def at_ms(self) -> int:
        """When it happened, as the sender's server has it, within what a datetime can hold."""
        return min(max(whole(self.event.get("origin_server_ts"), 0), 0), LATEST_MS)


def identified(raw: object) -> Raw | None:
    """With the id, the sender and the type that every event has; None for anything else."""
    event = mapping(raw)
    event_id, sender, kind = (ident(event.get(key)) for key in ("event_id", "sender", "type"))
    if not (event_id and sender and kind):
        return None
    return Raw(event_id, sender, kind, mapping(event.get("content")), event)


def header(event: Raw, view: View, thread: str = "", part: str = "") -> Header:
    """What every event of ours begins with; `part` tells apart the events of one raw event."""
    return Header(
        id=event.id + part,
        at=datetime.fromtimestamp(event.at_ms / 1000, UTC),
        where=Address("matrix", view.space, view.room.id, thread),
        who=Author(event.sender, view.room.name(event.sender), view.room.role(event.sender)),
    )
