"""What a member asks to have remembered: listed and forgotten by that member, and told to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from bot import text_answers as text
from bot.core.action import Action, Remember, Unlearn
from bot.core.event import CommandGiven
from bot.core.passage import Fact, Passage
from bot.core.ports import Context
from pipelines.answer.asked import Asked
from pipelines.spec import whisper

MOST: Final = 50
LONGEST: Final = 300
ALL: Final = "all"


async def remember(given: CommandGiven, context: Context) -> AsyncIterator[Action]:
    """Keep a fact; without one, list all."""
    community, words = given.where.community, " ".join(given.option("fact").split())
    kept = await context.store.facts(community, given.who.id)
    if not words:
        yield whisper(given, text.facts([(fact.number, fact.words) for fact in kept]))
    elif len(words) > LONGEST or len(kept) >= MOST:
        yield whisper(given, text.TOO_MUCH_TO_REMEMBER)
    else:
        yield Remember(fact=Fact(community=community, member=given.who.id, words=words))
        yield whisper(given, text.REMEMBERED)


async def forget(given: CommandGiven, context: Context) -> AsyncIterator[Action]:
    """Let go of one fact by its number, or of all."""
    community, which = given.where.community, given.option("fact").strip().casefold()
    kept = await context.store.facts(community, given.who.id)
    numbers = tuple(fact.number for fact in kept if which in (ALL, str(fact.number)))
    if numbers:
        yield Unlearn(community=community, member=given.who.id, numbers=numbers)
    yield whisper(given, text.forgot(len(numbers)))


async def facts_for(asked: Asked, context: Context) -> Sequence[Passage]:
    """The asker's facts where nobody else reads the answer, as sources without a message."""
    audience = await asked.audience(context)
    if audience.everyone or not audience.members <= {asked.event.who.id}:
        return ()
    kept = await context.store.facts(asked.event.where.community, asked.event.who.id)
    return [_source(fact, asked) for fact in kept]


def _source(fact: Fact, asked: Asked) -> Passage:
    event = asked.event
    return Passage(where=event.where, message_id="", author=event.who.name, at=event.at, words=fact.words, rank=0.0)
