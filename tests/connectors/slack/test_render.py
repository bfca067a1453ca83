"""What we say, as Slack's JSON."""

from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.core.address import Address
from bot.core.effect import Button, Edit, OpenPoll, Post
from bot.core.errors import Rejected, Unsupported
from bot.core.markdown import literal
from connectors.slack import render
from connectors.slack.forms import Purpose, report_form
from connectors.slack.growing import streamed
from connectors.slack.home import page
from connectors.slack.links import direct, meant, template
from connectors.slack.reactions import name_of
from connectors.slack.reading import objects
from connectors.slack.richtext import rich, shown
from tests.connectors.slack.recordings import GARDEN, HERE, MO, TEAM, mid, ts

LINK = f"https://fernhill.slack.com/archives/{GARDEN}/p{ts(1).replace('.', '')}"
Block: TypeAlias = dict[str, Any]
HOSTILE = "<!channel> <@U0MO000001> *bold* _it_ ~no~ `x` & <https://evil.example|click> :smile: @here > quote"


def section(*pieces: Block) -> list[Block]:
    return [{"type": "rich_text_section", "elements": list(pieces)}]


def text(said: str, **style: bool) -> Block:
    return {"type": "text", "text": said, **({"style": style} if style else {})}


def said(effect: Post, key: str = "key") -> Block:
    return dict(render.post(effect, key))


def test_a_post_calls_nobody_and_unfolds_no_link() -> None:
    assert said(Post(to=HERE, text="hello")) == {
        "channel": GARDEN,
        "text": "hello",
        "blocks": [{"type": "rich_text", "elements": section(text("hello"))}],
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "parse": "none",
        "metadata": {"event_type": "parley_said", "event_payload": {"key": render.mark("key")}},
    }


@pytest.mark.parametrize("words", [HOSTILE, "<!here>", "&lt;!channel&gt;", "\\*x\\*", "1. a\n# b\n- c"])
def test_what_a_member_wrote_is_shown_as_it_is(words: str) -> None:
    posted = said(Post(to=HERE, text=f"**Quote:** {literal(words)}"))
    (block,) = posted["blocks"]
    assert block["elements"] == section(text("Quote:", bold=True), text(" " + words.replace("\n", " ")))
    assert "<" not in posted["text"]


def test_commonmark_becomes_rich_text() -> None:
    source = "# Head\n\nA **b *c*** `d` [e](https://f.example)\n\n- g\n  1. h\n- i\n\n> j\n> k\n\n```py\nl = 1\n```\n"
    assert rich(source) == [
        *section(
            text("Head", bold=True),
            text("\n\n"),
            text("A "),
            text("b ", bold=True),
            text("c", bold=True, italic=True),
            text(" "),
            text("d", code=True),
            text(" "),
            {"type": "link", "url": "https://f.example", "text": "e"},
        ),
        {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": section(text("g"))},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": section(text("h"))},
        {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": section(text("i"))},
        {"type": "rich_text_quote", "elements": [text("j\nk")]},
        {"type": "rich_text_preformatted", "elements": [text("l = 1")]},
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "slack://user", "data:text/html,x", "//x", "file:///etc"])
def test_a_link_that_leads_nowhere_good_is_no_link(link: str) -> None:
    assert all(piece["type"] == "text" for each in rich(f"[click]({link})") for piece in objects(each["elements"]))


def test_an_answer_goes_to_the_thread_of_the_question() -> None:
    assert said(Post(to=HERE, text="x", reply_to=mid(1)))["thread_ts"] == ts(1)
    inside = Address("slack", TEAM, GARDEN, ts(5))
    assert said(Post(to=inside, text="x", reply_to=mid(8)))["thread_ts"] == ts(5)
    assert "thread_ts" not in said(Post(to=HERE, text="x", reply_to="D0ELSE:1700000000.000100"))


def test_buttons_carry_what_they_are_for() -> None:
    buttons = (Button("case:3:remove", "Remove", "🗑", asks="Why?"), Button("x", "y" * 100, ""))
    (row,) = said(Post(to=HERE, text="case", buttons=buttons))["blocks"][1:]
    assert row == {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "🗑 Remove", "emoji": True},
                "action_id": "case:3:remove",
                "value": "Why?",
            },
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "y" * 74 + "…", "emoji": True},
                "action_id": "x",
            },
        ],
    }


@pytest.mark.parametrize(
    "buttons",
    [
        tuple(Button(f"b{number}", "b", "") for number in range(26)),
        (Button("same", "a", ""), Button("same", "b", "")),
        (Button("", "nameless", ""),),
        (Button("x" * 256, "long", ""),),
    ],
)
def test_buttons_that_slack_would_refuse_are_unsupported(buttons: tuple[Button, ...]) -> None:
    with pytest.raises(Unsupported):
        render.message("case", buttons)


def test_too_much_is_unsupported_and_nothing_rejected() -> None:
    with pytest.raises(Unsupported):
        render.message("x" * 3_001, ())
    for empty in ("", " \n\t ", "\0"):
        with pytest.raises(Rejected):
            render.message(empty, ())


def test_the_text_for_notifications_fits_also_when_escaped() -> None:
    found: Any = render.message(literal("&" * 1_400), ())
    assert len(found["text"]) <= 4_000
    assert found["text"].startswith("&amp;&amp;")


def test_an_edit_replaces_text_and_buttons() -> None:
    found: Any = render.edit(Edit(to=HERE, message_id=mid(1), text="second"), ts(1))
    assert (found["channel"], found["ts"], len(found["blocks"])) == (GARDEN, ts(1), 1)


def test_a_poll_has_a_button_for_each_answer() -> None:
    poll = OpenPoll(to=HERE, question="Tea *now*?", options=("yes", "no"), lasts=timedelta(hours=1))
    found: Any = render.poll(poll, "key")
    question, row = found["blocks"]
    assert [each["action_id"] for each in row["elements"]] == ["vote:1", "vote:2"]
    assert shown(question["elements"]) == "Tea *now*?\n• yes\n• no"
    with pytest.raises(Unsupported):
        render.poll(OpenPoll(to=HERE, question="?", options=("x",) * 11, lasts=timedelta(hours=1)), "key")


def test_slacks_own_library_finds_nothing_wrong_with_it() -> None:
    source = "# A\n\n**b** `c`\n\n- d\n  1. e\n\n> f\n\n```\ng\n```"
    said_: Any = render.message(source, (Button("case:3:remove", "Remove", "🗑", asks="Why?"),))
    for block in said_["blocks"]:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict() == block
    shapes: Any = (report_form(Purpose(channel=GARDEN, message=ts(1))), page(source))
    for shape in shapes:
        view = View(**shape)
        view.validate_json()
        assert view.to_dict() == shape


def test_a_link_to_a_message_is_the_one_that_slack_knows() -> None:
    made = template("https://fernhill.slack.com/", HERE).replace("{message}", f"{GARDEN}%3A{ts(1)}")
    assert direct(made) == LINK
    assert direct("https://elsewhere.example/archives") == "https://elsewhere.example/archives"
    assert rich(f"[garden](<{made}>)") == section({"type": "link", "url": LINK, "text": "garden"})
    inside = Address("slack", TEAM, GARDEN, ts(5))
    made = template("https://fernhill.slack.com/", inside).replace("{message}", f"{GARDEN}%3A{ts(1)}")
    assert direct(made) == f"{LINK}?thread_ts={ts(5)}&cid={GARDEN}"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (LINK, mid(1)),
        (f"{LINK}?thread_ts={ts(5)}&cid={GARDEN}", mid(1)),
        ("https://fernhill.slack.com/archives/C0GARDEN01", ""),
        (f"see {LINK}", ""),
        ("", ""),
    ],
)
def test_a_link_that_is_typed_means_its_message(typed: str, message: str) -> None:
    assert meant(typed) == message


def test_a_stream_calls_nobody() -> None:
    assert streamed("a <!channel> <@U1> <#C1> < b <https://x.example>") == (
        "a &lt;!channel> &lt;@U1> &lt;#C1> < b <https://x.example>"
    )


@pytest.mark.parametrize(
    ("sign", "name"), [("👍", "+1"), ("⚠️", "warning"), ("3\ufe0f\u20e3", "three"), (":eyes:", "eyes")]
)
def test_reactions_have_names(sign: str, name: str) -> None:
    assert name_of(sign) == name


@pytest.mark.parametrize("sign", ["", "🦖🦖", "two words", "\ud83d", "x" * 101])
def test_what_has_no_name_is_no_reaction(sign: str) -> None:
    with pytest.raises(Rejected):
        name_of(sign)


def test_a_whisper_answers_without_replacing_what_was_pressed() -> None:
    found: Any = render.whisper(Post(to=HERE, text="between us", whisper_to=MO.id))
    assert (found["response_type"], found["replace_original"]) == ("ephemeral", False)
