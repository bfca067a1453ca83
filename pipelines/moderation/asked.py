"""Which models are asked about a message besides the shipped ones, and whether its text may leave the machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.core.address import Address
from bot.core.errors import BotError
from bot.core.event import Message
from bot.core.ports import Classifier, Readers
from pipelines.moderation.model_settings import RemoteTexts
from pipelines.moderation.room_judge import RoomJudge


@dataclass(frozen=True, slots=True)
class Others:
    """`here` is a model on this machine that is asked instead of the shipped one, `away` one elsewhere.

    The shipped one takes their place where they fail and where a text may not leave.
    """

    here: Classifier | None = None
    away: Classifier | None = None
    judge: RoomJudge | None = None

    @property
    def any_away(self) -> bool:
        """Whether anything may have to leave the machine."""
        return self.away is not None or self.judge is not None

    @property
    def first(self) -> Classifier | None:
        """Whoever is asked before the shipped model."""
        return self.away or self.here


NOBODY: Final = Others()


async def may_leave(message: Message, texts: RemoteTexts, readers: Callable[[Address], Awaitable[Readers]]) -> bool:
    """Whether a model elsewhere may be shown it; where nobody knows who reads a room, it may not."""
    if texts is not RemoteTexts.OPEN:
        return texts is RemoteTexts.ALL
    if message.is_direct:
        return False
    try:
        return (await readers(message.where)).everyone
    except BotError:
        return False
