"""A press on the card of a wave: what is done to all of it, whoever does harm first, then what they said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from bot import text
from bot.core.action import Action
from bot.core.address import Address
from bot.core.effect import Card, Delete, Effect, Penalty, Restrict
from bot.core.errors import Rejected
from bot.core.event import Role
from bot.core.evidence import Decision
from bot.core.ports import Context
from bot.core.stored import Job
from bot.core.wave import Part
from pipelines.spec import appeal_button

SHOW = "review.wave"
PENALTIES = {Decision.TIMEOUT: Penalty.TIMEOUT, Decision.KICK: Penalty.KICK, Decision.BAN: Penalty.BAN}
# Whoever is sent out can only be told before.
LEAVING = (Penalty.KICK, Penalty.BAN)
# As many as one call takes where any call takes many.
CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """How a wave is cleared: `reason` is for its authors and the audit log."""

    decision: Decision
    reason: str
    tell_author: bool
    timeout: timedelta


async def spared(parts: Sequence[Part], context: Context) -> list[Part]:
    """What is left of a wave without the words of those who are moderators at this moment."""
    immune: set[str] = set()
    for place in dict.fromkeys(part.where.parent for part in parts):
        immune |= await _moderators(place, [part for part in parts if part.where.parent == place], context)
    return [part for part in parts if part.author.id not in immune]


async def _moderators(place: Address, parts: Sequence[Part], context: Context) -> frozenset[str]:
    try:
        return await context.moderators(place)
    except Rejected:
        authors = {part.author.id for part in parts}
        return frozenset([each for each in authors if await context.role(place, each) >= Role.MODERATOR])


def cleared(parts: Sequence[Part], clearing: Clearing) -> list[Effect]:
    """What a decision does to a wave; nothing where it lets it be."""
    if clearing.decision in (Decision.APPROVE, Decision.WARN):
        return []
    penalty = PENALTIES.get(clearing.decision)
    restrictions: list[Effect] = [_restriction(each, penalty, clearing) for each in _firsts(parts)] if penalty else []
    return [*restrictions, *_removals(parts, penalty, clearing)]


def _firsts(parts: Sequence[Part]) -> list[Part]:
    """The first message of each author in each channel."""
    firsts: dict[tuple[Address, str], Part] = {}
    for part in parts:
        firsts.setdefault((part.where.parent, part.author.id), part)
    return list(firsts.values())


def _restriction(part: Part, penalty: Penalty, clearing: Clearing) -> Restrict:
    reason = clearing.reason or text.REMOVED_REASON
    to = part.where.parent
    restrict = Restrict(to=to, user_id=part.author.id, penalty=penalty, reason=reason, lasts=clearing.timeout)
    if penalty not in LEAVING:
        return restrict
    told = text.removed(part.author.name, clearing.reason)
    return replace(restrict, tell=told, tell_buttons=(appeal_button(part.message_id),))


def _removals(parts: Sequence[Part], penalty: Penalty | None, clearing: Clearing) -> list[Effect]:
    """One message of each author says why, the others go in bulk."""
    telling = penalty not in LEAVING and clearing.tell_author
    firsts: dict[str, Part] = {}
    for part in parts if telling else ():
        firsts.setdefault(part.author.id, part)
    one = [_removal(each, clearing) for each in firsts.values()]
    rest = sorted((each for each in parts if firsts.get(each.author.id) is not each), key=lambda each: str(each.where))
    many: list[Effect] = []
    for where, group in groupby(rest, key=lambda each: each.where):
        many += _bulks(where, [each.message_id for each in group], clearing)
    return [*one, *many]


def _removal(part: Part, clearing: Clearing) -> Delete:
    (remove,) = _bulks(part.where, [part.message_id], clearing)
    told = text.removed(part.author.name, clearing.reason)
    buttons = (appeal_button(part.message_id),)
    return replace(remove, tell_to=part.author.id, tell=told, tell_buttons=buttons)


def _bulks(where: Address, ids: Sequence[str], clearing: Clearing) -> list[Delete]:
    reason = clearing.reason or text.REMOVED_REASON
    bulks = [tuple(ids[first : first + CHUNK]) for first in range(0, len(ids), CHUNK)]
    return [Delete(to=where, message_ids=bulk, reason=reason) for bulk in bulks]


async def show(job: Job, context: Context) -> AsyncIterator[Action]:
    """Draw the card of a wave again, as it stands when that is delivered."""
    case = await context.store.wave_case(job.key.rpartition("|")[0])
    if case is not None and case.room is not None:
        yield Card(to=case.room, case=case.number)
