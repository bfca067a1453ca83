"""The commands `bands` and `audit`: what the model may do here and why, and how often it was wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot import reasons, text
from bot.core.action import Action
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import CommandGiven
from bot.core.ports import Classifier, Context
from pipelines.moderation.earned import Book
from pipelines.moderation.explain import explain, lines
from pipelines.moderation.measured import Measured, Share
from pipelines.moderation.policy import Policy
from pipelines.spec import whisper


@dataclass(frozen=True, slots=True)
class Showing:
    """`policy` gives what holds at a place; without a classifier there are no bands."""

    policy: Callable[[Address], Policy]
    classifier: Classifier | None
    book: Book

    async def bands(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Where asking and acting begin for each label, and why."""
        policy = self.policy(given.where)
        if self.classifier is None or not policy.settings.model:
            yield whisper(given, reasons.NO_MODEL)
            return
        found = await self.book.entry(policy, self.classifier.version)
        rows = explain(policy.settings, found.known, found.earned)
        for said in await self._to_moderators(given, reasons.bands(lines(rows), found.earned.version), context):
            yield said

    async def audit(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """How often checks said that it was wrong."""
        measured = Measured.of(await context.store.labels(given.where.community))
        settings = self.policy(given.where).settings
        said = reasons.audit(_told(measured.wrong), _told(measured.missed), on=settings.audits_a_day > 0)
        for action in await self._to_moderators(given, said, context):
            yield action

    async def _to_moderators(self, given: CommandGiven, said: str, context: Context) -> list[Post]:
        """Not for members: they would learn how to get around it."""
        room = self.policy(given.where).review_room
        if room == given.where.parent or (await context.capabilities(given.where)).ephemeral:
            return [whisper(given, said)]
        if room is None:
            return [whisper(given, reasons.NO_ROOM_FOR_IT)]
        return [Post(to=room, text=said), whisper(given, text.ANSWERED_IN_REVIEW_ROOM)]


def _told(share: Share) -> tuple[int, int, float, float]:
    return share.hits, share.cases, share.low, share.high
