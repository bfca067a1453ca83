"""Any text becomes safe to store, score and show, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.event import Surface, SurfaceKind
from bot.core.surface import MAX_SURFACE, MAX_SURFACES, clip, legible, surfaces

# Fault F24; the slowest of them needs a few milliseconds.
LIMIT_S = 0.05
MONSTERS = {
    "4 MB": "a" * 4_000_000,
    "4 MB of emoji": "😀" * 1_000_000,
    "40k combining marks": "e" + "\u0301\u0316" * 20_000,
    "lone surrogates": "\ud800" * 100_000,
    "NUL": "\0" * 100_000,
    "all of it": ("\ud800\0e\u0301" * 25_000) + "x" * 3_000_000,
}


@pytest.mark.parametrize("text", MONSTERS.values(), ids=MONSTERS)
def test_monsters_are_tamed_in_time(text: str) -> None:
    start = time.perf_counter()
    found = surfaces((SurfaceKind.BODY, text))
    assert time.perf_counter() - start < LIMIT_S
    for surface in found:
        surface.text.encode()
        assert len(surface.text) <= MAX_SURFACE


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("plain", "plain"),
        ("naïve 😀", "naïve 😀"),
        ("id\ud800iot", "idiot"),
        ("id\0iot", "idiot"),
        ("\ud800", ""),
        (None, ""),
        (7, ""),
        ({"text": "x"}, ""),
    ],
)
def test_what_databases_refuse_is_dropped_so_that_it_hides_nothing(raw: object, read: str) -> None:
    assert legible(raw) == read


@given(st.text(st.characters(codec=None)))
def test_any_text_becomes_legible_once_and_for_all(text: str) -> None:
    read = legible(text)
    read.encode()
    assert "\0" not in read
    assert legible(read) == read


@given(st.text(), st.integers(1, 60))
def test_a_clipped_text_keeps_its_head_and_tail_within_the_limit(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped) <= limit
    if len(text) <= limit:
        assert clipped == text
    else:
        tail = limit // 4
        assert clipped == text[: limit - tail - 1] + "\n" + text[len(text) - tail :]


@pytest.mark.parametrize("padding", ["\0", "\ud800"])
def test_what_is_dropped_does_not_make_a_long_text_look_short(padding: str) -> None:
    (surface,) = surfaces((SurfaceKind.BODY, padding + "a" * (MAX_SURFACE * 2)))
    assert len(surface.text) == MAX_SURFACE


def test_only_what_holds_anything_is_a_surface_and_only_once() -> None:
    assert surfaces(
        (SurfaceKind.BODY, "hello"),
        (SurfaceKind.ALT, ""),
        (SurfaceKind.ALT, None),
        (SurfaceKind.EMBED, "\0"),
        (SurfaceKind.BODY, "hello"),
        (SurfaceKind.TITLE, "hello"),
    ) == (Surface(SurfaceKind.BODY, "hello"), Surface(SurfaceKind.TITLE, "hello"))


def test_surfaces_are_not_endless() -> None:
    assert len(surfaces(*((SurfaceKind.POLL, str(number)) for number in range(1000)))) == MAX_SURFACES
