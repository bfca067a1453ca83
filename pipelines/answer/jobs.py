"""The later work: look up, check who may be told, and answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from bot import text
from bot.core.action import Action, Post
from bot.core.event import CommandGiven, Event, MessagePosted
from bot.core.markdown import called, literal, quoted
from bot.core.passage import Passage
from bot.core.ports import Context, Embedder, Job, Readers
from pipelines.answer.passages import chosen, may_be_told
from pipelines.answer.question import keywords
from pipelines.answer.retrieval import found

ANSWER: Final = "answer.answer"
MAX_QUOTE: Final = 300


@dataclass(frozen=True, slots=True)
class Answering:
    """The job that answers; without an embedder what was said is found by its words alone."""

    embedder: Embedder | None = None

    async def answer(self, job: Job, context: Context) -> AsyncIterator[Action]:
        """Idempotent: it says the same until something changes, under one key."""
        event = await context.store.event(job.key)
        if not isinstance(event, MessagePosted | CommandGiven) or await _taken_away(event, context):
            return
        question = event.option("question") if isinstance(event, CommandGiven) else event.text
        private = isinstance(event, CommandGiven) and (await context.capabilities(event.where)).ephemeral
        audience = Readers(members=frozenset({event.who.id})) if private else await context.readers(event.where)
        passages = await self._found(question, event, audience, context)
        nothing = text.NOTHING_FOR_YOU if private else text.NOTHING_KNOWN
        said = await _answer(passages, context) if passages else nothing
        yield Post(to=event.where, text=said, reply_to=event.message_id, whisper_to=event.who.id if private else "")

    async def _found(self, question: str, event: Event, audience: Readers, context: Context) -> Sequence[Passage]:
        candidates = await found(question, event.where.community, context, self.embedder)
        places = {passage.where.parent for passage in candidates.passages}
        readable = {place for place in places if may_be_told(await context.readers(place), audience)}
        asked = event.message_id if isinstance(event, MessagePosted) else ""
        return chosen(candidates, readable, keywords(question), asked)


async def _taken_away(event: Event, context: Context) -> bool:
    """A question that its author took away meanwhile is not answered."""
    return isinstance(event, MessagePosted) and await context.store.gone(event.where.platform, event.message_id)


async def _answer(passages: Sequence[Passage], context: Context) -> str:
    quotes = [f"{quoted(each.words, MAX_QUOTE)}\n\n{await _source(each, context)}" for each in passages]
    return "\n\n".join([text.WHAT_WAS_SAID, *quotes])


async def _source(passage: Passage, context: Context) -> str:
    can = await context.capabilities(passage.where)
    link = can.link.replace("{message}", quote(passage.message_id, safe="$"))
    return text.source(called(passage.author), literal(can.name or passage.where.channel), link, passage.at)
