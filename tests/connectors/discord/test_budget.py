"""Sessions are begun ever more slowly, and in the end not at all."""

import pytest

from connectors.discord.budget import MAX_A_DAY, MAX_IN_A_ROW, Budget, connect_pause_s

NOW = 1_800_000_000.0


def spent(count: int, every_s: float = 1.0) -> tuple[Budget, float]:
    budget, now = Budget(), NOW
    for _ in range(count):
        budget = budget.spend(now)
        now += every_s
    return budget, now


def test_a_few_restarts_cost_no_time() -> None:
    budget, now = spent(3)
    assert budget.pause_s(now) == 0
    assert not budget.refusal(now)


def test_sessions_that_end_at_once_are_begun_ever_more_slowly() -> None:
    pauses = []
    for count in (4, 6, 8, 19):
        budget, _ = spent(count, every_s=0.0)
        pauses.append(budget.pause_s(NOW))
    assert pauses == [2, 8, 32, 120]


def test_after_many_in_a_row_a_person_has_to_look() -> None:
    budget, now = spent(MAX_IN_A_ROW)
    assert "Look into the log" in budget.refusal(now)
    assert not budget.refusal(now + 600)


def test_the_day_has_an_end_too() -> None:
    budget, now = spent(MAX_A_DAY, every_s=90.0)
    calm = budget.at(now + 601)
    assert calm.row == 0
    assert "today" in calm.refusal(now + 601)
    assert not budget.refusal(NOW + 86_400)


def test_shards_have_a_session_each() -> None:
    budget, now = spent(16 * 3)
    assert budget.pause_s(now, shards=16) == 0
    assert budget.pause_s(now) > 0


def test_it_survives_a_restart() -> None:
    budget, _ = spent(7)
    assert Budget.read(str(budget)) == budget
    assert [Budget.read(text) for text in ("", "1 2 3", "a b c d")] == [Budget()] * 3


def test_a_clock_that_goes_back_does_not_stop_us() -> None:
    budget, _ = spent(MAX_IN_A_ROW)
    assert not budget.refusal(NOW - 7200)
    assert budget.pause_s(NOW - 7200) == 0


@pytest.mark.parametrize(("count", "pause_s"), [(0, 0), (2, 0), (3, 1), (5, 4), (30, 15)])
def test_resuming_is_held_back_when_it_does_not_last(count: int, pause_s: float) -> None:
    assert connect_pause_s([NOW] * count, NOW + 1) == pause_s
    assert connect_pause_s([NOW] * count, NOW + 61) == 0
