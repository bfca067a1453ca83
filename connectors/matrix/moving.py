"""Rooms that are given up for others, and rooms that we are taken out of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from urllib.parse import urlencode

import structlog

from bot.core.address import Address
from bot.core.errors import Rejected, Revoked, Transient
from bot.core.event import Author, PlaceLost, PlaceMoved
from bot.core.ports import Ingest
from bot.core.stored import Heard
from connectors.matrix.account import Account
from connectors.matrix.raw import LATEST_MS
from connectors.matrix.reading import MAX_ID, Json, encode, ident, mapping, whole
from connectors.matrix.rooms import Room
from connectors.matrix.wire import path

TOMBSTONE = "m.room.tombstone"
# Joining a room of another server asks that server, which may take its time.
JOIN_PATIENCE_S = 180.0
log = structlog.get_logger()


class Mover:
    """`persist` tries something until it succeeds or is refused for good."""

    def __init__(self, account: Account, persist: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]) -> None:
        self._account = account
        self._persist = persist
        self._expected: dict[str, tuple[Room, Json, Ingest]] = {}

    def invited(self, room_id: str) -> Coroutine[None, None, None] | None:
        """The work to do when a room that is expected lets us in; None for any other room."""
        return self.follow(*self._expected[room_id]) if room_id in self._expected else None

    async def follow(self, room: Room, event: Json, ingest: Ingest) -> None:
        """Into the room that takes this one's place, if it says so too; where it is closed, once we are invited."""
        replacement = ident(mapping(event.get("content")).get("replacement_room"))
        self._expected[replacement] = room, event, ingest
        try:
            await self._persist(lambda: self._join(replacement, event))
            follows = await self._predecessor(replacement) == room.id
        except (Transient, Rejected, Revoked) as error:
            log.warning("room_not_followed", room=room.id, to=replacement, problem=str(error))
            return
        del self._expected[replacement]
        if follows:
            log.info("room_followed", room=room.id, to=replacement)
            await ingest([self._moved(room, event, replacement)])
        else:
            await self._leave(room.id, replacement)

    async def _leave(self, room_id: str, replacement: str) -> None:
        log.warning(
            "room_not_followed", room=room_id, to=replacement, problem="it does not say that it takes its place"
        )
        try:
            await self._account.wire.post(path("rooms", replacement, "leave"), {})
        except (Transient, Rejected, Revoked) as error:
            log.warning("room_not_left", room=replacement, problem=str(error))

    async def _join(self, replacement: str, event: Json) -> None:
        server = ident(event.get("sender")).partition(":")[2]
        where = f"{path('join', replacement)}?{urlencode({'via': server, 'server_name': server})}"
        await self._account.wire.post(where, {}, patience_s=JOIN_PATIENCE_S)

    async def _predecessor(self, replacement: str) -> str:
        create = await self._account.wire.get(path("rooms", replacement, "state", "m.room.create", ""))
        return ident(mapping(create.get("predecessor")).get("room_id"))

    def _moved(self, room: Room, event: Json, replacement: str) -> Heard:
        sender, here = ident(event.get("sender")), Address("matrix", self._account.space, room.id)
        moved = PlaceMoved(
            id=ident(event.get("event_id")),
            at=at(event),
            where=here,
            who=Author(sender, room.name(sender), room.role(sender)),
            to=Address("matrix", self._account.space, replacement),
        )
        return Heard(moved, encode(event))


def lost(room: Room, event: Json, me: str, space: str) -> Heard | None:
    """What took us out of a room; None when we left by ourselves."""
    sender, content = ident(event.get("sender")), mapping(event.get("content"))
    if sender in ("", me) or event.get("state_key") != me or content.get("membership") not in ("leave", "ban"):
        return None
    reason = content.get("reason")
    gone = PlaceLost(
        id=ident(event.get("event_id")),
        at=at(event),
        where=Address("matrix", space, room.id),
        who=Author(sender, room.name(sender), room.role(sender)),
        name=room.title,
        reason=reason[:MAX_ID] if isinstance(reason, str) else "",
        banned=content.get("membership") == "ban",
    )
    return Heard(gone, encode(event)) if gone.id else None


def at(event: Json) -> datetime:
    """When it happened, as the sender's server has it."""
    return datetime.fromtimestamp(min(max(whole(event.get("origin_server_ts"), 0), 0), LATEST_MS) / 1000, UTC)
