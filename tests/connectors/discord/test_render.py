"""What we say, as Discord gets it."""

from datetime import timedelta

import pytest

from bot.core.effect import Button, Edit, OpenPoll, OpenThread, Post
from bot.core.errors import Rejected, Unsupported
from connectors.discord import limits, render
from tests.connectors.discord.recordings import HERE, MESSAGE, THREAD

SILENT = {"parse": [], "replied_user": False}
APPROVE = Button("case:1:approve", "Approve", "✅")


def test_a_post_pings_nobody_and_unfolds_no_link() -> None:
    said = render.post(Post(to=HERE, text="@everyone <@1> https://example.org", reply_to=MESSAGE), "key")
    assert said == {
        "content": "@everyone <@1> https://example.org",
        "flags": 1 << 2,
        "allowed_mentions": SILENT,
        "components": [],
        "message_reference": {"message_id": MESSAGE, "fail_if_not_exists": False},
        "nonce": render.nonce("key"),
        "enforce_nonce": True,
    }


@pytest.mark.parametrize("of_components", [False, True])
@pytest.mark.parametrize("buttons", [(), (APPROVE,)])
def test_an_edit_pings_nobody_either(*, of_components: bool, buttons: tuple[Button, ...]) -> None:
    edit = Edit(to=HERE, message_id=MESSAGE, text="@everyone", buttons=buttons)
    said = render.edit(edit, of_components=of_components)
    assert said["allowed_mentions"] == SILENT
    assert said["flags"] in (1 << 2, 1 << 15)


def test_a_card_is_made_of_components() -> None:
    said = render.post(Post(to=HERE, text="**Case 1**", buttons=(APPROVE,)), "key")
    button = {"type": 2, "style": 2, "label": "✅ Approve", "custom_id": "case:1:approve"}
    container = {"type": 17, "components": [{"type": 10, "content": "**Case 1**"}, {"type": 1, "components": [button]}]}
    assert (said["components"], said["flags"], "content" in said) == ([container], 1 << 15, False)


def test_a_card_stays_one_when_its_buttons_go() -> None:
    said = render.edit(Edit(to=HERE, message_id=MESSAGE, text="decided"), of_components=True)
    assert said["components"] == [{"type": 17, "components": [{"type": 10, "content": "decided"}]}]
    assert "content" not in said


def test_a_text_that_becomes_a_card_gives_up_its_text() -> None:
    said = render.edit(Edit(to=HERE, message_id=MESSAGE, text="Case 1", buttons=(APPROVE,)), of_components=False)
    assert (said["content"], said["flags"]) == (None, 1 << 15)


def test_buttons_stand_five_in_a_row() -> None:
    buttons = tuple(Button(f"b{number}", str(number), "🔹") for number in range(7))
    container = render.post(Post(to=HERE, text="?", buttons=buttons), "key")["components"]
    assert isinstance(container, list)
    assert [len(row["components"]) for row in container[0]["components"][1:]] == [5, 2]


def test_the_nonce_is_short_and_stays_the_same() -> None:
    assert render.nonce("a") == render.nonce("a") != render.nonce("b")
    assert len(render.nonce("x" * 1000)) <= limits.MAX_NONCE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and `code`", "**bold** and `code`"),
        ("#### deep ##", "**deep**"),
        ("# title", "# title"),
        ("---", "⎯⎯⎯"),
        ("![a cat](https://example.org/cat.png)", "[a cat](https://example.org/cat.png)"),
        ("~~~py\n#### not a heading\n~~~", "```py\n#### not a heading\n```"),
        ("```\n---\n~~~\n```\n---", "```\n---\n~~~\n```\n⎯⎯⎯"),
        ("half \ud83d an emoji", "half  an emoji"),
        ("no\0thing", "nothing"),
    ],
)
def test_markdown_is_put_as_discord_reads_it(text: str, shown: str) -> None:
    assert render.markdown(text) == shown
    assert len(shown) <= len(text)


def test_what_does_not_fit_is_a_bug_of_whoever_asked() -> None:
    with pytest.raises(Unsupported):
        render.post(Post(to=HERE, text="x" * 2001), "key")
    with pytest.raises(Unsupported):
        render.post(Post(to=HERE, text="x", buttons=(APPROVE,) * 26), "key")
    with pytest.raises(Unsupported):
        render.post(Post(to=HERE, text="x", buttons=(Button("i" * 101, "x", ""),)), "key")


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_cannot_be_said(text: str) -> None:
    with pytest.raises(Rejected):
        render.post(Post(to=HERE, text=text), "key")
    with pytest.raises(Rejected):
        render.thread(OpenThread(to=HERE, title=text), forum=False)


def test_a_poll_fits_discords_limits() -> None:
    poll = OpenPoll(to=HERE, question="Q" * 400, options=("a" * 60, "b"), lasts=timedelta(minutes=90), multiple=True)
    said = render.poll(poll, "key")
    assert said["poll"] == {
        "question": {"text": "Q" * 299 + "…"},
        "answers": [{"poll_media": {"text": "a" * 54 + "…"}}, {"poll_media": {"text": "b"}}],
        "duration": 2,
        "allow_multiselect": True,
    }
    assert said["allowed_mentions"] == SILENT


def test_a_poll_with_too_many_options_was_not_lowered() -> None:
    with pytest.raises(Unsupported):
        render.poll(OpenPoll(to=HERE, question="?", options=("x",) * 11, lasts=timedelta(hours=1)), "key")


def test_threads_are_public_and_those_of_forums_begin_with_a_message() -> None:
    assert render.thread(OpenThread(to=HERE, title="Tea"), forum=False) == {"name": "Tea", "type": 11}
    assert render.thread(OpenThread(to=HERE, title="Tea", message_id=MESSAGE), forum=False) == {"name": "Tea"}
    forum = render.thread(OpenThread(to=HERE, title="Tea" * 50), forum=True)
    assert forum["name"] == ("Tea" * 50)[:99] + "…"
    assert isinstance(forum["message"], dict)
    assert forum["message"]["content"] == "Tea" * 50


def test_a_link_leads_to_a_message() -> None:
    assert render.jump(HERE, "7").endswith(f"/{HERE.space}/{HERE.channel}/7")
    assert render.jump(THREAD, "7").endswith(f"/{THREAD.space}/{THREAD.thread}/7")
