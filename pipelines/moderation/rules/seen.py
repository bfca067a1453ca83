"""A message as rules see it: its texts, its links, and what its author and others said just before."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from bot.core.event import Message
from pipelines.moderation.rules.hosts import Link, links_in
from pipelines.moderation.rules.memory import NOTHING, Recent


@dataclass(frozen=True)
class Seen:
    """`recent` is what was remembered when the message came in, itself included."""

    message: Message
    recent: Recent = field(default=NOTHING)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What readers can see, surface by surface."""
        return tuple(surface.text for surface in self.message.surfaces)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link in any text, as it will be followed."""
        return tuple(link for number, text in enumerate(self.texts) for link in links_in(text, number))
