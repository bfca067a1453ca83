"""Read a room's history as a client wrote it to a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.core.stored import Heard
from connectors.matrix.memory import Memory
from connectors.matrix.parse import parse
from connectors.matrix.raw import View, identified
from connectors.matrix.reading import Json, decode, encode, ident, mapping, whole
from connectors.matrix.rooms import Room


def read_export(path: Path) -> Iterator[Heard]:
    """The messages of an Element JSON export, oldest first; raises `ValueError` with a sentence that names the place.

    Nobody is a moderator in it: an export holds no state. Its community is the homeserver that made the room.
    """
    events = sorted(_entries(path), key=lambda event: whole(event.get("origin_server_ts"), 0))
    memory = Memory(limit=len(events) + 1)
    for event in events:
        memory.hear(event, "")
    rooms: dict[str, View] = {}
    for event in events:
        view = rooms.setdefault(ident(event.get("room_id")), _view(event, path, memory))
        view.room.apply([event])
        yield from (Heard(heard, encode(event)) for heard in parse(event, view))


def _entries(path: Path) -> list[Json]:
    try:
        export = mapping(decode(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path.name} is no JSON: {error}.") from error
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}.") from error
    messages = export.get("messages")
    if not isinstance(messages, list):
        raise ValueError(f"{path.name} is no export of a room: it has no list of messages.")  # noqa: TRY004  # the file's fault
    return [_entry(path, number, entry) for number, entry in enumerate(messages, 1)]


def _entry(path: Path, number: int, entry: object) -> Json:
    if identified(entry) is None:
        raise ValueError(f"{path.name}, message {number}: an event has an event_id, a sender and a type.")
    return mapping(entry)


def _view(event: Json, path: Path, memory: Memory) -> View:
    room_id = ident(event.get("room_id")) or path.stem
    # Rooms of the latest versions no longer name a server; then it is the server of whoever spoke first.
    server = room_id.partition(":")[2] or ident(event.get("sender")).partition(":")[2]
    return View(me="", space=server, room=Room(id=room_id), origins=memory.get)
