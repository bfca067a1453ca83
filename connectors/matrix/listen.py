"""From one answer of the homeserver to events in the inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from bot.core.errors import Rejected
from bot.core.event import MessageDeleted
from bot.core.ports import Ingest
from bot.core.stored import Cursor, Heard
from connectors.matrix.account import Account
from connectors.matrix.backfill import missed, since_arrival
from connectors.matrix.moving import TOMBSTONE, lost
from connectors.matrix.parse import parse
from connectors.matrix.raw import View, identified
from connectors.matrix.reading import Json, encode, ident, mapping, objects
from connectors.matrix.rooms import Room
from connectors.matrix.wire import PATIENCE_S, path

BATCH = 200
# An event that refers to an unknown one costs a request; a flood of them must not cost a flood.
MAX_LOOKUPS = 100
NOTHING: Json = {"types": []}
FILTER = json.dumps(
    {
        "presence": NOTHING,
        "account_data": {"types": ["m.direct"]},
        "room": {
            "ephemeral": NOTHING,
            "account_data": NOTHING,
            # Redundant ones too: after a restart we no longer know what we were told before.
            "state": {"lazy_load_members": True, "include_redundant_members": True},
            "timeline": {"limit": 100, "lazy_load_members": True},
        },
    }
)
log = structlog.get_logger()


@dataclass(slots=True)
class _Batch:
    """Hands over in parts; the cursor goes with the last, so that it is never ahead of the events."""

    ingest: Ingest
    heard: list[Heard] = field(default_factory=list)

    async def add(self, heard: Sequence[Heard]) -> None:
        for begin in range(0, len(heard), BATCH):
            self.heard.extend(heard[begin : begin + BATCH])
            if len(self.heard) >= BATCH:
                await self.ingest(self.heard)
                self.heard = []


@dataclass(slots=True, kw_only=True)
class Listener:
    """Keeps the account's rooms current and hands over what was said in them.

    `view` makes what `parse` needs for a room; `invited` is told of invitations: room, who invites, and the event;
    `gone` of messages that were taken away, `upgraded` of rooms that were given up for another.
    """

    account: Account
    view: Callable[[Room], View]
    invited: Callable[[str, str, Json], None]
    gone: Callable[[str], None]
    upgraded: Callable[[Room, Json], None]
    backfill_limit: int
    sync_timeout_s: int

    async def step(self, since: str, ingest: Ingest, *, full: bool) -> str:
        """Wait for news after `since`, hand them over and return where to go on; `full` also fetches all state.

        Raises `Transient`, `Rejected`, `Revoked`; then the same step can be taken again.
        """
        query = {"filter": FILTER, "timeout": "0" if full else str(self.sync_timeout_s * 1000)}
        query |= {"since": since} if since else {}
        query |= {"full_state": "true"} if full else {}
        news = await self.account.wire.get(path("sync"), query, patience_s=self.sync_timeout_s + PATIENCE_S)
        return await self.take(news, since, ingest)

    async def take(self, news: Json, since: str, ingest: Ingest) -> str:
        """Hand over what an answer holds."""
        for event in objects(mapping(news.get("account_data")).get("events")):
            if event.get("type") == "m.direct":
                self.account.heed_direct(mapping(event.get("content")))
        rooms = mapping(news.get("rooms"))
        self._invitations(mapping(rooms.get("invite")))
        batch, lost_rooms = _Batch(ingest), self._left(mapping(rooms.get("leave")))
        await batch.add(lost_rooms if since else [])
        for room_id, event_id in await self.account.cipher.heed(news) if self.account.cipher else ():
            await batch.add(await self._read_at_last(room_id, event_id))
        for room_id, part in mapping(rooms.get("join")).items():
            await batch.add(await self._heard(room_id, mapping(part), since))
        return await self._finish(batch, news, since)

    async def _finish(self, batch: _Batch, news: Json, since: str) -> str:
        position = news.get("next_batch")
        reached = position if isinstance(position, str) and position else since
        if batch.heard or reached != since:
            await batch.ingest(batch.heard, Cursor(f"matrix:{self.account.me}", reached))
        return reached

    async def _heard(self, room_id: str, part: Json, since: str) -> list[Heard]:
        room = self.account.rooms.setdefault(room_id, Room(id=room_id))
        timeline = mapping(part.get("timeline"))
        recent = _events(room_id, timeline)
        room.complete = room.complete and timeline.get("limited") is not True
        room.apply([*objects(mapping(part.get("state")).get("events")), *recent])
        await self.account.mark_direct(room)
        if not since:
            # The first time ever: whatever stands there was said before anyone asked for us.
            return []
        events = [*await self._gap(room, timeline, since), *recent]
        return await self._parsed(room, since_arrival(events, self.account.me))

    async def _read_at_last(self, room_id: str, event_id: str) -> list[Heard]:
        """A message whose key came late."""
        room = self.account.rooms.get(room_id)
        try:
            event = await self.account.wire.get(path("rooms", room_id, "event", event_id))
        except Rejected as error:
            log.info("late_message_gone", room=room_id, event_id=event_id, problem=str(error))
            return []
        return await self._parsed(room, [event]) if room else []

    async def _gap(self, room: Room, timeline: Json, since: str) -> list[Json]:
        before = timeline.get("prev_batch")
        if timeline.get("limited") is not True or not isinstance(before, str):
            return []
        found = await missed(
            self.account.wire, room, before=before, after=since, me=self.account.me, limit=self.backfill_limit
        )
        log.info("gap_read", room=room.id, events=len(found))
        return found

    async def _parsed(self, room: Room, heard: Sequence[Json]) -> list[Heard]:
        events = await self.account.unsealed(room.id, list(heard))
        for event in events:
            self.account.memory.hear(event, self.account.me)
            if event.get("type") == TOMBSTONE and "state_key" in event:
                self.upgraded(room, event)
        await self._look_up(room.id, events)
        view = self.view(room)
        parsed = [Heard(event, encode(raw)) for raw in events for event in parse(raw, view)]
        for one in parsed:
            if isinstance(one.event, MessageDeleted):
                self.gone(one.event.message_id)
        return parsed

    async def _look_up(self, room_id: str, events: Sequence[Json]) -> None:
        targets = dict.fromkeys(_target(event) for event in events)
        unknown = [target for target in targets if target and self.account.memory.get(target) is None]
        for target in unknown[:MAX_LOOKUPS]:
            await self.account.origin(room_id, target)
        if unknown[MAX_LOOKUPS:]:
            log.warning("origins_not_looked_up", room=room_id, count=len(unknown) - MAX_LOOKUPS)

    def _left(self, left: Json) -> list[Heard]:
        """Rooms that we are in no more; what took us out of them, unless it was ourselves."""
        found: list[Heard | None] = []
        for room_id, part in left.items():
            room = self.account.rooms.pop(room_id, Room(id=room_id))
            events = objects(mapping(mapping(part).get("timeline")).get("events"))
            ours = [event for event in events if event.get("state_key") == self.account.me]
            by, how = (ident(ours[-1].get("sender")), ours[-1].get("content")) if ours else ("", {})
            log.warning("room_left", room=room_id, by=by, membership=ident(mapping(how).get("membership")))
            found += [lost(room, ours[-1], self.account.me, self.account.space)] if ours else []
        return [one for one in found if one]

    def _invitations(self, invited: Json) -> None:
        for room_id, part in invited.items():
            for event in objects(mapping(mapping(part).get("invite_state")).get("events")):
                content = mapping(event.get("content"))
                if event.get("state_key") == self.account.me and content.get("membership") == "invite":
                    self.invited(room_id, ident(event.get("sender")), content)


def _events(room_id: str, timeline: Json) -> list[Json]:
    found = timeline.get("events")
    events = objects(found)
    strange = (len(found) if isinstance(found, list) else 0) - sum(identified(event) is not None for event in events)
    if strange:
        log.warning("events_without_identity", room=room_id, count=strange)
    return events


def _target(event: Json) -> str:
    relation = mapping(mapping(event.get("content")).get("m.relates_to"))
    return ident(relation.get("event_id")) if relation.get("rel_type") in ("m.replace", "m.annotation") else ""
