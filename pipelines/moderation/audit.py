"""Which judged messages people are shown as a check: drawn by the event's own key, so that a replay draws the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from bot import reasons
from bot.core.action import AskReview, Judged, Outlet
from bot.core.event import Message
from pipelines.moderation.settings import Mode, ModerationSettings

PASSED: Final = "passed"
ACTED: Final = "acted"
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Lot:
    """A number from 0 to 1 that belongs to an event for ever."""

    number: float

    @classmethod
    def of(cls, key: str) -> Lot:
        """Any process draws the same one for the same key."""
        return cls(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8, person=b"audit").digest()) / 2**_BITS)

    def may_be_drawn(self, settings: ModerationSettings) -> bool:
        """Whether there is an outlet for which it would be."""
        return settings.mode in (Mode.SEMI, Mode.AUTO) and self.number < max(
            settings.audit_rate, settings.audit_rate_acted
        )

    def drawn(self, settings: ModerationSettings, outlet: Outlet) -> str:
        """PASSED or ACTED where the message is to be shown, else ''. In the shadow and in manual mode none is."""
        if settings.mode not in (Mode.SEMI, Mode.AUTO):
            return ""
        if outlet is Outlet.LIVE:
            return ACTED if self.number < settings.audit_rate_acted else ""
        return PASSED if outlet is Outlet.CLEAR and self.number < settings.audit_rate else ""


def day_of(now: datetime) -> datetime:
    """When the day began that the checks of a community are counted by."""
    return datetime.combine(now.date(), time(), now.tzinfo)


def check(judged: Judged, message: Message) -> AskReview:
    """Show the message to moderators, and say that it is only a check and what their answer means."""
    said = reasons.CHECK_ACTED if judged.outlet is Outlet.LIVE else reasons.CHECK_PASSED
    return AskReview(
        about=message.where,
        message_id=message.message_id,
        evidence=replace(judged.evidence, note=said),
        review_room=judged.review_room,
    )
