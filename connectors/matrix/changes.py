"""What changes of a room's state mean: who came, who was banned, and whom lists name. Pure."""

from __future__ import annotations

from bot.core.event import Event, ListChanged, MemberBanned, MemberJoined
from bot.core.surface import legible
from connectors.matrix.policies import KINDS, entry_of
from connectors.matrix.raw import Raw, View, header
from connectors.matrix.reading import MAX_ID, Json, ident, mapping


def changed(event: Raw, view: View) -> list[Event]:
    """State: bans and lists of them also where they are our own doing, so that all of them are handled alike."""
    before = mapping(mapping(event.event.get("unsigned")).get("prev_content"))
    if event.kind in KINDS:
        return _listed(event, before, view)
    member, now, then = ident(event.event["state_key"]), event.content.get("membership"), before.get("membership")
    if event.kind != "m.room.member" or not member or now == then:
        return []
    if "ban" in (now, then):
        return [_banned(event, view, member, lifted=now != "ban")]
    arrives = now == "join" and member == event.sender != view.me
    head = header(event, view)
    return [MemberJoined(id=head.id, at=head.at, where=head.where, who=head.who)] if arrives else []


def _banned(event: Raw, view: View, member: str, *, lifted: bool) -> MemberBanned:
    head = header(event, view)
    reason = legible(event.content.get("reason"))[:MAX_ID]
    return MemberBanned(
        id=head.id, at=head.at, where=head.where, who=head.who, member_id=member, reason=reason, lifted=lifted
    )


def _listed(event: Raw, before: Json, view: View) -> list[Event]:
    now, then = entry_of(event.kind, event.content), entry_of(event.kind, before)
    named = now or then
    if named is None or now == then:
        return []
    head = header(event, view)
    return [
        ListChanged(id=head.id, at=head.at, where=head.where, who=head.who, entity=named.entity, lifted=now is None)
    ]
