"""Which outbox rows belong together, and how several become one call where the platform has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import groupby
from typing import TypeAlias

from bot.core.capability import Capabilities
from bot.core.effect import BanAll, Card, Delete, Effect, Penalty, Restrict, ShowPoll
from bot.core.stored import Pending, Receipt

# So few bans are done one by one, each member told first; with more of them being quick counts for more.
FEW = 5
# Urgent kinds sort first, and whoever goes on doing harm is stopped before what they did is cleaned up.
RESTRICT, DELETE, SAY = 0, 1, 2
Kind: TypeAlias = tuple[int, str, str]


def kind(row: Pending) -> Kind:
    """Rows of one kind share limits: a community's bans, the deletions of a place, what is said in one line."""
    effect = row.note.effect
    if not row.note.urgent:
        return SAY, row.note.line, ""
    if isinstance(effect, Restrict):
        return RESTRICT, str(effect.to.community), effect.penalty.value
    return DELETE, row.note.line, ""


def runs(rows: Iterable[Pending]) -> list[list[Pending]]:
    """Rows of one kind together, in their order; restrictions first."""
    named = sorted(((kind(row), n, row) for n, row in enumerate(rows)), key=lambda entry: entry[:2])
    return [[row for _, _, row in run] for _, run in groupby(named, key=lambda entry: entry[0])]


def mergeable(run: Sequence[Pending]) -> bool:
    """Whether it is worth asking what the place takes in one call."""
    if len(run) == 1:
        return False
    first = run[0].note.effect
    return isinstance(first, Delete) or (_is_ban(first) and len(run) > FEW)


def groups(run: Sequence[Pending], can: Capabilities) -> list[list[Pending]]:
    """Rows of one kind as the calls that they take."""
    if not mergeable(run):
        return [[row] for row in run]
    width = can.bulk_delete if isinstance(run[0].note.effect, Delete) else can.bulk_ban
    return list(_filled(run, max(1, width)))


def merged(group: Sequence[Pending]) -> Effect:
    """The one effect that does what all of them ask for."""
    first = group[0].note.effect
    assert not isinstance(first, Card | ShowPoll)
    if len(group) == 1:
        return first
    if isinstance(first, Delete):
        return replace(first, message_ids=_once(row.note.effect for row in group))
    return BanAll(to=first.to, user_ids=_once(row.note.effect for row in group), reason=_reason(first))


def key(group: Sequence[Pending]) -> str:
    """Names the call: two that differ in anything have different names, and the same one again has the same."""
    first, *others = [row.note.key for row in group]
    return f"{first}+{sha256(' '.join(others).encode()).hexdigest()[:16]}" if others else first


def left_undone(group: Sequence[Pending], receipt: Receipt) -> list[Pending]:
    """The rows of a call that it did not do."""
    undone = frozenset(receipt.undone)
    return [row for row in group if undone & set(_members(row.note.effect))] if undone else []


def _is_ban(effect: object) -> bool:
    return isinstance(effect, Restrict) and effect.penalty is Penalty.BAN


def _filled(run: Sequence[Pending], width: int) -> Iterator[list[Pending]]:
    """As many rows as fit into one call; one that alone is too many goes alone."""
    group: list[Pending] = []
    held = 0
    for row in run:
        size = _size(row.note.effect)
        if group and held + size > width:
            yield group
            group, held = [], 0
        group.append(row)
        held += size
    yield group


def _size(effect: object) -> int:
    return len(effect.message_ids) if isinstance(effect, Delete) else 1


def _once(effects: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for effect in effects for each in _ids(effect)))


def _ids(effect: object) -> tuple[str, ...]:
    return effect.message_ids if isinstance(effect, Delete) else _members(effect)


def _members(effect: object) -> tuple[str, ...]:
    return (effect.user_id,) if isinstance(effect, Restrict) else ()


def _reason(effect: object) -> str:
    return effect.reason if isinstance(effect, Restrict) else ""
