"""Whoever mentions the bot, writes to it directly or gives `ask` gets an answer, as later work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import text_answers
from bot.core.action import Action, Index, Later
from bot.core.event import ButtonPressed, CommandGiven, Event, MessagePosted
from bot.core.ports import Context
from pipelines.answer.again import key_of, pressed
from pipelines.answer.jobs import ANSWER
from pipelines.answer.keeping import AT_ONCE
from pipelines.spec import whisper

# What was asked while the bot was away is not answered out of the blue.
STALE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers without a language model: in the words of those who said it."""

    name: str = "answer"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """An answer soon, with all that was said until now."""
        if isinstance(event, MessagePosted) and await wanted(event, context):
            for action in _soon(event, context.clock()):
                yield action
        if isinstance(event, ButtonPressed) and (name := pressed(event.button_id)):
            yield await _again(event, name, context)

    def failed(self, event: Event) -> Sequence[Action]:  # noqa: ARG002 - the port's
        """Silence: whoever asked may ask again."""
        return ()

    async def ask(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """The same for a command."""
        for action in _soon(given, context.clock()):
            yield action


async def wanted(event: MessagePosted, context: Context) -> bool:
    """Whether somebody speaks to us, just now, and is no program, or two of them would never stop."""
    if event.who.is_bot or context.clock() - event.at > STALE:
        return False
    return event.mentions_bot or event.is_direct or await _answers_us(event, context)


async def _answers_us(event: MessagePosted, context: Context) -> bool:
    """A reply to an answer of ours goes on with it; to other words of ours, such as a removal, it does not."""
    ours = await context.store.posted(event.where.platform, event.reply_to) if event.reply_to else None
    return ours is not None and bool(ours.stream)


async def _again(event: ButtonPressed, name: str, context: Context) -> Action:
    question = await context.store.event(key_of(name))
    if question is None or question.who.id != event.who.id or question.where.platform != event.where.platform:
        return whisper(event, text_answers.NOT_YOURS)
    return Later(job=ANSWER, key=name, at=context.clock())


def _soon(event: Event, now: datetime) -> tuple[Action, ...]:
    return Index(limit=AT_ONCE), Later(job=ANSWER, key=event.key, at=now)
