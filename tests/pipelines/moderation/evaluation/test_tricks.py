from __future__ import annotations

import random

import pytest

from pipelines.moderation.evaluation.tricks import PACK, covered, directed, escaped, split, styled, turned
from pipelines.moderation.neural.evade import Trick
from pipelines.moderation.normalise import normalise

TEXT = "nobody would miss you, you worthless pathetic creature"


@pytest.mark.parametrize("name", PACK)
def test_every_trick_changes_a_text_and_is_repeatable(name: str) -> None:
    once, again = (PACK[name](TEXT, random.Random(3)) for _ in range(2))
    assert once == again != TEXT
    assert PACK[name]("", random.Random(3)) == ""
    assert PACK[name]("a 1 !", random.Random(3))


@pytest.mark.parametrize("trick", [escaped, split, covered, styled, directed])
def test_tricks_that_only_hide_letters_are_undone(trick: Trick) -> None:
    assert normalise(trick(TEXT, random.Random(3))) == normalise(TEXT)


def test_turned_words_look_as_they_were() -> None:
    found = turned("worthless creature", random.Random(1))
    assert "\u202esselhtrow\u202c" in found.split(" ") or "\u202eerutaerc\u202c" in found.split(" ")
