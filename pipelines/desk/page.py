"""A member's own page: what is open, how the place is kept, and what they can ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot import text_page
from bot.core.address import Address
from bot.core.command import CommandSpec
from bot.core.poll import Poll
from bot.core.ports import Context

MAX_POLLS = 20


@dataclass(frozen=True, slots=True)
class Page:
    """`mode` says what holds in a community."""

    commands: Sequence[CommandSpec]
    mode: Callable[[Address], str]

    async def text(self, community: Address, member: str, context: Context) -> str:
        """CommonMark; nothing of a place that the member may not read."""
        role = await context.role(community, member)
        allowed = [(spec.usage, spec.summary) for spec in self.commands if role >= spec.role]
        found = [poll for poll in await context.store.open_polls(community) if await _may_read(poll, member, context)]
        polls = [await _line(poll, context) for poll in found[:MAX_POLLS]]
        return text_page.page(self.mode(community), polls, allowed)


async def _may_read(poll: Poll, member: str, context: Context) -> bool:
    readers = await context.readers(poll.asked.to)
    return readers.everyone or member in readers.members


async def _line(poll: Poll, context: Context) -> str:
    name = (await context.capabilities(poll.asked.to)).name or poll.asked.to.channel
    return text_page.poll(poll.asked.question, name, poll.ends_at)
