"""Budgets: tokens are set aside before a model is called, and counted when it is known how many there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.action import Spend
from bot.core.event import Header
from bot.core.ports import Context

# Until then, what was spent is surely written, and would count twice.
SETTLED: Final = timedelta(seconds=10)


class Whose(StrEnum):
    """What has a budget."""

    MEMBER = "member"
    CHANNEL = "channel"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Tokens a day; 0 is no limit."""

    member: int = 0
    channel: int = 0
    community: int = 0

    def of(self, whose: Whose) -> int:
        """The limit of a member, a channel or a community."""
        return {Whose.MEMBER: self.member, Whose.CHANNEL: self.channel, Whose.COMMUNITY: self.community}[whose]


@dataclass(slots=True)
class Held:
    """Tokens that are set aside; from `until` on they no longer count."""

    day: str
    scopes: Mapping[Whose, str]
    tokens: int
    until: datetime | None = None

    def spent(self, tokens: int, now: datetime) -> Spend:
        """It is known how many there were."""
        self.tokens, self.until = tokens, now + SETTLED
        return Spend(day=self.day, scopes=tuple(self.scopes.values()), tokens=tokens)


@dataclass(slots=True)
class Purse:
    """What may be spent: by what the store has counted and what is set aside in this process."""

    limits: Limits = field(default_factory=Limits)
    _held: list[Held] = field(default_factory=list)

    async def hold(self, event: Header, tokens: int, context: Context) -> Held | Whose:
        """Set tokens aside, or tell whose budget has not so many left."""
        scopes, day = scopes_of(event), f"{context.clock():%Y-%m-%d}"
        counted = await context.store.spent(day, list(scopes.values()))
        # From here to the end nothing waits, so nobody else can take the same tokens.
        self._held = [one for one in self._held if one.until is None or one.until > context.clock()]
        for whose, scope in scopes.items():
            aside = sum(one.tokens for one in self._held if one.day == day and one.scopes[whose] == scope)
            limit = self.limits.of(whose)
            if limit and counted.get(scope, 0) + aside + tokens > limit:
                return whose
        held = Held(day=day, scopes=scopes, tokens=tokens)
        self._held.append(held)
        return held

    async def left(self, event: Header, context: Context) -> Mapping[Whose, tuple[int, int]]:
        """What was spent today, and the limit, of each that has one."""
        scopes, day = scopes_of(event), f"{context.clock():%Y-%m-%d}"
        counted = await context.store.spent(day, list(scopes.values()))
        return {whose: (counted.get(scope, 0), self.limits.of(whose)) for whose, scope in scopes.items()}


def scopes_of(event: Header) -> Mapping[Whose, str]:
    """Whose budgets a question counts against."""
    community = str(event.where.community)
    return {
        Whose.MEMBER: f"{community}|{event.who.id}",
        Whose.CHANNEL: str(event.where.parent),
        Whose.COMMUNITY: community,
    }
