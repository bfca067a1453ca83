"""One of everything that can be said, with no field left at its default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from bot.core.address import Address
from bot.core.banlist import Bar, Enlist, Pardon
from bot.core.effect import (
    BanAll,
    Button,
    Card,
    ClosePoll,
    Delete,
    Edit,
    Filter,
    Lift,
    OpenPoll,
    OpenThread,
    Outgoing,
    Penalty,
    Post,
    React,
    Restrict,
    Screen,
    ShowPoll,
)
from bot.core.event import (
    Attachment,
    Author,
    ButtonPressed,
    CommandGiven,
    Event,
    ListChanged,
    MemberBanned,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceLost,
    PlaceMoved,
    PollEnded,
    PollVoted,
    Reacted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from bot.core.evidence import Evidence, Finding, Span

AT = datetime(2031, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
JOINED = datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=5, minutes=45)))
PLACE = Address("some/where", "Fern%hill", "gen_eral", "7 π")
WHO = Author("u:1", "Ünal 🌿", Role.OWNER, is_bot=True, joined_at=JOINED)
SURFACES = tuple(Surface(kind, f"{kind} text") for kind in SurfaceKind)
FILES = (
    Attachment(id="f1", name="a.png", media_type="image/png", size=2**40),
    Attachment(id="f2", name="b.txt", media_type="text/plain", size=1),
)
FOUND = (Finding(rule="filter", label="its filter", score=1.0, quote="weed"),)

EVENTS: tuple[Event, ...] = (
    MessagePosted(
        id="e1",
        at=AT,
        where=PLACE,
        who=WHO,
        cookie="c",
        message_id="m1",
        revision=2**52,
        surfaces=SURFACES,
        mentions_bot=True,
        is_direct=True,
        reply_to="m0",
        attachments=FILES,
        mentions=3,
    ),
    MessageEdited(
        id="e2",
        at=AT,
        where=PLACE,
        who=WHO,
        cookie="c",
        message_id="m1",
        revision=2**62,
        surfaces=SURFACES,
        mentions_bot=True,
        is_direct=True,
        reply_to="m0",
        attachments=FILES,
        mentions=3,
    ),
    MessageDeleted(id="e3", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1"),
    Reacted(id="e4", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1", reaction="👩‍🌾"),
    PollVoted(id="e5", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1", options=("tea", "", "tea")),
    ButtonPressed(id="e6", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1", button_id="approve:1", text="ok"),
    CommandGiven(
        id="e7",
        at=AT,
        where=PLACE,
        who=WHO,
        cookie="c",
        name="why",
        options=(("message", "1"), ("message", "")),
        problem="There is no such message.",
        message_id="m1",
    ),
    MemberJoined(id="e8", at=AT, where=PLACE, who=WHO, cookie="c"),
    MemberBanned(id="e11", at=AT, where=PLACE, who=WHO, cookie="c", member_id="u:2", reason="raid", lifted=True),
    PlaceMoved(id="e13", at=AT, where=PLACE, who=WHO, cookie="c", to=PLACE.parent),
    PlaceLost(id="e14", at=AT, where=PLACE, who=WHO, cookie="c", name="Fern", reason="raid", banned=True),
    ListChanged(id="e12", at=AT, where=PLACE, who=WHO, cookie="c", entity="u:*", lifted=True),
    PollEnded(id="e10", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1", counts=(3, 0)),
    Reported(id="e9", at=AT, where=PLACE, who=WHO, cookie="c", message_id="m1", reason="rude", findings=FOUND),
)

BUTTONS = (Button("approve", "Approve", "✅"), Button("remove", "Remove", "🗑️", "Why?", "Say “remove”."))

QUESTION = OpenPoll(
    to=PLACE,
    question="Tea?",
    options=("yes", "no"),
    lasts=timedelta(days=7, microseconds=1),
    multiple=True,
    anonymous=True,
    id="e7",
    by="u:1",
)

EFFECTS: tuple[Outgoing, ...] = (
    Post(to=PLACE, text="*hi*", reply_to="m1", buttons=BUTTONS, whisper_to="u:2", stream="s1", poll=QUESTION),
    ShowPoll(to=PLACE, poll="e7", result=True),
    Edit(to=PLACE, message_id="m1", text="", buttons=BUTTONS),
    Delete(
        to=PLACE,
        message_ids=("m1", "m2"),
        reason="spam",
        tell_to="u1",
        tell="It was removed.",
        tell_buttons=BUTTONS,
        tell_once="w",
    ),
    React(to=PLACE, message_id="m1", reaction="✅"),
    OpenThread(to=PLACE, title="Tea / coffee", message_id="m1"),
    QUESTION,
    ClosePoll(to=PLACE, message_id="m1"),
    Restrict(
        to=PLACE,
        user_id="u:1",
        penalty=Penalty.BAN,
        reason="raid",
        lasts=timedelta(milliseconds=1500),
        tell="Bye.",
        tell_buttons=BUTTONS,
        once="w",
    ),
    Lift(to=PLACE, user_id="u:1", penalty=Penalty.BAN, reason="a mistake"),
    BanAll(to=PLACE, user_ids=("u:1", "u:2"), reason="raid"),
    Enlist(to=PLACE, user_id="u:1", reason="raid", lifted=True),
    Pardon(to=PLACE, user_id="u:1"),
    Bar(to=PLACE, servers=("*.evil.example",), lifted=True),
    Screen(
        to=PLACE,
        filters=(Filter(name="f", words=("w",), pattern="p+", blocks=False, alert=PLACE),),
        reason="spam",
        tell_in=PLACE,
        tell_to="u:1",
        remarks=("too long",),
    ),
    Card(to=PLACE, case=2**40, whisper_to="u:2", reply_to="m1"),
)

EVIDENCE = Evidence(
    findings=(
        Finding(
            rule="words",
            label="insult",
            score=0.1 + 0.2,
            quote="\u202etiwt\u202c",
            why="So.",
            span=Span(surface=1, start=2, end=7),
            wave="w1",
            earlier=("m0",),
        ),
        Finding(
            rule="model",
            label="toxic",
            score=1e-300,
            quote=" ",
            why=" ",
            span=Span(surface=1, start=1, end=2),
            wave="w2",
            earlier=("m0", "m1"),
        ),
    ),
    score=2 / 3,
    policy="p7",
    model="linear-3",
    mode="auto",
    note="A sentence.",
    features=(("toxicity", 1.5), ("text.words", 0.3)),
    audit="acted",
)
