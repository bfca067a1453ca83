"""What delivery does for polls: keep what was posted, and show how a poll stands."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.capability import Capabilities, ballot
from bot.core.effect import Edit, OpenPoll, Outgoing, Post, ShowPoll
from bot.core.poll import Poll
from bot.core.ports import Clock, Polls
from bot.core.stored import Store


@dataclass(frozen=True, slots=True)
class PollBook:
    """`words` say how a poll reads where we count its votes."""

    store: Store
    words: Polls
    clock: Clock

    async def opened(self, effect: Outgoing, message_id: str) -> None:
        """Keep it if it was a poll whose votes count: it runs from the moment it can be read."""
        asked = effect if isinstance(effect, OpenPoll) else effect.poll if isinstance(effect, Post) else None
        if asked is not None and asked.id and message_id:
            await self.store.poll_opened(asked, message_id, self.clock() + asked.lasts)

    async def shown(self, show: ShowPoll, can: Capabilities) -> Post | Edit | None:
        """What to say; nothing where the platform shows it by itself, or where it never came to be."""
        poll, native = await self.store.poll(show.poll), can.polls
        if poll is None:
            return None
        if show.result:
            counted = native is not None and native.counts
            return None if counted else Post(to=show.to, text=self.words.result(poll), reply_to=poll.message_id)
        return None if native is not None and native.shows else self._edit(poll, can)

    def _edit(self, poll: Poll, can: Capabilities) -> Edit:
        buttons = () if poll.ended else ballot(poll.asked, can)
        return Edit(to=poll.asked.to, message_id=poll.message_id, text=self.words.drawn(poll), buttons=buttons)
