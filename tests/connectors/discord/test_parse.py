"""What the gateway said, and what it means."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.event import (
    Attachment,
    Author,
    ButtonPressed,
    CommandGiven,
    Event,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PollEnded,
    PollVoted,
    Reacted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from connectors.discord.cookie import read_cookie
from connectors.discord.interactions import acknowledgement
from connectors.discord.parse import READERS, parse
from connectors.discord.reading import made_at
from tests.connectors.discord.recordings import (
    BEA,
    EVE,
    GUILD,
    HERE,
    MESSAGE,
    MO,
    NOW,
    OLGA,
    SCENES,
    THREAD,
    heard,
    memory,
    recorded,
    view,
)
from tests.connectors.discord.world import COMMANDS

JUNK: list[Any] = [None, [], {}, [{}], {"id": 7}, "", "x", "\ud83d", 3.5, True, -1, 10**400, "9" * 400, [[["x"]]]]
ASKED = "1100000000000000700"
COOKIE = f"c:{BEA.id}:{ASKED}:aW50ZXJhY3Rpb24"
SERVER = replace(HERE, channel="")


def body(text: str) -> tuple[Surface, ...]:
    return (Surface(SurfaceKind.BODY, text),)


def posted(*surfaces: Surface, who: Author = BEA, **more: Any) -> MessagePosted:  # noqa: ANN401  # any field
    plain = MessagePosted(id=MESSAGE, at=made_at(MESSAGE), where=HERE, who=who, message_id=MESSAGE, surfaces=surfaces)
    return replace(plain, **more)


def test_a_message_is_posted_with_the_roles_of_its_author() -> None:
    assert heard("message") == [posted(*body("Does anyone have **compost** to spare?"))]
    assert heard("message_of_a_moderator_by_role") == [posted(*body("Yes, by the shed."), who=MO)]
    assert heard("message_of_the_owner") == [posted(*body("Welcome all."), who=OLGA)]


def test_configured_roles_make_moderators_by_name_or_id() -> None:
    for role in ("Helpers", "1100000000000000201"):
        (event,) = heard("embeds", known=memory(trusted=(role,)))
        assert event.who.role is Role.MODERATOR


def test_mentions_and_replies_are_told() -> None:
    mention = body("<@1100000000000000103> when is the meeting?")
    assert heard("mention_and_reply") == [
        posted(*mention, mentions_bot=True, mentions=1, reply_to="1100000000000000299")
    ]


def test_a_message_in_a_thread_is_there() -> None:
    assert heard("message_in_a_thread") == [posted(*body("Beer traps work."), where=THREAD)]


def test_every_text_that_readers_see_is_a_surface() -> None:
    embed = ("Cheap seeds", "buy now", "Seed man", "only today", "seeds", "price", "free")
    file = Attachment(id="1100000000000000400", name="slug_photo.png", media_type="image/png", size=5120)
    alt = Surface(SurfaceKind.ALT, "a slug on a leaf")
    names = (Surface(SurfaceKind.FILE, "slug photo"), Surface(SurfaceKind.FILE, "slug_photo.png"))
    poll = (Surface(SurfaceKind.POLL, text) for text in ("Which day?", "Saturday", "Sunday"))
    forward = (*body("a secret forwarded"), Surface(SurfaceKind.EMBED, "linked title"))
    components = (Surface(SurfaceKind.EMBED, text) for text in ("# Free seeds", "Get them"))
    assert heard("embeds") == [posted(*body("look"), *(Surface(SurfaceKind.EMBED, text) for text in embed), who=EVE)]
    assert heard("attachments") == [posted(*names, alt, attachments=(file,))]
    assert heard("poll") == [posted(*poll)]
    assert heard("forward") == [posted(*forward, who=EVE)]
    assert heard("sticker") == [posted(Surface(SurfaceKind.ALT, "Wave"))]
    assert heard("bot_with_components") == [posted(*components, who=replace(EVE, is_bot=True))]


def test_webhooks_are_bots_and_members_of_nothing() -> None:
    feed = Author("1100000000000000500", "Feed", Role.GUEST, is_bot=True)
    assert heard("webhook") == [posted(*body("from a webhook"), who=feed)]


def test_a_direct_message_is_for_two() -> None:
    where = replace(HERE, space="@me", channel="1100000000000000030")
    bea = replace(BEA, name="Bea", joined_at=None)
    assert heard("direct_message") == [posted(*body("may I appeal?"), who=bea, where=where, is_direct=True)]


@pytest.mark.parametrize("scene", ["our_own_message", "join_notice", "pinned", "roles_given", "guild"])
def test_what_says_nothing_is_no_event(scene: str) -> None:
    assert heard(scene) == []


def test_the_last_count_of_a_poll_is_how_it_ended() -> None:
    ended = PollEnded(id=f"{MESSAGE}@ended", at=NOW, where=HERE, who=BEA, message_id=MESSAGE, counts=(3, 0))
    assert heard("poll_counted") == [ended]


def test_an_edit_carries_the_time_discord_gives_it() -> None:
    (edit,) = heard("edit")
    assert isinstance(edit, MessageEdited)
    assert (edit.message_id, edit.revision) == (MESSAGE, 1682352300123)
    assert edit.surfaces == body("Does anyone have manure to spare?")
    assert heard("edit") == [edit]


def test_the_preview_of_a_link_is_an_edit_older_than_any_other() -> None:
    (edit,) = heard("link_preview")
    assert isinstance(edit, MessageEdited)
    assert edit.revision == 1
    assert Surface(SurfaceKind.EMBED, "Seeds") in edit.surfaces


def test_messages_disappear_singly_and_together() -> None:
    somebody = Author("", "somebody", Role.GUEST)
    gone = MessageDeleted(id=f"{MESSAGE}@gone", at=NOW, where=HERE, who=somebody, message_id=MESSAGE)
    other = "1100000000000000301"
    assert heard("delete") == [gone]
    assert heard("bulk_delete") == [
        replace(gone, where=THREAD),
        replace(gone, where=THREAD, id=f"{other}@gone", message_id=other),
    ]


def test_reactions_are_told() -> None:
    thumb = Reacted(id=f"{MESSAGE}+{BEA.id}+👍", at=NOW, where=HERE, who=BEA, message_id=MESSAGE, reaction="👍")
    assert heard("reaction") == [thumb]
    (fern,) = heard("reaction_custom")
    assert isinstance(fern, Reacted)
    assert fern.reaction == "fern:1100000000000000600"


def test_votes_are_the_whole_choice() -> None:
    known = memory()
    votes = [heard(scene, known=known)[0] for scene in ("poll_vote", "poll_vote_taken_back")]
    assert [vote.options for vote in votes if isinstance(vote, PollVoted)] == [("2",), ()]
    assert votes[0].who == BEA


def test_a_threads_title_is_judged_once_and_when_it_changes() -> None:
    (title,) = heard("thread")
    assert isinstance(title, MessageEdited)
    assert title.message_id == f"thread-{MESSAGE}"
    assert title.where == replace(HERE, thread=MESSAGE)
    assert (title.who, title.surfaces) == (EVE, (Surface(SurfaceKind.TITLE, "free seeds here"),))
    (renamed,) = heard("thread_renamed")
    assert isinstance(renamed, MessageEdited)
    assert renamed.surfaces == (Surface(SurfaceKind.TITLE, "buy slugs"),)
    assert heard("thread", "thread") == []


def test_a_forum_posts_title_goes_with_its_first_message() -> None:
    assert heard("forum_post") == []
    (post,) = heard("forum_post", "forum_post_first_message")
    assert isinstance(post, MessagePosted)
    assert post.where == replace(HERE, channel="1100000000000000011", thread="1100000000000000021")
    assert post.surfaces == (*body("Where could it be?"), Surface(SurfaceKind.TITLE, "A pond?"))


def test_who_joins_brings_a_name() -> None:
    joined, name = heard("join")
    assert isinstance(joined, MemberJoined)
    assert (joined.where, joined.who.id) == (SERVER, EVE.id)
    assert isinstance(name, MessageEdited)
    assert name.surfaces == (Surface(SurfaceKind.NAME, "eve"),)


def test_another_nickname_is_judged() -> None:
    (name,) = heard("nickname")
    assert isinstance(name, MessageEdited)
    assert (name.message_id, name.where) == (f"name-{EVE.id}", SERVER)
    assert name.surfaces == (Surface(SurfaceKind.NAME, "free seeds dot example"),)


def test_in_a_big_server_a_name_is_judged_when_it_is_first_heard() -> None:
    known = memory()
    known.members.clear()
    assert len(heard("nickname", known=known)) == 1
    assert heard("nickname", known=known) == []


def given(name: str, *options: tuple[str, str], **more: Any) -> CommandGiven:  # noqa: ANN401  # any field
    plain = CommandGiven(id=ASKED, at=made_at(ASKED), where=HERE, who=MO, name=name, options=options)
    return replace(plain, cookie=f"c:{MO.id}:{ASKED}:aW50ZXJhY3Rpb24", **more)


def test_commands_come_with_typed_options_as_text() -> None:
    assert heard("command") == [given("mode", ("mode", "auto"), ("community", "yes"))]
    assert heard("command_with_a_number") == [given("case", ("number", "7"))]
    problem = "Its number is missing. Usage: case NUMBER"
    assert heard("command_without_its_option") == [given("case", problem=problem)]
    (private,) = heard("command_in_private")
    assert (private.where.space, private.who.name) == ("@me", "Bea")


def test_the_menus_of_a_message() -> None:
    why = given("why", ("message", MESSAGE), message_id=MESSAGE)
    assert heard("menu_why") == [replace(why, who=BEA, cookie=COOKIE)]
    assert heard("menu_report") == []
    opened = acknowledgement(recorded("menu_report")[1], COMMANDS)
    assert opened is not None
    assert opened["type"] == 9
    assert f'"custom_id": "report-{MESSAGE}"' in json.dumps(opened)


@pytest.mark.parametrize("scene", ["report_form", "report_form_of_old_clients"])
def test_a_report_comes_with_its_reason(scene: str) -> None:
    report = Reported(
        id=ASKED, at=made_at(ASKED), where=HERE, who=BEA, cookie=COOKIE, message_id=MESSAGE, reason="He sells seeds."
    )
    assert heard(scene) == [report]


def test_a_press_carries_what_answers_it() -> None:
    (press,) = heard("button")
    assert isinstance(press, ButtonPressed)
    assert (press.message_id, press.button_id, press.who) == ("1100000000000000298", "case:7:approve", MO)
    cookie = read_cookie(press.cookie)
    assert cookie is not None
    assert (cookie.kind, cookie.user, cookie.token) == ("p", MO.id, "aW50ZXJhY3Rpb24")


def test_what_discords_own_filter_blocked_is_reported_once() -> None:
    blocked, report = heard("automod_blocked")
    assert isinstance(blocked, MessagePosted)
    assert (blocked.who, blocked.surfaces) == (EVE, body("buy my seeds now"))
    assert isinstance(report, Reported)
    assert (report.message_id, report.reason) == (blocked.message_id, "")
    assert [(found.label, found.score, found.quote) for found in report.findings] == [("Discord’s AutoMod", 1.0, "buy")]
    assert heard("automod_blocked") == [blocked, report]


def test_what_it_only_noted_is_reported_too() -> None:
    (report,) = heard("automod_alert")
    assert isinstance(report, Reported)
    assert report.message_id == MESSAGE


def test_other_servers_are_not_listened_to() -> None:
    elsewhere = memory(allowed=("1",))
    assert not any(
        heard(scene, known=elsewhere) for scene in SCENES if "direct" not in scene and "private" not in scene
    )


def test_a_thread_of_a_server_nobody_knows_is_a_channel() -> None:
    assert heard("message_in_a_thread", known=replace(memory(), guilds={}))[0].where == replace(
        HERE, channel=THREAD.thread
    )


@pytest.mark.parametrize("scene", SCENES)
def test_no_payload_raises(scene: str) -> None:
    name, data = recorded(scene)
    for bad in _damaged(data):
        known = memory()
        parse(name, bad, view(known))
        known.learn(name, bad)
        acknowledgement(bad, COMMANDS)
        json.dumps([repr(event) for event in parse("MESSAGE_CREATE", bad, view(known))]).encode()


def test_what_is_no_object_is_no_event() -> None:
    found: list[Event] = [event for junk in JUNK for event in parse("MESSAGE_CREATE", junk, view())]
    assert found == []


def _damaged(value: Any, depth: int = 0) -> Iterator[Any]:  # noqa: ANN401  # any JSON
    """The value with each part of it replaced by something else."""
    if depth > 4 or not isinstance(value, dict | list):
        return
    for key in value if isinstance(value, dict) else range(len(value)):
        for junk in JUNK:
            damaged = copy.copy(value)
            damaged[key] = junk
            yield damaged
        for part in _damaged(value[key], depth + 1):
            damaged = copy.copy(value)
            damaged[key] = part
            yield damaged


def test_every_payload_that_means_something_was_recorded() -> None:
    assert len(SCENES) >= 25
    assert {recorded(scene)[0] for scene in SCENES} >= READERS.keys()


def test_the_guild_is_the_one_of_the_recordings() -> None:
    assert memory().guilds[GUILD].name == "Fernhill"
