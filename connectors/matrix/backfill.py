"""Read what a room said while nobody listened."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.core.errors import Rejected
from connectors.matrix.reading import Json, mapping, objects
from connectors.matrix.rooms import Room
from connectors.matrix.wire import Wire, path

PAGE = 500
WITH_NAMES = '{"lazy_load_members": true}'
log = structlog.get_logger()


async def missed(wire: Wire, room: Room, *, before: str, after: str, me: str, limit: int) -> list[Json]:
    """The events between two tokens, oldest first: the newest `limit` of them, and none from before we joined."""
    found: list[Json] = []
    token = before
    try:
        while token and len(found) < limit:
            chunk, token = await _page(wire, room, token, after, min(PAGE, limit - len(found)))
            found.extend(chunk)
            if any(is_arrival(event, me) for event in chunk):
                break
        else:
            _tell_rest(room.id, token, len(found))
    except Rejected as error:
        log.warning("gap_unreadable", room=room.id, read=len(found), problem=str(error))
    return found[::-1]


def since_arrival(events: Sequence[Json], me: str) -> Sequence[Json]:
    """The events after we last came into the room; all of them when we were there before."""
    arrivals = [number for number, event in enumerate(events) if is_arrival(event, me)]
    return events[arrivals[-1] + 1 :] if arrivals else events


def is_arrival(event: Json, me: str) -> bool:
    """Whether this is our own coming into the room, not a mere change of name."""
    if event.get("type") != "m.room.member" or event.get("state_key") != me:
        return False
    before = mapping(mapping(event.get("unsigned")).get("prev_content"))
    return mapping(event.get("content")).get("membership") == "join" and before.get("membership") != "join"


async def _page(wire: Wire, room: Room, before: str, after: str, limit: int) -> tuple[list[Json], str]:
    query = {"dir": "b", "from": before, "to": after, "limit": str(limit), "filter": WITH_NAMES}
    page = await wire.get(path("rooms", room.id, "messages"), query)
    room.learn_names(objects(page.get("state")))
    end = page.get("end")
    return objects(page.get("chunk")), end if isinstance(end, str) and end != before else ""


def _tell_rest(room_id: str, token: str, read: int) -> None:
    if token:
        log.warning("gap_too_long", room=room_id, read=read, left="older messages stay unread")
