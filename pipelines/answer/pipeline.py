"""Whoever mentions the bot, writes to it directly or gives `ask` gets an answer, as later work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.action import Action, Index, Later
from bot.core.event import CommandGiven, Event, MessagePosted
from bot.core.ports import Context
from pipelines.answer.jobs import ANSWER
from pipelines.answer.keeping import AT_ONCE

# What was asked while the bot was away is not answered out of the blue.
STALE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers without a language model: in the words of those who said it."""

    name: str = "answer"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """An answer soon, with all that was said until now."""
        if isinstance(event, MessagePosted) and wanted(event, context.clock()):
            for action in _soon(event, context.clock()):
                yield action

    def failed(self, event: Event) -> Sequence[Action]:  # noqa: ARG002 - the port's
        """Silence: whoever asked may ask again."""
        return ()

    async def ask(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """The same for a command."""
        for action in _soon(given, context.clock()):
            yield action


def wanted(event: MessagePosted, now: datetime) -> bool:
    """Whether somebody speaks to us, just now, and is no program, or two of them would never stop."""
    return (event.mentions_bot or event.is_direct) and not event.who.is_bot and now - event.at <= STALE


def _soon(event: Event, now: datetime) -> tuple[Action, ...]:
    return Index(limit=AT_ONCE), Later(job=ANSWER, key=event.key, at=now)
