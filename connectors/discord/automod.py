"""Our rules as rules of Discord's own AutoMod, which stops a message before anybody reads it.

AutoMod looks for whole words in any letter case and for patterns in the syntax of Rust's regex crate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.core.effect import Filter, Screen
from bot.core.surface import legible
from connectors.discord import limits
from connectors.discord.guilds import Guild
from connectors.discord.permissions import MODERATING
from connectors.discord.reading import Json, snowflake, whole, words
from connectors.discord.wire import NotFound, Wire, path

# Begins the names of our rules; those of people that begin so are theirs all the same.
MARK = "Parley: "
KEYWORDS, ON_MESSAGE, BLOCK, ALERT = 1, 1, 1, 2
POWER = "Manage Server"
# What RE2 understands and Rust does not: any byte, quotations, octal numbers.
FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*\\(?:C|Q|[0-7])")
# Rust takes these for the edges of words.
EDGES = re.compile(r"(?<!\\)((?:\\\\)*)\\([<>])")
Action: TypeAlias = tuple[int, str]


@dataclass(slots=True)
class Rule:
    """One rule of AutoMod on its way; everything in it does the same."""

    action: Action
    keywords: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """Rules for as many `slots` as are free, and what does not fit, in sentences."""

    slots: int
    rules: list[Rule] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    def add(self, wanted: Filter) -> None:
        """Find room for everything a filter looks for."""
        action = (BLOCK, "") if wanted.blocks else (ALERT, wanted.alert.channel if wanted.alert else "")
        for word in dict.fromkeys(filter(None, (" ".join(legible(each).split()) for each in wanted.words))):
            if len(word) > limits.MAX_KEYWORD or "*" in word:
                self.remarks.append(f"{wanted.name}: “{word[:40]}” is longer than Discord takes, or has a *.")
            elif rule := self._room(action, "keywords", limits.MAX_KEYWORDS):
                rule.keywords.append(word)
            else:
                self.left[wanted.name] += 1
        if wanted.pattern:
            self._add_pattern(wanted, action)

    def told(self) -> tuple[str, ...]:
        """What did not fit."""
        full = [f"{name}: no room for {count} of it; AutoMod is full." for name, count in self.left.items()]
        return (*self.remarks, *full)

    def _add_pattern(self, wanted: Filter, action: Action) -> None:
        pattern = in_rust(wanted.pattern)
        if pattern is None:
            self.remarks.append(f"{wanted.name}: its pattern is longer than Discord takes, or it reads it otherwise.")
        elif rule := self._room(action, "patterns", limits.MAX_PATTERNS):
            rule.patterns.append(pattern)
        else:
            self.left[wanted.name] += 1

    def _room(self, action: Action, kind: str, most: int) -> Rule | None:
        for rule in self.rules:
            if rule.action == action and len(rule.keywords if kind == "keywords" else rule.patterns) < most:
                return rule
        if len(self.rules) >= self.slots:
            return None
        self.rules.append(Rule(action))
        return self.rules[-1]


def plan(filters: Sequence[Filter], slots: int) -> Plan:
    """Everything that fits, in the order given."""
    found = Plan(slots)
    for wanted in filters:
        found.add(wanted)
    return found


def in_rust(pattern: str) -> str | None:
    """An RE2 pattern in Rust's syntax, None when it cannot be said there or is too long."""
    if FOREIGN.search(pattern):
        return None
    found = "(?i)" + EDGES.sub(r"\1\2", pattern)
    return found if len(found) <= limits.MAX_PATTERN else None


def body(rule: Rule, number: int, screen: Screen, exempt: Sequence[str]) -> dict[str, object]:
    """A rule as Discord wants it."""
    kind, channel = rule.action
    block = {"type": BLOCK, "metadata": {"custom_message": screen.reason[: limits.MAX_BLOCK_REASON]}}
    return {
        "name": f"{MARK}{'blocks' if kind == BLOCK else 'asks'} {number}",
        "event_type": ON_MESSAGE,
        "trigger_metadata": {"keyword_filter": rule.keywords, "regex_patterns": rule.patterns},
        "actions": [block if kind == BLOCK else {"type": ALERT, "metadata": {"channel_id": channel}}],
        "enabled": True,
        "exempt_roles": list(exempt),
        "exempt_channels": [],
    }


async def screen(wire: Wire, effect: Screen, guild: Guild, me: str) -> tuple[str, ...]:
    """Put the filters in place of ours that are there; what did not fit. Raises what `perform` raises."""
    where = path("guilds", effect.to.space, "auto-moderation", "rules")
    known = [rule for rule in await wire.get_all(where, power=POWER) if whole(rule.get("trigger_type")) == KEYWORDS]
    ours = [
        rule for rule in known if snowflake(rule.get("creator_id")) == me and words(rule.get("name")).startswith(MARK)
    ]
    wanted = plan(effect.filters, limits.MAX_KEYWORD_RULES - (len(known) - len(ours)))
    exempt = _moderators(guild)
    for spare in ours[len(wanted.rules) :]:
        await _drop(wire, where, spare)
    for number, rule in enumerate(wanted.rules):
        shown = body(rule, number + 1, effect, exempt)
        if number < len(ours):
            one = f"{where}/{snowflake(ours[number].get('id'))}"
            await wire.send("PATCH", one, shown, reason=effect.reason, power=POWER)
        else:
            await wire.send("POST", where, {**shown, "trigger_type": KEYWORDS}, reason=effect.reason, power=POWER)
    return wanted.told()


async def _drop(wire: Wire, where: str, rule: Json) -> None:
    try:
        await wire.send("DELETE", f"{where}/{snowflake(rule.get('id'))}", power=POWER)
    except NotFound:
        return


def _moderators(guild: Guild) -> list[str]:
    """The roles whose members we never act on."""
    able = [role for role, rank in guild.roles.items() if role != guild.id and rank.grants & MODERATING]
    return able[: limits.MAX_EXEMPT_ROLES]
