"""A wave: nearly the same, said many times; moderators see one case for all of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.address import Address
from bot.core.event import Author
from bot.core.evidence import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Swell:
    """What a message brings to its wave.

    `earlier` are the ids of messages that said nearly the same before anybody could call it a wave; `done` is what is
    done about all of it without asking, None where moderators are asked.
    """

    wave: str
    earlier: tuple[str, ...] = ()
    done: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What became of a wave, by the name that it got first."""

    wave: str
    decision: Decision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """How many take part, and a few `examples`: a name and what it said."""

    name: str
    members: int
    messages: int
    places: int
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message of a wave."""

    where: Address
    message_id: str
    author: Author
