"""One member is told of a few removals in a while, not of a hundred."""

from datetime import timedelta

from bot.tact import MOST, REMEMBERED, WITHIN, Tact
from tests.fakes import NOON


def test_a_few_notices_in_a_while_are_enough() -> None:
    tact = Tact()
    assert [tact.allows("x:u1", NOON) for _ in range(MOST + 2)] == [True] * MOST + [False] * 2
    assert tact.allows("x:u2", NOON)
    assert tact.allows("x:u1", NOON + WITHIN)


def test_a_clock_that_steps_back_silences_nobody() -> None:
    tact = Tact()
    assert all(tact.allows("x:u1", NOON) for _ in range(MOST))
    assert tact.allows("x:u1", NOON - timedelta(hours=2))


def test_it_forgets_whoever_was_told_longest_ago() -> None:
    tact = Tact()
    assert all(tact.allows("x:first", NOON) for _ in range(MOST))
    assert all(tact.allows(f"x:{number}", NOON) for number in range(REMEMBERED))
    assert tact.allows("x:first", NOON)
