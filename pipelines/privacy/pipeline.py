"""Members ask to be forgotten, are told what that means, and are forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot import text_privacy
from bot.core.action import Action, Erase
from bot.core.event import CommandGiven
from bot.core.ports import Context
from bot.core.privacy import Member
from pipelines.spec import whisper


async def forget_me(given: CommandGiven, _context: Context) -> AsyncIterator[Action]:
    """It cannot be undone, so it is asked for twice."""
    if given.option("sure").casefold() != "yes":
        yield whisper(given, text_privacy.ASK_FIRST)
        return
    yield whisper(given, text_privacy.FORGETTING)
    yield Erase(member=Member(platform=given.where.platform, id=given.who.id))
