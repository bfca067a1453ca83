"""What is known about a question and may be told to those who will read the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.passage import Passage
from bot.core.ports import Context, Embedder
from pipelines.answer.asked import Asked
from pipelines.answer.compose import Spoken
from pipelines.answer.memory import facts_for
from pipelines.answer.passages import told
from pipelines.answer.retrieval import found
from pipelines.answer.talk import conversation

MOST: Final = 12
# A follow-up of few words is looked up together with what it follows.
LONG_ENOUGH: Final = 60


@dataclass(frozen=True, slots=True)
class Gathered:
    """The turns that led to the question, and the sources, best first."""

    talk: Sequence[Spoken]
    sources: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Gathering:
    """Looks in the store, and asks the platform who may read what."""

    context: Context
    embedder: Embedder | None

    async def gather(self, asked: Asked) -> Gathered:
        """Conversation and sources, without what the audience may not read."""
        talk, said = await conversation(asked.event, self.context)
        question = asked.question
        if said and len(question) < LONG_ENOUGH:
            question = f"{said[-1].words}\n{question}"
        candidates = await found(question, asked.event.where.community, self.context, self.embedder)
        places = {passage.where.parent for passage in candidates.passages}
        known = {passage.message_id for passage in said}
        best = [each for each in told(candidates, places, asked.message_id) if each.message_id not in known]
        facts = await facts_for(asked, self.context)
        return Gathered(talk, [*facts, *(await asked.tellable([*said, *best], self.context))[:MOST]])
