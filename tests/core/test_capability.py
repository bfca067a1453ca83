"""What a place cannot do is said in words it can, or refused: never something harsher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.capability import Capabilities, PollSupport, Refused, lower
from bot.core.effect import (
    BanAll,
    Button,
    ClosePoll,
    Delete,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Penalty,
    Post,
    React,
    Restrict,
)
from tests.pipelines.build import LOBBY

HUMBLE = Capabilities(max_text=300)
RICH = Capabilities(
    max_text=4000,
    polls=PollSupport(max_options=10, max_duration=timedelta(days=7)),
    threads=True,
    buttons=25,
    ephemeral=True,
    penalties=frozenset(Penalty),
    can_delete_others=True,
    bulk_delete=100,
    bulk_ban=200,
)
RICH_BUT_SHORT = Capabilities(max_text=300, buttons=25, ephemeral=True)
BUTTONS = tuple(Button(f"case:1:{n}", f"Label {n}", "✅") for n in range(4))
POLL = OpenPoll(to=LOBBY, question="Which day?", options=("Monday", "Friday"), lasts=timedelta(days=1))
POST = Post(to=LOBBY, text="hello", reply_to="m1", buttons=BUTTONS, whisper_to="u1")
EDIT = Edit(to=LOBBY, message_id="m1", text="hello", buttons=BUTTONS)
EFFECTS: Sequence[Effect] = [
    POLL,
    POST,
    EDIT,
    Delete(to=LOBBY, message_ids=("m1", "m2"), reason="why"),
    React(to=LOBBY, message_id="m1", reaction="👍"),
    OpenThread(to=LOBBY, title="Plans", message_id="m1"),
    ClosePoll(to=LOBBY, message_id="m1"),
    *(Restrict(to=LOBBY, user_id="u1", penalty=penalty, reason="why") for penalty in Penalty),
    Lift(to=LOBBY, user_id="u1", penalty=Penalty.BAN, reason="why"),
    BanAll(to=LOBBY, user_ids=("u1", "u2"), reason="why"),
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_a_rich_place_gets_every_effect_as_it_is(effect: Effect) -> None:
    assert lower(effect, RICH) == [effect]


def test_a_humble_place_gets_what_it_can_show_and_refusals_for_the_rest() -> None:
    assert [lower(effect, HUMBLE) for effect in EFFECTS] == [
        [Post(to=LOBBY, text="**Which day?**\n\n1. Monday\n2. Friday")],
        [Post(to=LOBBY, text="hello", reply_to="m1")],
        [Edit(to=LOBBY, message_id="m1", text="hello")],
        [Refused(effect=EFFECTS[3], reason="I may not delete other people’s messages here.")],
        [EFFECTS[4]],
        [Post(to=LOBBY, text="**Plans**", reply_to="m1")],
        [EFFECTS[6]],
        [Refused(effect=EFFECTS[7], reason="I cannot timeout members here.")],
        [Refused(effect=EFFECTS[8], reason="I cannot kick members here.")],
        [Refused(effect=EFFECTS[9], reason="I cannot ban members here.")],
        [Refused(effect=EFFECTS[10], reason="I cannot take a ban back here.")],
        [Refused(effect=EFFECTS[11], reason="I cannot ban so many members at once here.")],
    ]


def test_nobody_takes_a_kick_back() -> None:
    kick = Lift(to=LOBBY, user_id="u1", penalty=Penalty.KICK, reason="why")
    assert lower(kick, RICH) == [Refused(effect=kick, reason="I cannot take a kick back here.")]


CANS = st.builds(
    Capabilities,
    max_text=st.integers(1, 5000),
    polls=st.none() | st.builds(PollSupport, max_options=st.integers(1, 10), max_duration=st.none()),
    threads=st.booleans(),
    buttons=st.integers(0, 25),
    ephemeral=st.booleans(),
    penalties=st.frozensets(st.sampled_from(Penalty)),
    can_delete_others=st.booleans(),
)


@given(st.sampled_from(EFFECTS), CANS)
def test_nothing_becomes_harsher_and_everything_fits(effect: Effect, can: Capabilities) -> None:
    for part in lower(effect, can):
        match part:
            case Refused():
                assert part.effect == effect
                assert part.reason.endswith(".")
            case Restrict() | Delete():
                assert part == effect
            case Post() | Edit():
                assert len(part.text) <= can.max_text
                assert len(part.buttons) <= can.buttons
            case _:
                assert part == effect


def test_a_poll_that_does_not_fit_becomes_buttons() -> None:
    can = Capabilities(max_text=300, buttons=5)
    votes = (Button("vote:1", "Monday", "1\ufe0f\u20e3"), Button("vote:2", "Friday", "2\ufe0f\u20e3"))
    assert lower(POLL, can) == [Post(to=LOBBY, text="**Which day?**\n\n1. Monday\n2. Friday", buttons=votes)]


@pytest.mark.parametrize(
    ("support", "fits"),
    [
        (PollSupport(max_options=2), True),
        (PollSupport(max_options=1), False),
        (PollSupport(max_options=2, max_duration=timedelta(days=1)), True),
        (PollSupport(max_options=2, max_duration=timedelta(hours=23)), False),
    ],
)
def test_a_poll_is_native_where_its_options_and_its_time_fit(*, support: PollSupport, fits: bool) -> None:
    assert (lower(POLL, Capabilities(max_text=300, polls=support)) == [POLL]) is fits


def test_a_poll_whose_votes_are_kept_goes_with_the_text_that_stands_for_it() -> None:
    kept = replace(POLL, id="p1")
    *head, last = lower(kept, Capabilities(max_text=20, buttons=2))
    assert [isinstance(part, Post) and part.poll for part in (*head, last)] == [None] * len(head) + [kept]


@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_poll_is_native_only_where_it_stays_secret(*, secret: bool) -> None:
    can = Capabilities(max_text=300, buttons=5, polls=PollSupport(max_options=2, secret=secret))
    asked = replace(POLL, anonymous=True)
    assert (lower(asked, can) == [asked]) is secret


def test_more_options_than_buttons_are_numbered_text() -> None:
    poll = OpenPoll(to=LOBBY, question="Which?", options=tuple("abcdefghij"), lasts=timedelta(days=1))
    (pressed,) = lower(poll, Capabilities(max_text=300, buttons=25))
    assert isinstance(pressed, Post)
    assert [button.symbol for button in pressed.buttons][8:] == ["9\ufe0f\u20e3", "🔟"]
    (post,) = lower(poll, Capabilities(max_text=300, buttons=9))
    assert isinstance(post, Post)
    assert post.buttons == ()
    assert post.text.endswith("\n10. j")


def test_what_was_plain_text_in_a_poll_or_a_title_stays_plain_text() -> None:
    hostile = "**@everyone**\n# [x](https://evil.example)"
    shown = "\\*\\*\\@everyone\\*\\* \\# \\[x\\]\\(https\\://evil\\.example\\)"
    poll = OpenPoll(to=LOBBY, question=hostile, options=(hostile,), lasts=timedelta(days=1))
    assert lower(poll, HUMBLE) == [Post(to=LOBBY, text=f"**{shown}**\n\n1. {shown}")]
    assert lower(OpenThread(to=LOBBY, title=hostile), HUMBLE) == [Post(to=LOBBY, text=f"**{shown}**")]


def test_long_posts_are_split_the_reply_on_the_first_and_the_buttons_on_the_last() -> None:
    long = "\n\n".join(["word " * 30] * 4).strip()
    parts = lower(Post(to=LOBBY, text=long, reply_to="m1", buttons=BUTTONS, whisper_to="u1"), RICH_BUT_SHORT)
    posts = [part for part in parts if isinstance(part, Post)]
    assert len(posts) == len(parts) > 1
    assert [post.reply_to for post in posts] == ["m1"] + [""] * (len(posts) - 1)
    assert [post.buttons for post in posts] == [()] * (len(posts) - 1) + [BUTTONS]
    assert {post.whisper_to for post in posts} == {"u1"}


def test_a_long_edit_keeps_its_message_and_posts_the_rest() -> None:
    long = "\n\n".join(["word " * 30] * 4).strip()
    first, *rest = lower(Edit(to=LOBBY, message_id="m1", text=long, buttons=BUTTONS), RICH_BUT_SHORT)
    assert isinstance(first, Edit)
    assert (first.message_id, first.buttons) == ("m1", ())
    posts = [part for part in rest if isinstance(part, Post)]
    assert len(posts) == len(rest) > 0
    assert [post.buttons for post in posts] == [()] * (len(posts) - 1) + [BUTTONS]


def test_there_are_no_more_buttons_than_the_place_shows() -> None:
    can = Capabilities(max_text=300, buttons=2)
    assert [part.buttons for part in [*lower(POST, can), *lower(EDIT, can)] if isinstance(part, Post | Edit)] == [
        BUTTONS[:2],
        BUTTONS[:2],
    ]


def test_where_nothing_can_be_pressed_a_button_says_what_to_do_instead() -> None:
    appeal = Button("appeal:m1", "Appeal", "🙋", asks="Why?", instead="Or say “appeal m1”.")
    post = Post(to=LOBBY, text="It was removed.", buttons=(appeal,))
    assert lower(post, HUMBLE) == [Post(to=LOBBY, text="It was removed.\n\nOr say “appeal m1”.")]
    assert lower(post, RICH) == [post]
