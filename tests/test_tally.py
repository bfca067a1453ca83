from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.address import Address
from bot.core.effect import Delete, Effect, Penalty, Restrict
from bot.core.evidence import Evidence, Finding
from bot.core.settlement import Outcome, Verdict
from bot.tally import BINS, EXAMPLES_PER_RULE, EXCERPT, Consequence, Example, Tally, consequence

GENERAL = Address("anywhere", "Fernhill", "general")
NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
DELETE = Delete(to=GENERAL, message_ids=("1",), reason="")
TIMEOUT = Restrict(to=GENERAL, user_id="u", penalty=Penalty.TIMEOUT, reason="")


def _verdict(score: float, *would: Effect, quote: str = "", outcome: Outcome = Outcome.SHADOWED) -> Verdict:
    finding = Finding(rule="words", label="insult", score=score, quote=quote)
    return Verdict(outcome=outcome, evidence=Evidence(findings=(finding,), score=score), would=would)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (_verdict(1, DELETE), Consequence.ACT),
        (_verdict(1), Consequence.ASK),
        (_verdict(1, outcome=Outcome.ACTED), Consequence.ACT),
        (_verdict(1, outcome=Outcome.ASKED), Consequence.ASK),
        (_verdict(1, outcome=Outcome.WAITING), Consequence.ASK),
        (_verdict(1, outcome=Outcome.APPROVED), Consequence.CLEAR),
        (_verdict(1, outcome=Outcome.GONE), Consequence.CLEAR),
        (_verdict(1, outcome=Outcome.SUPERSEDED), Consequence.CLEAR),
    ],
)
def test_a_verdict_has_one_consequence(verdict: Verdict, expected: Consequence) -> None:
    assert consequence(verdict) is expected


def test_messages_are_counted_by_consequence_channel_and_score() -> None:
    tally = Tally()
    thread = Address("anywhere", "Fernhill", "general", "7")
    tally.add(GENERAL, NOON, "fern", "a", _verdict(1.0, DELETE, TIMEOUT))
    tally.add(thread, NOON - timedelta(days=1), "moss", "b", _verdict(0.5))
    tally.add(GENERAL, NOON, "ivy", "c", Verdict(outcome=Outcome.APPROVED, evidence=Evidence()))
    expected = Counter({Consequence.ACT: 1, Consequence.ASK: 1, Consequence.CLEAR: 1})
    assert (tally.messages, tally.counts, tally.channels) == (3, expected, {GENERAL: expected})
    assert (tally.first, tally.last) == (NOON - timedelta(days=1), NOON)
    assert (tally.removed, tally.penalties) == (1, Counter({Penalty.TIMEOUT: 1}))
    assert {index: counts.total() for index, counts in enumerate(tally.bins) if counts} == {0: 1, 10: 1, BINS - 1: 1}


def test_a_rule_that_matched_twice_counts_a_message_once() -> None:
    tally = Tally()
    findings = tuple(Finding(rule="words", label="insult", score=score, quote=str(score)) for score in (0.4, 0.8, 0.6))
    tally.add(GENERAL, NOON, "fern", "x", Verdict(outcome=Outcome.SHADOWED, evidence=Evidence(findings=findings)))
    rule = tally.rules["words", "insult"]
    assert rule.counts == Counter({Consequence.ASK: 1})
    assert rule.examples == [
        Example(
            number=1,
            where=GENERAL,
            at=NOON,
            author="fern",
            text="x",
            quotes=("0.8",),
            score=0.8,
            rule="words",
            label="insult",
            consequence=Consequence.ASK,
        )
    ]


def test_only_the_strongest_examples_are_kept() -> None:
    tally = Tally()
    for number in range(1000):
        tally.add(GENERAL, NOON, "fern", f"message {number}", _verdict(number / 1000))
    kept = [example.text for example in tally.rules["words", "insult"].examples]
    assert kept == [f"message {number}" for number in range(999, 999 - EXAMPLES_PER_RULE, -1)]


def test_of_equal_examples_the_earlier_ones_are_kept() -> None:
    tally = Tally()
    for number in range(200):
        tally.add(GENERAL, NOON, "fern", f"message {number}", _verdict(1.0))
    kept = [example.text for example in tally.rules["words", "insult"].examples]
    assert kept == [f"message {number}" for number in range(EXAMPLES_PER_RULE)]


def test_what_was_let_through_never_crowds_out_what_was_not() -> None:
    tally = Tally()
    for _ in range(100):
        tally.add(GENERAL, NOON, "fern", "passed", _verdict(1.0, outcome=Outcome.APPROVED))
    tally.add(GENERAL, NOON, "fern", "asked", _verdict(0.1))
    assert tally.rules["words", "insult"].examples[0].text == "asked"


def test_a_long_message_is_quoted_around_its_match() -> None:
    tally = Tally()
    tally.add(GENERAL, NOON, "fern", "a " * 5000 + "BAD\n\nword" + " z" * 5000, _verdict(1.0, quote="bad word"))
    (example,) = tally.rules["words", "insult"].examples
    assert "BAD word" in example.text
    assert (example.text[0], example.text[-1], len(example.text)) == ("…", "…", EXCERPT + 2)


@pytest.mark.parametrize("score", [-3.0, 0.0, 1.0, 7.0, float("nan"), float("inf")])
def test_a_score_that_is_none_still_has_a_bar(score: float) -> None:
    tally = Tally()
    tally.add(GENERAL, NOON, "fern", "a", _verdict(score))
    assert sum(counts.total() for counts in tally.bins) == 1


def test_a_wave_is_counted_as_one_and_shows_one_example() -> None:
    tally = Tally()
    for number in range(30):
        author = f"raider{number % 5}"
        finding = Finding(rule="waves", label="raid", score=1.0, wave="anywhere:1")
        ban = Restrict(to=GENERAL, user_id=author, penalty=Penalty.BAN, reason="", once=f"wave/{author}")
        would = Verdict(
            outcome=Outcome.SHADOWED, evidence=Evidence(findings=(finding,), score=1.0), would=(ban, DELETE)
        )
        tally.add(GENERAL, NOON + timedelta(seconds=number), author, f"free gifts {number}", would)
    (wave,) = tally.waves.values()
    assert (wave.counts, len(wave.authors), wave.text) == (Counter({Consequence.ACT: 30}), 5, "free gifts 0")
    assert (wave.where, wave.at) == (GENERAL, NOON)
    assert [each.text for each in tally.rules["waves", "raid"].examples] == ["free gifts 0"]
    assert tally.penalties == Counter({Penalty.BAN: 5})
    assert tally.removed == 30
