"""What readers of payloads know besides them: who is who, and where is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.address import Address
from bot.core.command import CommandSpec
from bot.core.event import Author, Role
from bot.core.surface import legible
from connectors.slack.memory import PLATFORM, Memory
from connectors.slack.people import MAX_NAME, Member
from connectors.slack.reading import Json, ident, mapping, stamp, words

SOMEBODY = Author("", "somebody", Role.GUEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One workspace at one moment."""

    memory: Memory
    now: datetime
    commands: Sequence[CommandSpec] = ()

    def place(self, channel: str, thread: str = "") -> Address:
        """A channel or thread of the workspace."""
        return Address(PLATFORM, self.memory.team, channel, thread)

    def author(self, user: str) -> Author:
        """A member; one nobody told us of is plain and has no name but the id."""
        return (self.memory.members.get(user) or Member(id=user, name=user)).author(self.memory.moderators)

    def is_ours(self, message: Json) -> bool:
        """Whether we said it."""
        told = {words(message.get("user")), words(message.get("bot_id"))} - {""}
        return bool(told & {self.memory.me, self.memory.bot})


def speaker(message: Json, view: View) -> Author:
    """Who said a message: a member, or an app under whatever name it gave itself."""
    user, bot = ident(message.get("user")), ident(message.get("bot_id"))
    is_bot = bool(bot) or message.get("subtype") == "bot_message"
    if user in view.memory.members or (user and not is_bot):
        return view.author(user)
    shown = mapping(message.get("bot_profile"))
    name = next(filter(None, map(legible, (message.get("username"), shown.get("name")))), user or bot)
    return Author(user or bot, name[:MAX_NAME], Role.GUEST, is_bot=is_bot)


def thread_of(message: Json) -> str:
    """The thread that a message is a reply in; its first message stands outside of it."""
    thread = stamp(message.get("thread_ts"))
    return "" if thread == message.get("ts") else thread
