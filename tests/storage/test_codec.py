"""What is stored is what is read, to the last field."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import get_args

import pytest
from pydantic import ValidationError

from bot.core.effect import Outgoing
from bot.core.event import Event, Role, SurfaceKind
from bot.core.evidence import Evidence, Finding
from storage.codec import dump, dump_effects, load, load_effects, load_event
from tests.storage.vocabulary import EFFECTS, EVENTS, EVIDENCE, WHO


def _kind(value: object) -> str:
    return type(value).__name__


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def test_every_kind_of_event_and_effect_is_tried() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert {type(effect) for effect in EFFECTS} == set(get_args(Outgoing))


@pytest.mark.parametrize("value", [*EVENTS, *EFFECTS, EVIDENCE, *EVIDENCE.findings, WHO], ids=_kind)
def test_no_field_is_tried_with_its_default(value: Event | Outgoing | Evidence) -> None:
    assert [field.name for field in fields(value) if getattr(value, field.name) == _default(field)] == []


@pytest.mark.parametrize("event", EVENTS, ids=_kind)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    loaded = load_event(_kind(event), dump(event))
    assert loaded == event
    assert isinstance(loaded.who.role, Role)
    assert all(isinstance(surface.kind, SurfaceKind) for surface in getattr(loaded, "surfaces", ()))


def test_effects_are_read_as_they_were_written() -> None:
    assert load_effects(dump_effects(EFFECTS)) == EFFECTS


def test_evidence_is_read_as_it_was_written() -> None:
    assert load(Evidence, dump(EVIDENCE)) == EVIDENCE


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        load_event("MessagePosted", '{"id": "1"}')


def test_what_the_vocabulary_does_not_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        dump(object())


def test_evidence_of_an_older_version_is_still_read() -> None:
    old = '{"findings": [{"rule": "insults", "label": "insult", "score": 1.0, "quote": "idiot"}], "score": 1.0}'
    finding = Finding(rule="insults", label="insult", score=1.0, quote="idiot")
    assert load(Evidence, old) == Evidence(findings=(finding,), score=1.0)
