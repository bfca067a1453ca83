"""What can be found again of what was said, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """An approved message, as a search finds it; `rank` is higher the better it fits.

    `author_id` is who said it, `reply_to` the id of the message it answers.
    """

    where: Address
    message_id: str
    author: str
    at: datetime
    words: str
    rank: float
    author_id: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a member of a community asked to have remembered; for them alone. `number` is 0 before it is kept."""

    community: Address
    member: str
    words: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Wordy:
    """A passage that has no vector yet, by the number the store gave it."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vector of these words, as signed bytes; longer or shorter ones of other models never meet."""

    of: Wordy
    vector: bytes
