"""A question with those who will read its answer, and whether a source may be told to them: asked live each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.core.event import CommandGiven, MessagePosted
from bot.core.passage import Passage
from bot.core.ports import Context, Readers
from pipelines.answer.passages import may_be_told


class Standing(Enum):
    """Whether an answer may still be given."""

    FINE = auto()
    UNASKED = auto()
    NARROWER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`private` where only the asker reads the answer; `name` tells this answer from others to the same question."""

    event: MessagePosted | CommandGiven
    name: str
    private: bool

    @classmethod
    async def of(cls, event: MessagePosted | CommandGiven, name: str, context: Context) -> Asked:
        """Commands are answered privately where the place can."""
        private = isinstance(event, CommandGiven) and (await context.capabilities(event.where)).ephemeral
        return cls(event=event, name=name, private=private)

    @property
    def question(self) -> str:
        """What is asked, in the member's words."""
        return self.event.option("question") if isinstance(self.event, CommandGiven) else self.event.text

    @property
    def message_id(self) -> str:
        """The message that asks, '' where there is none."""
        return self.event.message_id

    async def audience(self, context: Context) -> Readers:
        """Who will read the answer, as of this moment."""
        if self.private:
            return Readers(members=frozenset({self.event.who.id}))
        return await context.readers(self.event.where)

    async def tellable(self, passages: Sequence[Passage], context: Context) -> list[Passage]:
        """Those whose readers the whole audience is among."""
        audience = await self.audience(context)
        places = {passage.where.parent for passage in passages}
        readable = {place for place in places if may_be_told(await context.readers(place), audience)}
        return [passage for passage in passages if passage.where.parent in readable]

    async def taken_away(self, context: Context) -> bool:
        """Whether the question is there no more."""
        if isinstance(self.event, CommandGiven):
            return False
        return await context.store.gone(self.event.where.platform, self.event.message_id)

    async def standing(self, sources: Sequence[Passage], context: Context) -> Standing:
        """Whether the question and all its sources are there as they were, and may be told to the same people."""
        if await self.taken_away(context):
            return Standing.UNASKED
        if len(await self.tellable(sources, context)) < len(sources):
            return Standing.NARROWER
        return Standing.FINE if await self._unchanged(sources, context) else Standing.NARROWER

    async def _unchanged(self, sources: Sequence[Passage], context: Context) -> bool:
        where = self.event.where
        known = {source.message_id for source in sources} - {""}
        there = await context.store.standing(where.platform, known)
        facts = await context.store.facts(where.community, self.event.who.id) if len(known) < len(sources) else []
        words = {passage.message_id: passage.words for passage in there}
        remembered = {fact.words for fact in facts}
        return all(
            words.get(source.message_id) == source.words if source.message_id else source.words in remembered
            for source in sources
        )
