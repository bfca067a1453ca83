"""Edits and deletions that arrive before what they change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.address import Address
from bot.core.event import Event, MessageDeleted, MessageEdited
from bot.core.settlement import Outcome
from bot.revisions import Revisions
from tests.pipelines.build import LOBBY, asked, rewritten, said, taken_away


def known(*events: Event, size: int = 100) -> Revisions:
    revisions = Revisions(size=size)
    revisions.learn(events)
    return revisions


def test_a_message_deleted_before_it_was_heard_is_gone() -> None:
    revisions = known(taken_away())
    assert revisions.stale(said("x")) is Outcome.GONE
    assert revisions.stale(rewritten("x", revision=10**15)) is Outcome.GONE


def test_an_older_text_than_the_one_known_is_superseded() -> None:
    revisions = known(rewritten("x", revision=5))
    assert [revisions.stale(event) for event in (said("x"), rewritten("x", revision=4))] == [Outcome.SUPERSEDED] * 2
    assert [revisions.stale(rewritten("x", revision=newer)) for newer in (5, 6)] == [None, None]


def test_a_post_supersedes_nothing_and_other_events_are_never_stale() -> None:
    assert known(said("x")).stale(said("x")) is None
    assert known(taken_away()).stale(taken_away()) is None
    assert known(taken_away()).stale(asked("why", ("message", "m1"))) is None


def test_platforms_do_not_share_messages() -> None:
    other = replace(LOBBY, platform="other")
    assert known(taken_away()).stale(said("x", where=other)) is None


def test_a_tombstone_holds_wherever_the_platform_says_the_message_was() -> None:
    assert known(taken_away(where=Address("test", "home"))).stale(said("x")) is Outcome.GONE


def test_the_oldest_are_forgotten_and_what_is_heard_of_again_is_kept() -> None:
    revisions = known(*(taken_away(message_id=name) for name in "abc"), size=3)
    revisions.learn([rewritten("x", message_id="a"), taken_away(message_id="d")])
    gone = [name for name in "abcd" if revisions.stale(said("x", message_id=name)) is Outcome.GONE]
    assert gone == ["a", "c", "d"]


@given(st.lists(st.sampled_from([taken_away(), *(rewritten("x", revision=n) for n in range(1, 4))]), max_size=8))
def test_the_order_of_arrival_does_not_matter(events: list[Event]) -> None:
    revisions = known(*events)
    newest = max((event.revision for event in events if isinstance(event, MessageEdited)), default=0)
    expected = Outcome.SUPERSEDED if newest else None
    if any(isinstance(event, MessageDeleted) for event in events):
        expected = Outcome.GONE
    assert revisions.stale(said("x")) is expected


@given(st.lists(st.integers(0, 500), max_size=300), st.integers(1, 50))
def test_memory_is_bounded(names: list[int], size: int) -> None:
    revisions = known(*(taken_away(message_id=str(name)) for name in names), size=size)
    remembered = [name for name in range(501) if revisions.stale(said("x", message_id=str(name)))]
    assert len(remembered) == min(size, len(set(names)))
