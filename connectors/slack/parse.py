"""What a workspace said, as events: pure, and without an exception for any JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from bot.core.event import (
    CommandGiven,
    Event,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reacted,
    Reported,
)
from connectors.slack.commands import mentioned
from connectors.slack.content import attached, readable, spoken
from connectors.slack.cookie import Cookie
from connectors.slack.interactions import interaction
from connectors.slack.markup import called_on
from connectors.slack.people import member_of
from connectors.slack.reading import (
    Json,
    ident,
    mapping,
    message_id,
    milliseconds,
    moment,
    stamp,
    stamped,
    words,
)
from connectors.slack.view import SOMEBODY, View, speaker, thread_of

# The preview of a link came in after the message; no time is told, and any edit by the author is newer.
UNFURLED = 1
DIRECT = "im"
FLAG = "triangular_flag_on_post"
# Kinds of a message that is one: a plain one has none.
CHANGED, DELETED, TOMBSTONE = "message_changed", "message_deleted", "tombstone"
# Told besides the messages themselves.
ECHOES = frozenset({"message_replied", "assistant_app_thread", "bot_add", "ekm_access_denied"})


def parse(body: Json, view: View) -> list[Event]:
    """The events in a payload: none when it is ours, says nothing, or cannot be understood."""
    if body.get("type") != "event_callback":
        return interaction(body, view)
    event = mapping(body.get("event"))
    read = READERS.get(words(event.get("type")))
    return read(event, view) if read else []


def said(message: Json, channel: str, view: View) -> MessagePosted | None:
    """A message as it stands, whether it comes by itself, in an edit or from history; None when it says nothing."""
    ts, subtype = stamp(message.get("ts")), words(message.get("subtype"))
    if not ts or not channel or view.is_ours(message) or subtype in ECHOES or not spoken(subtype):
        return None
    who, text = speaker(message, view), words(message.get("text"))
    texts, files = readable(message, view.memory.name), attached(message)
    if not who.id or not (texts or files):
        return None
    thread, edited = thread_of(message), stamp(mapping(message.get("edited")).get("ts"))
    return MessagePosted(
        id=f"{view.memory.team}:{message_id(channel, ts)}",
        at=moment(ts),
        where=view.place(channel, thread),
        who=who,
        message_id=message_id(channel, ts),
        revision=milliseconds(edited) if edited else 0,
        surfaces=texts,
        mentions_bot=not who.is_bot and view.memory.me in called_on(text),
        is_direct=channel.startswith("D"),
        reply_to=message_id(channel, thread),
        attachments=files,
        mentions=len(called_on(text)),
    )


def as_edit(posted: MessagePosted) -> MessageEdited:
    """The same text as a later version; what it says tells it from previews that come in with the same time."""
    digest = hashlib.sha256(repr((posted.surfaces, posted.attachments)).encode()).hexdigest()[:12]
    revision = posted.revision or UNFURLED
    return MessageEdited(
        id=f"{posted.id}@{revision}-{digest}",
        at=posted.at,
        where=posted.where,
        who=posted.who,
        message_id=posted.message_id,
        revision=revision,
        surfaces=posted.surfaces,
        mentions_bot=posted.mentions_bot,
        is_direct=posted.is_direct,
        reply_to=posted.reply_to,
        attachments=posted.attachments,
        mentions=posted.mentions,
    )


def _message(event: Json, view: View) -> list[Event]:
    channel = ident(event.get("channel"))
    match event.get("subtype"):
        case "message_changed":
            return _changed(event, channel, view)
        case "message_deleted":
            return _gone(event, channel, stamp(event.get("deleted_ts")), view)
        case _:
            posted = said(event, channel, view)
            return _spoken(posted, words(event.get("text")), view) if posted else []


def _spoken(posted: MessagePosted, text: str, view: View) -> list[Event]:
    """A command that is given by calling us is no question as well."""
    given = None if posted.who.is_bot else mentioned(text, view.memory.me, view.commands)
    if given is None:
        return [posted]
    command = CommandGiven(
        id=f"{posted.id}#command",
        at=posted.at,
        where=posted.where,
        who=posted.who,
        cookie=str(Cookie(posted.who.id, stamped(posted.at), "")),
        name=given.name,
        options=given.options,
        problem=given.problem,
        message_id=posted.message_id,
    )
    return [replace(posted, mentions_bot=False), command]


def _changed(event: Json, channel: str, view: View) -> list[Event]:
    """An edit by the author, or the preview of a link; a new reply changes no words."""
    message, before = mapping(event.get("message")), mapping(event.get("previous_message"))
    if message.get("subtype") == TOMBSTONE:
        return _gone(event, channel, stamp(message.get("ts")), view)
    posted = said(message, channel, view)
    if posted is None:
        return []
    # What stood there is told, except from history.
    same = before and (posted.surfaces, posted.attachments) == (readable(before, view.memory.name), attached(before))
    return [] if same else [replace(as_edit(posted), at=moment(words(event.get("event_ts") or event.get("ts"))))]


def _gone(event: Json, channel: str, ts: str, view: View) -> list[Event]:
    before = mapping(event.get("previous_message"))
    if not ts or not channel or view.is_ours(before):
        return []
    about = message_id(channel, ts)
    return [
        MessageDeleted(
            id=f"{view.memory.team}:{about}@gone",
            at=view.now,
            where=view.place(channel, thread_of(before)),
            who=SOMEBODY,
            message_id=about,
        )
    ]


def _reacted(event: Json, view: View) -> list[Event]:
    """A flag calls the moderators."""
    item, user, name = mapping(event.get("item")), ident(event.get("user")), words(event.get("reaction"))
    channel, ts, at = ident(item.get("channel")), stamp(item.get("ts")), stamp(event.get("event_ts"))
    if not (channel and ts and at and name) or user in ("", view.memory.me):
        return []
    about = message_id(channel, ts)
    origin = view.memory.origins.get(about)
    where, who = view.place(channel, origin.thread if origin else ""), view.author(user)
    event_id = f"{view.memory.team}:{about}+{user}+{name}@{at}"
    if name == FLAG:
        return [Reported(id=event_id, at=moment(at), where=where, who=who, message_id=about)]
    return [Reacted(id=event_id, at=moment(at), where=where, who=who, message_id=about, reaction=name)]


def _came(event: Json, view: View) -> list[Event]:
    user, channel, at = ident(event.get("user")), ident(event.get("channel")), stamp(event.get("event_ts"))
    if not user or not channel or user == view.memory.me:
        return []
    event_id = f"{view.memory.team}:{channel}+{user}@joined-{at}"
    when = moment(at) if at else view.now
    return [MemberJoined(id=event_id, at=when, where=view.place(channel), who=view.author(user))]


def _joined(event: Json, view: View) -> list[Event]:
    member = member_of(mapping(event.get("user")))
    if member is None or member.id == view.memory.me:
        return []
    who = replace(member.author(view.memory.moderators), joined_at=view.now)
    return [MemberJoined(id=f"{view.memory.team}:{member.id}@joined", at=view.now, where=view.place(""), who=who)]


READERS: dict[str, Callable[[Json, View], list[Event]]] = {
    "message": _message,
    "reaction_added": _reacted,
    "member_joined_channel": _came,
    "team_join": _joined,
}
