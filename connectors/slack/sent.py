"""What we said already: Slack takes no key with a message, so whoever is in doubt looks before saying it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.errors import Rejected
from bot.core.ports import Clock
from connectors.recent import Recent
from connectors.slack.reading import Json, ident, mapping, message_id, objects, stamp, stamped, words
from connectors.slack.render import SAID
from connectors.slack.team import Team

# So long after a start what is said first in a place may have been said before it.
DOUBT_S = 120.0
LOOK_BACK = timedelta(minutes=15)
LOOKED_AT = "50"
Place = tuple[str, str]


@dataclass(slots=True)
class Sent:
    """The messages of one workspace by the mark they carry."""

    team: Team
    clock: Clock
    _known: Recent[str, str] = field(default_factory=Recent)
    _sure: Recent[Place, bool] = field(default_factory=Recent)
    _doubtful: Recent[Place, bool] = field(default_factory=Recent)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.team.wire.line.clock()

    async def find(self, mark: str, channel: str, thread: str) -> str:
        """The id of the message with that mark, '' when there is none; raises what `perform` raises."""
        place = (channel, thread)
        if mark not in self._known and place not in self._sure and self._in_doubt(place):
            await self._look(place)
        self._sure.keep(place, True)  # noqa: FBT003  # it is a set that forgets
        return self._known.get(mark, "")

    def keep(self, mark: str, message: str) -> None:
        """It was said."""
        self._known.keep(mark, message)

    def doubt(self, channel: str, thread: str) -> None:
        """It may have been said: nobody answered."""
        self._sure.pop((channel, thread), None)
        self._doubtful.keep((channel, thread), True)  # noqa: FBT003  # it is a set that forgets

    def _in_doubt(self, place: Place) -> bool:
        return place in self._doubtful or self.team.wire.line.clock() - self._since < DOUBT_S

    async def _look(self, place: Place) -> None:
        channel, thread = place
        query = {"channel": channel, "limit": LOOKED_AT, "include_all_metadata": "true"}
        query["oldest"] = stamped(self.clock() - LOOK_BACK)
        try:
            if thread:
                page = await self.team.wire.read("conversations.replies", ts=thread, **query)
            else:
                page = await self.team.wire.read("conversations.history", **query)
        except Rejected:
            # Where we may not look, it is said: better twice than never.
            return
        self._doubtful.pop(place, None)
        for raw in objects(page.get("messages")):
            self._learn(raw, channel)

    def _learn(self, raw: Json, channel: str) -> None:
        metadata = mapping(raw.get("metadata"))
        mark = words(mapping(metadata.get("event_payload")).get("key"))
        if metadata.get("event_type") == SAID and mark and ident(raw.get("bot_id")) in ("", self.team.memory.bot):
            self._known.keep(mark, message_id(channel, stamp(raw.get("ts"))))
