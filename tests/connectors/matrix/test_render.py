"""An effect in, an event type and content out."""

from typing import Any

import pytest

from bot.core.address import Address
from bot.core.effect import Button, Edit, OpenThread, Post, React
from connectors.matrix.reading import encode
from connectors.matrix.render import MAX_CONTENT_BYTES, render

HERE = Address("matrix", "b", "!r")
THREAD = Address("matrix", "b", "!r", "$root")


def content(text: str) -> dict[str, Any]:
    return dict(render(Post(to=HERE, text=text))[1])


def test_a_post_is_a_notice_that_mentions_nobody() -> None:
    assert render(Post(to=HERE, text="**hi** `x`")) == (
        "m.room.message",
        {
            "msgtype": "m.notice",
            "body": "hi x",
            "m.mentions": {},
            "format": "org.matrix.custom.html",
            "formatted_body": "<p><strong>hi</strong> <code>x</code></p>",
        },
    )


def test_replies_and_threads_are_related_as_clients_expect() -> None:
    posts = [
        Post(to=HERE, text="x", reply_to="$a"),
        Post(to=THREAD, text="x"),
        Post(to=THREAD, text="x", reply_to="$a"),
    ]
    falling_back = {"is_falling_back": True, "m.in_reply_to": {"event_id": "$root"}}
    replying = {"is_falling_back": False, "m.in_reply_to": {"event_id": "$a"}}
    thread = {"rel_type": "m.thread", "event_id": "$root"}
    assert [render(post)[1]["m.relates_to"] for post in posts] == [
        {"m.in_reply_to": {"event_id": "$a"}},
        thread | falling_back,
        thread | replying,
    ]


def test_an_edit_carries_the_whole_message_and_still_mentions_nobody() -> None:
    kind, edit = render(Edit(to=HERE, message_id="$a", text="x", buttons=(Button("b", "Go", "✅️"),)))
    new: Any = edit["m.new_content"]
    assert (kind, edit["msgtype"], edit["body"]) == ("m.room.message", "m.notice", "* x\n\n✅️ Go")
    assert edit["m.mentions"] == new["m.mentions"] == {}
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$a"}
    assert (new["body"], new["dev.parley.buttons"]) == ("x\n\n✅️ Go", {"✅": "b"})


def test_a_reaction_and_a_thread() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$a", "key": "👍"}
    assert render(React(to=HERE, message_id="$a", reaction="👍")) == ("m.reaction", {"m.relates_to": relation})
    kind, started = render(OpenThread(to=HERE, title="Ideas", message_id="$a"))
    related: Any = started["m.relates_to"]
    assert (kind, started["body"], related["event_id"]) == ("m.room.message", "Ideas", "$a")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x>", "<p>&lt;img src=x&gt;</p>"),
        ("![beacon](https://evil.example/x.png)", '<p>!<a href="https://evil.example/x.png">beacon</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>"),
        ("[x](matrix:u/eve:b)", "<p>[x](matrix:u/eve:b)</p>"),
        ("[x](//evil.example)", "<p>[x](//evil.example)</p>"),
        ("[x](mailto:a@b)", "<p>[x](mailto:a@b)</p>"),
        ("[x](https://matrix.to/#/@ann:b)", "<p>[x](https://matrix.to/#/@ann:b)</p>"),
        ("[x](https://a.example/y)", '<p><a href="https://a.example/y">x</a></p>'),
        ("[x]\n\n[x]: javascript:alert(1)", "<p>[x]</p>\n<p>[x]: javascript:alert(1)</p>"),
    ],
)
def test_html_is_on_the_allow_list_and_fetches_nothing(text: str, html: str) -> None:
    assert content(text)["formatted_body"] == html


@pytest.mark.parametrize("text", ["@room", "hey @ROOM!", "`@room`", "**@**@room", "[@room](https://a.example)"])
def test_nothing_wakes_the_whole_room(text: str) -> None:
    said = content(text)
    shown = str(said["body"]).lower() + str(said["formatted_body"]).lower()
    assert "@room" not in shown
    assert "@\u2060room" in shown


@pytest.mark.parametrize("text", ["ä" * 8000, "🎉" * 8000, '"&<' * 2666, "\x01" * 8000, "\ud800" * 8000, "*a" * 4000])
def test_the_longest_text_fits_into_an_event_even_as_an_edit(text: str) -> None:
    for effect in (Post(to=HERE, text=text), Edit(to=HERE, message_id="$a", text=text)):
        assert 0 < len(encode(render(effect)[1])) <= MAX_CONTENT_BYTES + 2_000


def test_the_plain_body_reads_without_marks() -> None:
    text = "**Case 1**\n\n> you \\*are\\*\n> two\n\nFound:\n- a `b`\n- c\n\nsee [this](https://a.example/c)"
    _, content = render(Post(to=HERE, text=text))
    assert content["body"] == ("Case 1\n> you *are*\n> two\n\nFound:\n• a b\n• c\n\nsee this (https://a.example/c)")


def test_a_room_may_be_linked_and_a_member_may_not() -> None:
    _, content = render(Post(to=HERE, text="[a](<https://matrix.to/#/!r/$e>) [b](<https://matrix.to/#/@eve:example>)"))
    assert content["formatted_body"] == (
        '<p><a href="https://matrix.to/#/!r/$e">a</a> [b](&lt;https://matrix.to/#/@eve:example&gt;)</p>'
    )
