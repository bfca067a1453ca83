"""Places come and go: what was set for one follows it, and moderators hear of one that is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bot import text_places
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import Event, PlaceLost, PlaceMoved
from bot.core.ports import Context


@dataclass(frozen=True, slots=True)
class Places:
    """`review_room` is where a place's moderators meet; `moved` gives the settings that follow to another place."""

    review_room: Callable[[Address], Address | None]
    moved: Callable[[Address, Address, str], Sequence[Configure]]
    name: str = "places"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """Settings that move, and a sentence for whoever should know."""
        del context
        match event:
            case PlaceMoved():
                for change in self.moved(event.where.parent, event.to, event.who.id):
                    yield change
            case PlaceLost():
                room = self.review_room(event.where)
                if room is not None and room != event.where:
                    yield Post(to=room, text=text_places.lost(event))
            case _:
                pass

    def failed(self, event: Event) -> Sequence[Action]:
        """There is nobody to tell."""
        del event
        return ()
