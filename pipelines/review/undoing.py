"""The command that takes decisions back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from bot import text
from bot.core.action import Action
from bot.core.address import Address
from bot.core.case import Case
from bot.core.command import MAX_DIGITS
from bot.core.event import ButtonPressed, CommandGiven, Role
from bot.core.evidence import Decision
from bot.core.ports import Context
from bot.core.settlement import Outcome
from pipelines.review.taking import TakingPolicy
from pipelines.review.undo import Regret, undo, undo_alone
from pipelines.review.wave_card import UNDO
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
        room = self.policy(found.event.where).review_room
        regret = await _regret(found.event.where, given, context)
        if case is not None and case.wave is not None:
            # To point at one message is not to mean its whole wave.
            return undo_alone(found, regret, room, was=case.decision)
        if case is not None and case.decision is not None:
            return await _undo(case, given, context)
        acted = found.verdict is not None and found.verdict.outcome is Outcome.ACTED
        return undo_alone(found, regret, room, was=Decision.REMOVE if acted else None)


async def _case(about: str, given: CommandGiven | ButtonPressed, context: Context) -> Case | None:
    """A number from another platform is none: an id says who somebody is on their own platform only."""
    numbered = about.isascii() and about.isdigit() and len(about) < MAX_DIGITS
    case = await context.store.case(int(about)) if numbered else None
    return case if case is not None and case.where.platform == given.where.platform else None


async def pressed(event: ButtonPressed, context: Context) -> Sequence[Action]:
    """The button that takes a case back; nothing where it is none."""
    number = event.button_id.removeprefix("case:").removesuffix(f":{UNDO}")
    if event.button_id != f"case:{number}:{UNDO}":
        return ()
    case = await _case(number, event, context)
    return [whisper(event, text.no_case(number))] if case is None else await _undo(case, event, context)


async def _undo(case: Case, event: CommandGiven | ButtonPressed, context: Context) -> Sequence[Action]:
    parts = await context.store.wave(case.number) if case.wave else ()
    return undo(case, await _regret(case.where, event, context), parts)


async def _regret(where: Address, event: CommandGiven | ButtonPressed, context: Context) -> Regret:
    role: Role = await context.role(where, event.who.id)
    reason = event.text if isinstance(event, ButtonPressed) else event.option("reason")
    return Regret(event=event, actor=role, reason=reason)
