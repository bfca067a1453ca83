"""How often one member is told that messages of theirs were removed."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOST, WITHIN = 3, timedelta(minutes=10)
REMEMBERED = 10_000


@dataclass(slots=True)
class Tact:
    """Whoever floods a room is not flooded in turn: that would use up the limits that removals need."""

    _told: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def allows(self, member: str, now: datetime) -> bool:
        """Whether to tell them once more; counts it."""
        times = self._told.setdefault(member, deque(maxlen=MOST))
        self._told.move_to_end(member)
        # Both ends are looked at, or a clock that steps back would silence us for as long.
        if len(times) == MOST and timedelta() <= now - times[0] < WITHIN:
            return False
        times.append(now)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True
