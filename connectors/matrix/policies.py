"""Lists of bans as rooms hold them, under the names of the specification and those from before it: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import re2

from bot.core.banlist import Entry, Subject
from bot.core.surface import legible
from connectors.matrix.reading import MAX_ID, Json, ident, mapping

_NAMES = ("m.policy.rule.{}", "m.room.rule.{}", "org.matrix.mjolnir.rule.{}")
KINDS = {name.format(subject.value): subject for name in _NAMES for subject in Subject}
BANS = frozenset({"m.ban", "org.matrix.mjolnir.ban"})
USER_RULE = "m.policy.rule.user"


def entry_of(kind: object, content: Json) -> Entry | None:
    """The ban that a rule asks for; None for one that was taken back, or asks for something else."""
    entity, subject = ident(content.get("entity")), KINDS.get(kind) if isinstance(kind, str) else None
    if not entity or subject is None or content.get("recommendation") not in BANS:
        return None
    return Entry(subject=subject, entity=entity, reason=legible(content.get("reason"))[:MAX_ID])


def written(user_id: str, reason: str) -> tuple[str, dict[str, object]]:
    """The state key and content of a rule of ours."""
    return f"rule:{user_id}"[:MAX_ID], {
        "entity": user_id,
        "recommendation": "m.ban",
        "reason": legible(reason)[:MAX_ID],
    }


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern with * and ? means that name."""
    return _compiled(pattern).fullmatch(name) is not None


@dataclass(slots=True)
class Rules:
    """The bans of one list, ready to be held against many members."""

    size: int = 0
    servers: tuple[str, ...] = ()
    _names: dict[str, Entry] = field(default_factory=dict)
    _patterns: list[tuple[re.Pattern[str], Entry]] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Rules:
        """Made once for each change of a list."""
        rules, servers = cls(), dict[str, None]()
        for entry in entries:
            rules.size += 1
            if entry.subject is Subject.SERVER:
                servers[entry.entity.lower()] = None
            elif entry.subject is Subject.USER:
                rules._name(entry)
        rules.servers = tuple(servers)
        return rules

    def about(self, user_id: str) -> Entry | None:
        """What names this member, an id before a pattern."""
        known = self._names.get(user_id)
        return known or next((entry for pattern, entry in self._patterns if pattern.fullmatch(user_id)), None)

    def _name(self, entry: Entry) -> None:
        if "*" in entry.entity or "?" in entry.entity:
            self._patterns.append((_compiled(entry.entity), entry))
        else:
            self._names[entry.entity] = entry


def rules_in(state: Iterable[Json]) -> Rules:
    """From a room's state."""
    entries = (entry_of(event.get("type"), mapping(event.get("content"))) for event in state)
    return Rules.of(entry for entry in entries if entry)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Looked for in time that grows with the name alone, whatever a stranger wrote."""
    parts = {"*": ".*", "?": "."}
    compiled: re.Pattern[str] = re2.compile("(?s)" + "".join(parts.get(sign, re.escape(sign)) for sign in pattern))
    return compiled
