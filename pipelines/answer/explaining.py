"""What an answer would be made of, and what answers have cost: for whoever asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot import text_answers as text
from bot.core.action import Action
from bot.core.event import CommandGiven
from bot.core.passage import Passage
from bot.core.ports import Context
from pipelines.answer.asked import Asked
from pipelines.answer.compose import Shares, composed
from pipelines.answer.gathering import Gathering
from pipelines.answer.jobs import Answering
from pipelines.answer.saying import source
from pipelines.answer.scrub import Scrubber
from pipelines.spec import whisper


@dataclass(frozen=True, slots=True)
class Explaining:
    """Answers `budget` and `explain`, to the eyes of whoever gave the command alone."""

    answering: Answering

    async def budget(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Tokens used today, and the limits."""
        left = await self.answering.purse.left(given, context)
        lines = [text.budget(spent, limit, whose) for whose, (spent, limit) in left.items()]
        yield whisper(given, text.budgets(lines))

    async def explain(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """The sources that would be read and how much of the window each part takes; no model is called."""
        asked = await Asked.of(given, given.key, context)
        gathered = await Gathering(context, self.answering.embedder).gather(asked)
        if not gathered.sources:
            yield whisper(given, text.NO_SOURCES)
            return
        budget = self.answering.budget
        prompt = composed(asked.question, gathered.sources, gathered.talk, budget, Scrubber().scrub)
        head = text.shares(_parts(prompt.shares), budget.window) if self.answering.model else text.WITHOUT_MODEL
        yield whisper(given, f"{head}\n\n{await _listed(prompt.sources, context)}")


def _parts(shares: Shares) -> Sequence[tuple[str, int]]:
    return (
        ("rules", shares.rules),
        ("sources", shares.sources),
        ("conversation", shares.conversation),
        ("question", shares.question),
        ("kept for the answer", shares.answer),
    )


async def _listed(sources: Sequence[Passage], context: Context) -> str:
    return text.sources([await source(passage, context) for passage in sources])
