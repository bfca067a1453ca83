"""What is already known to be gone or rewritten, so that an older text that arrives late is left alone."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.core.event import Event, MessageDeleted, MessageEdited, MessagePosted
from bot.core.settlement import Outcome

GONE = math.inf


@dataclass(slots=True)
class Revisions:
    """The newest revision of the messages that were edited or deleted; forgets the oldest beyond `size`."""

    size: int = 50_000
    _newest: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)

    def learn(self, events: Iterable[Event]) -> None:
        """Remember edits and deletions."""
        for event in events:
            match event:
                case MessageDeleted():
                    self._put(event, GONE)
                case MessageEdited():
                    self._put(event, event.revision)

    def stale(self, event: Event) -> Outcome | None:
        """Why this revision needs no judgement, if it does not."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return None
        newest = self._newest.get((event.where.platform, event.message_id), 0)
        if newest == GONE:
            return Outcome.GONE
        return Outcome.SUPERSEDED if newest > event.revision else None

    def _put(self, event: MessageDeleted | MessageEdited, revision: float) -> None:
        key = (event.where.platform, event.message_id)
        self._newest[key] = max(self._newest.pop(key, 0), revision)
        while len(self._newest) > self.size:
            self._newest.popitem(last=False)
