"""An appeal: an author asks for a second look at what was decided about a message of theirs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.evidence import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What is appealed against: `decision`, taken by `by` (`by_id` is '' when no person took it).

    `reason` is the author's, '' when they gave none.
    """

    reason: str
    decision: Decision
    by: str
    by_id: str = ""
