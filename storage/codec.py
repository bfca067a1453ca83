"""Values of the vocabulary to JSON and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, get_args

import orjson
from pydantic import TypeAdapter

from bot.core.effect import Effect, Outgoing
from bot.core.event import Event
from bot.core.evidence import Evidence
from bot.core.settlement import Outcome, Verdict

T = TypeVar("T")

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
EFFECTS: dict[str, type[Outgoing]] = {kind.__name__: kind for kind in get_args(Outgoing)}


# Built when first needed: building one costs a millisecond.
_ADAPTERS: dict[type[object], TypeAdapter[Any]] = {}


@dataclass(frozen=True, slots=True)
class _Tagged:
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict's evidence with what would have been done, as it is stored."""

    evidence: Evidence
    would: str = "[]"

    def verdict(self, outcome: Outcome) -> Verdict:
        """The verdict it was made from."""
        return Verdict(outcome=outcome, evidence=self.evidence, would=load_proposal(self.would))


def dump(value: object) -> str:
    """JSON of a dataclass of the vocabulary."""
    return orjson.dumps(value, _plain).decode()


def dump_effects(effects: Iterable[Outgoing]) -> str:
    """JSON of a list of effects, each with its kind."""
    return dump([_Tagged(type(effect).__name__, effect) for effect in effects])


def load(kind: type[T], text: str) -> T:
    """What `dump` wrote; raises `pydantic.ValidationError` for anything else."""
    value: T = _adapter(kind).validate_json(text)
    return value


def load_event(kind: str, text: str) -> Event:
    """The event whose class is called `kind`."""
    return load(EVENTS[kind], text)


def load_effects(text: str) -> tuple[Outgoing, ...]:
    """What `dump_effects` wrote."""
    return tuple(_effect(entry["kind"], entry["value"]) for entry in orjson.loads(text))


def load_proposal(text: str) -> tuple[Effect, ...]:
    """What `dump_effects` wrote of effects alone."""
    return tuple(effect for effect in load_effects(text) if isinstance(effect, Effect))


def _effect(kind: str, value: object) -> Outgoing:
    effect: Outgoing = _adapter(EFFECTS[kind]).validate_python(value)
    return effect


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in the vocabulary")
