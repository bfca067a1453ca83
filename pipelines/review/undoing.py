"""The command that takes decisions back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bot import text
from bot.core.action import Action
from bot.core.address import Address
from bot.core.case import Case
from bot.core.command import MAX_DIGITS
from bot.core.event import CommandGiven, Role
from bot.core.ports import Context
from pipelines.review.taking import TakingPolicy
from pipelines.review.undo import Regret, undo, undo_alone
from pipelines.spec import whisper


@dataclass(frozen=True, slots=True)
class Undoing:
    """`policy` gives what holds at a place."""

    policy: Callable[[Address], TakingPolicy]

    async def undo(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Take back what was decided about a case, or what was done to a message without one."""
        about = given.option("case").rstrip("/").rpartition("/")[2].partition("?")[0]
        case = await _case(about, given, context)
        actions = await self._message(about, given, context) if case is None else await _undo(case, given, context)
        for action in actions:
            yield action

    async def _message(self, about: str, given: CommandGiven, context: Context) -> Sequence[Action]:
        found = await context.store.message(given.where.platform, about)
        if found is None:
            return [whisper(given, text.NO_SUCH_MESSAGE)]
        case = await context.store.case_about(found.event.where, about)
        if case is not None and case.decision is not None:
            return await _undo(case, given, context)
        regret = await _regret(found.event.where, given, context)
        return undo_alone(found, regret, self.policy(found.event.where).review_room)


async def _case(about: str, given: CommandGiven, context: Context) -> Case | None:
    """A number from another platform is none: an id says who somebody is on their own platform only."""
    numbered = about.isascii() and about.isdigit() and len(about) < MAX_DIGITS
    case = await context.store.case(int(about)) if numbered else None
    return case if case is not None and case.where.platform == given.where.platform else None


async def _undo(case: Case, given: CommandGiven, context: Context) -> Sequence[Action]:
    return undo(case, await _regret(case.where, given, context))


async def _regret(where: Address, given: CommandGiven, context: Context) -> Regret:
    role: Role = await context.role(where, given.who.id)
    return Regret(event=given, actor=role, reason=given.option("reason"))
