"""A poll that was opened: what was asked, who voted what, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.effect import OpenPoll


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One member's whole choice, as option numbers from 1; empty when it was taken back."""

    by: str
    name: str
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """`number` is what people call it by; `counts` is the platform's own count, empty where we count the ballots."""

    number: int
    asked: OpenPoll
    message_id: str
    ends_at: datetime
    ended: bool = False
    ballots: tuple[Ballot, ...] = field(default=(), repr=False)
    counts: tuple[int, ...] = ()

    @property
    def tally(self) -> tuple[int, ...]:
        """How many chose each option, in the order of the options."""
        if self.counts:
            return self.counts
        return tuple(sum(n in ballot.options for ballot in self.ballots) for n in self._numbers)

    @property
    def voters(self) -> int:
        """How many have a choice; where the platform counts a poll of several choices, how many choices there are."""
        return sum(self.counts) if self.counts else sum(1 for ballot in self.ballots if ballot.options)

    def choice(self, member: str) -> tuple[int, ...]:
        """What a member chose last."""
        return next((ballot.options for ballot in self.ballots if ballot.by == member), ())

    def names(self, number: int) -> tuple[str, ...]:
        """Who chose an option; nobody where the poll is anonymous."""
        if self.asked.anonymous:
            return ()
        return tuple(ballot.name for ballot in self.ballots if number in ballot.options)

    @property
    def _numbers(self) -> range:
        return range(1, len(self.asked.options) + 1)


def pressed(poll: Poll, member: str, number: int) -> tuple[int, ...]:
    """A member's whole choice after pressing an option: what is pressed again is taken back."""
    before = poll.choice(member)
    if number in before:
        return tuple(other for other in before if other != number)
    return tuple(sorted({*before, number})) if poll.asked.multiple else (number,)


def valid(poll: Poll, options: tuple[str, ...]) -> tuple[int, ...]:
    """What a platform says a member chose: the first choice where only one is allowed; a spoilt vote is empty."""
    allowed = options if poll.asked.multiple else options[:1]
    numbers = {str(number): number for number in range(1, len(poll.asked.options) + 1)}
    if not set(allowed) <= set(numbers):
        return ()
    return tuple(sorted({numbers[option] for option in allowed}))
