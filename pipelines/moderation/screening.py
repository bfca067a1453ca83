"""Give the rules of a community to the filter of its platform, which is faster than we can be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot import text, text_screening
from bot.core.action import Action
from bot.core.address import Address
from bot.core.effect import Filter, Screen
from bot.core.event import CommandGiven, Role
from bot.core.ports import Context
from pipelines.moderation.policy import Policy
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode
from pipelines.spec import whisper

ACTIVE = frozenset({Mode.AUTO, Mode.SEMI})


@dataclass(frozen=True, slots=True)
class Screening:
    """`policy` gives what holds at a place."""

    policy: Callable[[Address], Policy]

    async def automod(self, given: CommandGiven, context: Context) -> AsyncIterator[Action]:
        """Write them there, or take them back; who asks learns what did not fit once it is done."""
        community = given.where.community
        if await context.role(community, given.who.id) < Role.MODERATOR:
            yield whisper(given, text.NOT_THEIR_COMMUNITY)
        elif not (await context.capabilities(community)).filters:
            yield whisper(given, text_screening.NO_FILTER)
        else:
            policy = self.policy(community)
            filters, left = compiled(policy, community) if given.option("do") == "sync" else ((), ())
            yield Screen(
                to=community,
                filters=filters,
                reason=text.REMOVED_REASON,
                tell_in=given.where,
                tell_to=given.who.id,
                remarks=left,
            )


def compiled(policy: Policy, community: Address) -> tuple[tuple[Filter, ...], tuple[str, ...]]:
    """What the filter should do by itself, and the rules it cannot stand in for."""
    filters: list[Filter] = []
    left: list[str] = []
    room = policy.review_room if policy.review_room and policy.review_room.community == community else None
    settings = policy.settings
    for name, rule in policy.rules.items():
        if not isinstance(rule, WordRule):
            left.append(text_screening.stays_with_me(name))
        elif settings.mode not in ACTIVE or rule.score < settings.asks_from:
            left.append(text_screening.never_acts(name, settings.mode))
        elif settings.mode is Mode.AUTO and rule.score >= settings.acts_from:
            filters.append(_filter(name, rule, None))
        elif room is None:
            left.append(text_screening.asks_first(name))
        else:
            filters.append(_filter(name, rule, room))
    return tuple(filters), tuple(left)


def _filter(name: str, rule: WordRule, alert: Address | None) -> Filter:
    return Filter(name=name, words=rule.words, pattern=rule.pattern, blocks=alert is None, alert=alert)
