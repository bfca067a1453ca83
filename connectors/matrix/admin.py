"""What only an administrator of the homeserver may know: how fast we may speak, and what members reported to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.errors import Rejected
from connectors.matrix.reading import Json, ident, objects, whole
from connectors.matrix.wire import Wire, admin_path

# What Synapse allows everybody: one message in five seconds.
USUAL_INTERVAL = timedelta(seconds=5)
FREE_INTERVAL = timedelta(seconds=1)
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a member told the homeserver about a message."""

    number: int
    room_id: str
    event_id: str
    by: str
    reason: str
    at: datetime


async def edit_interval(wire: Wire, me: str) -> timedelta:
    """How much time there has to be between two edits; raises `Transient`, `Revoked`."""
    try:
        limit = await wire.get(admin_path("v1", "users", me, "override_ratelimit"))
    except Rejected:
        return USUAL_INTERVAL
    if not limit:
        return USUAL_INTERVAL
    # 0 means that nothing is counted.
    a_second = whole(limit.get("messages_per_second"), 0)
    return max(FREE_INTERVAL, timedelta(seconds=1) / a_second) if a_second > 0 else FREE_INTERVAL


async def newest_report(wire: Wire) -> int | None:
    """The number of the latest report; None where we are no administrator. Raises `Transient`, `Revoked`."""
    try:
        answer = await wire.get(admin_path("v1", "event_reports"), {"dir": "b", "limit": "1"})
    except Rejected:
        return None
    return max((whole(entry.get("id"), 0) for entry in objects(answer.get("event_reports"))), default=0)


async def reports_after(wire: Wire, number: int) -> list[Report]:
    """Later ones than that, oldest first; raises `Transient`, `Rejected`, `Revoked`."""
    found: list[Report] = []
    begin = 0
    while True:
        query = {"dir": "b", "limit": str(PAGE), "from": str(begin)}
        page = objects((await wire.get(admin_path("v1", "event_reports"), query)).get("event_reports"))
        later = [entry for entry in page if whole(entry.get("id"), 0) > number]
        found += [_report(entry) for entry in later]
        begin += PAGE
        if len(later) < PAGE:
            return sorted(found, key=lambda report: report.number)


def _report(entry: Json) -> Report:
    reason = entry.get("reason")
    return Report(
        number=whole(entry.get("id"), 0),
        room_id=ident(entry.get("room_id")),
        event_id=ident(entry.get("event_id")),
        by=ident(entry.get("user_id")),
        reason=reason[:500] if isinstance(reason, str) else "",
        at=datetime.fromtimestamp(max(whole(entry.get("received_ts"), 0), 0) / 1000, UTC),
    )


def numbers(reports: Sequence[Report]) -> int:
    """The latest of them."""
    return max((report.number for report in reports), default=0)
