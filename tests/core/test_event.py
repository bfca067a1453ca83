"""What an event is about, and what of it is quoted."""

from __future__ import annotations

import pytest

from bot.core.event import Event, MemberJoined, PollVoted, Reacted, Surface, SurfaceKind, subject
from tests.pipelines.build import ANN, LOBBY, MO, asked, pressed, reported, rewritten, said, taken_away
from tests.pipelines.fakes import NOON


@pytest.mark.parametrize(
    ("event", "about"),
    [
        (said("x"), ("test", "lobby", "m1")),
        (rewritten("x"), ("test", "lobby", "m1")),
        (taken_away(), ("test", "lobby", "m1")),
        (reported(), ("test", "lobby", "m1")),
        (pressed("case:1:remove"), ("test", "office", "card1")),
        (Reacted(id="e", at=NOON, where=LOBBY, who=ANN, message_id="m1", reaction="x"), ("test", "lobby", "m1")),
        (PollVoted(id="e", at=NOON, where=LOBBY, who=ANN, message_id="m1", options=()), ("test", "lobby", "m1")),
        (asked("help"), ("test", "lobby", MO.id)),
        (MemberJoined(id="e", at=NOON, where=LOBBY, who=ANN), ("test", "lobby", ANN.id)),
    ],
)
def test_events_about_one_thing_are_judged_in_order(event: Event, about: tuple[str, str, str]) -> None:
    assert subject(event) == about


def test_the_body_is_quoted_and_without_one_whatever_can_be_read() -> None:
    embed, alt = Surface(SurfaceKind.EMBED, "an embed"), Surface(SurfaceKind.ALT, "a picture")
    assert said("hello", surfaces=(embed, Surface(SurfaceKind.BODY, "hello"))).text == "hello"
    assert said("", surfaces=(embed, alt)).text == "an embed\na picture"
    assert said("").text == ""


def test_a_key_is_unique_among_platforms() -> None:
    assert said("x").key == "test:e1"
