"""A poll and those who vote in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.capability import Capabilities, PollSupport
from bot.core.effect import OpenPoll
from bot.core.event import Author
from bot.core.poll import Ballot, Poll
from tests.pipelines.build import LOBBY
from tests.pipelines.fakes import NOON

DAY = OpenPoll(
    to=LOBBY,
    question="Which day?",
    options=("Saturday", "Sunday"),
    lasts=timedelta(hours=2),
    id="test:e5",
    by="u1",
)
POLL = Poll(number=7, asked=DAY, message_id="m7", ends_at=NOON + timedelta(hours=2))
TYPED = Capabilities(max_text=2000, buttons=10, ephemeral=True)
COUNTED = Capabilities(max_text=2000, polls=PollSupport(max_options=10))
CY = Author("u3", "Cy_")


def voted(*ballots: tuple[Author, tuple[int, ...]], poll: Poll = POLL) -> Poll:
    """The poll after these choices."""
    return replace(poll, ballots=tuple(Ballot(by=who.id, name=who.name, options=options) for who, options in ballots))
