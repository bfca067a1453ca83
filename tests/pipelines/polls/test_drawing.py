"""A poll whose votes are ours reads the same on every platform."""

from __future__ import annotations

from dataclasses import replace

from pipelines.polls.drawing import PollText
from tests.pipelines.build import ANN, BOB
from tests.pipelines.polls.build import CY, DAY, POLL, voted

WORDS = PollText()
ASKED = replace(POLL, asked=replace(DAY, question="*Which* day?"))


def test_an_open_poll_shows_shares_names_and_its_end() -> None:
    assert WORDS.drawn(voted((ANN, (1,)), (BOB, (1,)), (CY, (2,)), poll=ASKED)) == (
        "**\\*Which\\* day?**\n\n"
        "1. Saturday ▰▰▰▰▰▰▰▱▱▱ 2, 67% (Ann, Bob)\n"
        "2. Sunday ▰▰▰▱▱▱▱▱▱▱ 1, 33% (Cy\\_)\n\n"
        "3 votes so far, open until 14:00 UTC on 01 January."
    )


def test_a_secret_poll_shows_no_names() -> None:
    secret = replace(POLL, asked=replace(DAY, anonymous=True), ended=True)
    assert WORDS.drawn(voted((ANN, (2,)), poll=secret)) == (
        "**Which day?**\n\n1. Saturday ▱▱▱▱▱▱▱▱▱▱ 0, 0%\n2. Sunday ▰▰▰▰▰▰▰▰▰▰ 1, 100%\n\n"
        "This poll has ended with 1 vote."
    )


def test_more_names_than_fit_are_counted() -> None:
    many = voted(*((replace(ANN, id=f"u{n}"), (1,)) for n in range(7)))
    assert "(Ann, Ann, Ann, Ann, Ann +2)" in WORDS.drawn(many)


def test_a_result_names_whoever_won() -> None:
    won, tie, none = voted((ANN, (1,))), voted((ANN, (1,)), (BOB, (2,))), voted((ANN, ()))
    assert [WORDS.result(poll).splitlines()[0] for poll in (won, tie, none)] == [
        "The poll **Which day?** has ended: **Saturday**, with 1 vote.",
        "The poll **Which day?** has ended with a tie between **Saturday** and **Sunday**.",
        "The poll **Which day?** has ended; nobody voted.",
    ]
