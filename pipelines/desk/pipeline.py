"""Every command passes here: known, complete and allowed, or one sentence says what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog

from bot import text, text_screening
from bot.core.action import Action
from bot.core.command import CommandSpec, Suggestion
from bot.core.event import CommandGiven, Event, Role
from bot.core.markdown import literal
from bot.core.ports import Context, Needs
from pipelines.spec import Command, whisper

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Hands each command to whoever answers it."""

    commands: Sequence[Command]
    name: str = "desk"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """The command's own actions, or a sentence."""
        if not isinstance(event, CommandGiven):
            return
        command = self._command(event.name)
        problem = await self._problem(event, command, context)
        if problem or command is None:
            yield whisper(event, problem or text.no_command(event.name))
            return
        async for action in command.answer(event, context):
            yield action

    async def suggest(self, given: CommandGiven, option: str, context: Context) -> Sequence[Suggestion]:
        """What an option could be; nothing for who may not give the command."""
        command = self._command(given.name)
        if command is None or command.suggest is None:
            return ()
        role = await context.role(given.where, given.who.id)
        return await command.suggest(given, option, context) if role >= command.spec.role else ()

    def failed(self, event: Event) -> Sequence[Action]:
        """Whoever asked learns that it did not work."""
        return (whisper(event, text.FAILED),) if isinstance(event, CommandGiven) else ()

    def _command(self, name: str) -> Command | None:
        return next((command for command in self.commands if command.spec.name == name), None)

    async def _problem(self, given: CommandGiven, command: Command | None, context: Context) -> str:
        if given.problem or command is None:
            # It repeats what was typed.
            return literal(given.problem)
        # The role at this moment counts, not the one when the command was typed.
        role = await context.role(given.where, given.who.id)
        return "" if role >= command.spec.role else text.not_allowed(command.spec.name)


async def doctor(needs: Needs, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
    """What the platform does not let me do though the settings take it; for the moderators of all of it."""
    if await context.role(given.where.community, given.who.id) < Role.MODERATOR:
        yield whisper(given, text.NOT_THEIR_COMMUNITY)
        return
    yield whisper(given, text_screening.doctor(await context.lacking(given.where.community, needs)))


async def help_(specs: Sequence[CommandSpec], given: CommandGiven, context: Context) -> AsyncIterator[Action]:
    """The commands this member may give here."""
    role = await context.role(given.where, given.who.id)
    allowed = [(spec.usage, spec.summary) for spec in specs if role >= spec.role]
    yield whisper(given, text.help_(allowed))
