"""The later work: answer with a language model where there is one, else in the words of those who said it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bot.core.action import Action, Later
from bot.core.effect import Draft
from bot.core.event import CommandGiven, MessagePosted
from bot.core.llm import LanguageModel
from bot.core.ports import Context, Embedder
from bot.core.stored import Job
from pipelines.answer.again import key_of
from pipelines.answer.asked import Asked
from pipelines.answer.compose import Budget
from pipelines.answer.passages import chosen
from pipelines.answer.purse import Purse
from pipelines.answer.question import keywords
from pipelines.answer.retrieval import found
from pipelines.answer.saying import extract, reply, shown
from pipelines.answer.writing import Written

if TYPE_CHECKING:
    from pipelines.answer.graph import Steps

ANSWER: Final = "answer.answer"
USUAL: Final = Budget(window=8_192, answer=1_024)
# How soon a member's next question is looked at again while an earlier one is being answered.
SOON: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Answering:
    """The job that answers; without an embedder what was said is found by its words alone."""

    embedder: Embedder | None = None
    model: LanguageModel | None = None
    budget: Budget = USUAL
    purse: Purse = field(default_factory=Purse)
    _busy: set[tuple[str, str]] = field(default_factory=set)

    async def answer(self, job: Job, context: Context) -> AsyncIterator[Action]:
        """Under one key whatever happens, so it is shown once; a member has one answer at a time."""
        event = await context.store.event(key_of(job.key))
        if not isinstance(event, MessagePosted | CommandGiven):
            return
        asked = await Asked.of(event, job.key, context)
        if await asked.taken_away(context):
            return
        member = event.where.platform, event.who.id
        if member in self._busy:
            yield Later(job=ANSWER, key=job.key, at=context.clock() + SOON)
            return
        self._busy.add(member)
        try:
            async for action in self._answered(asked, context):
                yield action
        finally:
            self._busy.discard(member)

    async def close(self) -> None:
        """Let go of the models."""
        if self.embedder is not None:
            self.embedder.close()
        if self.model is not None:
            await self.model.close()

    async def _answered(self, asked: Asked, context: Context) -> AsyncIterator[Action]:
        if self.model is None:
            yield reply(asked, await self._extract(asked, context))
            return
        async with aclosing(self._written(asked, self.model, context)) as parts:
            async for part in parts:
                if isinstance(part, Written):
                    for action in [*await shown(asked, part, context), *part.spent]:
                        yield action
                elif not asked.private:
                    # A draft has all of the place for its readers.
                    yield Draft(to=asked.event.where, text=part, stream=asked.name, reply_to=asked.message_id)

    async def _written(
        self, asked: Asked, model: LanguageModel, context: Context
    ) -> AsyncGenerator[str | Written, None]:
        # Otherwise a variable that is set for another program would send what members say to a tracing service.
        os.environ.update(LANGSMITH_TRACING="false", LANGSMITH_TRACING_V2="false", LANGCHAIN_TRACING_V2="false")
        # Some seconds where the machine is busy, and the loop has others to serve.
        await asyncio.to_thread(import_module, "pipelines.answer.graph")
        from pipelines.answer.graph import Steps, write

        steps: Steps = Steps(context=context, model=model, embedder=self.embedder, budget=self.budget, purse=self.purse)
        # Whoever stops listening ends the model's work too.
        async with aclosing(write(asked, steps)) as parts:
            async for part in parts:
                yield part

    async def _extract(self, asked: Asked, context: Context) -> str:
        candidates = await found(asked.question, asked.event.where.community, context, self.embedder)
        tellable = await asked.tellable(candidates.passages, context)
        readable = {passage.where.parent for passage in tellable}
        passages = chosen(candidates, readable, keywords(asked.question), asked.message_id)
        return await extract(asked, passages, context)
