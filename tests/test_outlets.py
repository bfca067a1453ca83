"""Where a verdict leads, in the world and in a dry run."""

from __future__ import annotations

import pytest

from bot.core.action import AskReview, Judged, Outlet
from bot.core.effect import Post
from bot.core.evidence import Evidence
from bot.core.settlement import Outcome, Verdict
from bot.outlets import DRY, LIVE, Routed
from tests.pipelines.build import LOBBY, OFFICE, removal, said

EVIDENCE = Evidence(score=0.9, policy="p", mode="auto", note="why")
POST = Post(to=LOBBY, text="hello")


def routed(outlet: Outlet, *, dry: bool = False) -> Routed:
    judged = Judged(outlet=outlet, evidence=EVIDENCE, proposal=removal(), review_room=OFFICE)
    return (DRY if dry else LIVE).judged[outlet](judged, said("x"))


def ask(*, quiet: bool) -> AskReview:
    return AskReview(
        about=LOBBY, message_id="m1", evidence=EVIDENCE, proposal=removal(), review_room=OFFICE, quiet=quiet
    )


def verdict(outcome: Outcome) -> Verdict:
    return Verdict(outcome=outcome, evidence=EVIDENCE)


SHADOWED = Routed(verdict=Verdict(outcome=Outcome.SHADOWED, evidence=EVIDENCE, would=removal()))


@pytest.mark.parametrize(
    ("outlet", "expected"),
    [
        (Outlet.CLEAR, Routed(verdict=verdict(Outcome.APPROVED))),
        (Outlet.LIVE, Routed(verdict=verdict(Outcome.ACTED), effects=removal())),
        (Outlet.REVIEW, Routed(verdict=verdict(Outcome.ASKED), review=ask(quiet=False))),
        (Outlet.WAIT, Routed(verdict=verdict(Outcome.WAITING), review=ask(quiet=True))),
        (Outlet.SHADOW, SHADOWED),
    ],
)
def test_in_the_world_each_outlet_leads_where_it_says(outlet: Outlet, expected: Routed) -> None:
    assert routed(outlet) == expected


@pytest.mark.parametrize("outlet", [Outlet.LIVE, Outlet.REVIEW, Outlet.WAIT, Outlet.SHADOW])
def test_a_dry_run_only_writes_down_what_would_be_done(outlet: Outlet) -> None:
    assert routed(outlet, dry=True) == SHADOWED


def test_a_dry_run_says_nothing() -> None:
    assert routed(Outlet.CLEAR, dry=True) == Routed(verdict=verdict(Outcome.APPROVED))
    assert (DRY.other(POST), LIVE.other(POST)) == ((), (POST,))


def test_every_outlet_leads_somewhere() -> None:
    assert set(LIVE.judged) == set(DRY.judged) == set(Outlet)
