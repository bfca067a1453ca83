"""How often we may begin a session: Discord takes the token away from who asks 1,000 times a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

DAY_S = 86_400.0
# What is left of Discord's 1,000 is for people who try things by hand.
MAX_A_DAY = 900
# A session that lasts so long is no sign of a loop.
CALM_S = 600.0
FREE = 3
MAX_IN_A_ROW = 20
MAX_PAUSE_S = 120.0
# Connections within this time count as one struggle.
WINDOW_S = 60.0
FREE_CONNECTIONS = 3
MAX_CONNECT_PAUSE_S = 15.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The sessions begun since `since`, and `row` of them without a calm time in between; times in Unix seconds."""

    since: float = 0.0
    spent: int = 0
    last: float = 0.0
    row: int = 0

    def __str__(self) -> str:
        return f"{int(self.since)} {self.spent} {int(self.last)} {self.row}"

    @classmethod
    def read(cls, text: str) -> Budget:
        """What `str` wrote; a fresh one for anything else."""
        parts = text.split()
        if len(parts) != len(("since", "spent", "last", "row")) or not all(part.isdigit() for part in parts):
            return cls()
        since, spent, last, row = map(int, parts)
        return cls(since, spent, last, row)

    def at(self, now: float) -> Budget:
        """As it stands at that time; a clock that was set back starts afresh."""
        if not 0 <= now - self.since < DAY_S:
            return replace(self.at_rest(now), since=now, spent=0)
        return self.at_rest(now)

    def at_rest(self, now: float) -> Budget:
        """After a calm time nothing counts as being in a row."""
        return self if abs(now - self.last) < CALM_S else replace(self, row=0)

    def spend(self, now: float) -> Budget:
        """One more session begins."""
        current = self.at(now)
        return replace(current, spent=current.spent + 1, last=now, row=current.row + 1)

    def pause_s(self, now: float, shards: int = 1) -> float:
        """How long to wait first: longer each time, when sessions end as soon as they begin."""
        current = self.at(now)
        extra = current.row // shards - FREE
        due = current.last + min(MAX_PAUSE_S, 2.0**extra) if extra >= 0 else 0.0
        return max(0.0, due - now)

    def refusal(self, now: float, shards: int = 1) -> str:
        """Why no session may begin any more, '' if one may."""
        current = self.at(now)
        if current.row // shards >= MAX_IN_A_ROW:
            minutes = (current.last + CALM_S - now) / 60
            return (
                f"{current.row} sessions with Discord ended as soon as they began, and after 1,000 a day it would take "
                f"the token away. Look into the log for why, then start me again in {minutes:.0f} minutes."
            )
        if current.spent >= MAX_A_DAY:
            hours = (current.since + DAY_S - now) / 3600
            return f"{current.spent} sessions with Discord began today, all that I dare. Start me in {hours:.0f} hours."
        return ""


def connect_pause_s(times: Sequence[float], now: float, shards: int = 1) -> float:
    """How long to wait before connecting again, after connections at those times; resuming costs no session."""
    recent = sum(1 for at in times if now - at < WINDOW_S) // shards
    return min(MAX_CONNECT_PAUSE_S, 2.0 ** (recent - FREE_CONNECTIONS)) if recent >= FREE_CONNECTIONS else 0.0
