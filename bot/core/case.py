"""A case: one message that waits for a moderator, or was decided by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.effect import Effect
from bot.core.event import Author
from bot.core.evidence import Decision, Evidence
from bot.core.wave import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What moderators see. `decision` is None while it is open; `card_id` is '' until its card is shown.

    With an `appeal` it was decided before, and the author asks for a second look. With a `wave` it is about all of it,
    and the message is the first that was known to belong to it.
    """

    number: int
    where: Address
    message_id: str
    event_key: str
    event_hash: str
    author: Author
    quote: str
    evidence: Evidence
    opened_at: datetime
    proposal: tuple[Effect, ...] = ()
    reporters: tuple[str, ...] = ()
    room: Address | None = None
    card_id: str = ""
    problem: str = ""
    decision: Decision | None = None
    decided_by: str = ""
    decided_by_id: str = ""
    decided_at: datetime | None = None
    appeal: Appeal | None = None
    wave: Wave | None = None
