"""What a server said, as events: pure, and without an exception for any JSON.

Everything is read from raw payloads: discord.py's own objects end the whole session when one of them does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from bot.core.address import Address
from bot.core.command import Option
from bot.core.event import (
    Author,
    CommandGiven,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PollEnded,
    PollVoted,
    Reacted,
    Role,
    SurfaceKind,
)
from bot.core.surface import surfaces
from connectors.discord.content import attached, called_on, readable
from connectors.discord.guilds import Guild, member_of, user_of
from connectors.discord.interactions import interaction, typing
from connectors.discord.memory import vote_key
from connectors.discord.notices import automod, joined, member_changed, thread
from connectors.discord.reading import (
    Json,
    made_at,
    mapping,
    milliseconds,
    moment,
    objects,
    snowflake,
    snowflakes,
    whole,
    words,
)
from connectors.discord.view import View, actor, as_author, author, place

# Plain messages, replies, and the two kinds that answer a command; all others are the platform speaking.
SPOKEN = frozenset({0, 19, 20, 23})
# A link's preview came in after the message; no time is told, and any edit by the author is newer.
UNFURLED = 1
SOMEBODY = Author("", "somebody", Role.GUEST)


def parse(name: str, data: object, view: View) -> list[Event]:
    """The events in a payload of the gateway: none when it is ours, says nothing, or cannot be understood."""
    read, payload = READERS.get(name), mapping(data)
    guild_id = snowflake(payload.get("guild_id"))
    if read is None or not view.memory.is_ours(guild_id):
        return []
    return read(payload, view)


def said(message: Json, view: View, where: Address, guild: Guild) -> MessagePosted | None:
    """A message as it stands, whether it comes by itself, in an edit or from history; None when it says nothing."""
    texts, files, message_id = readable(message), attached(message), snowflake(message.get("id"))
    who = author(message, guild, view.memory)
    if not message_id or not who.id or who.id == view.memory.me or whole(message.get("type")) not in SPOKEN:
        return None
    if message_id == where.thread and (title := guild.channels.get(where.thread)):
        texts += surfaces((SurfaceKind.TITLE, title.name))
    if not texts and not files:
        return None
    edited = moment(message.get("edited_timestamp"))
    mentioned = any(snowflake(each.get("id")) == view.memory.me for each in objects(message.get("mentions")))
    return MessagePosted(
        id=message_id,
        at=made_at(message_id),
        where=where,
        who=who,
        message_id=message_id,
        revision=milliseconds(edited) if edited else 0,
        surfaces=texts,
        mentions_bot=mentioned and not who.is_bot,
        is_direct=not guild.id,
        reply_to=_reply_to(message),
        attachments=files,
        mentions=called_on(message),
    )


def as_edit(posted: MessagePosted, at: datetime) -> MessageEdited:
    """The same text as a later version; what it says tells it from previews that come in with the same time."""
    digest = hashlib.sha256(repr((posted.surfaces, posted.attachments)).encode()).hexdigest()[:12]
    revision = posted.revision or UNFURLED
    return MessageEdited(
        id=f"{posted.message_id}@{revision}-{digest}",
        at=at,
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


def _reply_to(message: Json) -> str:
    reference = mapping(message.get("message_reference"))
    # A forward points at what it repeats, and answers nothing.
    return "" if whole(reference.get("type")) else snowflake(reference.get("message_id"))


def _posted(data: Json, view: View) -> list[Event]:
    where, guild = place(data, view)
    posted = said(data, view, where, guild)
    return [posted] if posted else []


def _edited(data: Json, view: View) -> list[Event]:
    """An edit by the author, the preview of a link, or a poll's last count; pins and flags change no words."""
    if ended := counted(data, view):
        return ended
    where, guild = place(data, view)
    posted = said(data, view, where, guild)
    if posted is None or not (posted.revision or objects(data.get("embeds"))):
        return []
    return [as_edit(posted, view.now)]


def counted(data: Json, view: View) -> list[Event]:
    """A poll whose count is final; options nobody chose are left out of Discord's results."""
    poll, message_id = mapping(data.get("poll")), snowflake(data.get("id"))
    results = mapping(poll.get("results"))
    if results.get("is_finalized") is not True or not message_id:
        return []
    counts = {whole(each.get("id")): max(whole(each.get("count")), 0) for each in objects(results.get("answer_counts"))}
    where, guild = place(data, view)
    ended = PollEnded(
        id=f"{message_id}@ended",
        at=view.now,
        where=where,
        who=author(data, guild, view.memory),
        message_id=message_id,
        counts=tuple(counts.get(whole(each.get("answer_id")), 0) for each in objects(poll.get("answers"))),
    )
    return [ended]


def _gone(message_id: str, where: Address, view: View) -> MessageDeleted:
    return MessageDeleted(id=f"{message_id}@gone", at=view.now, where=where, who=SOMEBODY, message_id=message_id)


def _deleted(data: Json, view: View) -> list[Event]:
    where, _ = place(data, view)
    gone = snowflake(data.get("id"))
    return [_gone(gone, where, view)] if gone else []


def _bulk_deleted(data: Json, view: View) -> list[Event]:
    where, _ = place(data, view)
    return [_gone(gone, where, view) for gone in snowflakes(data.get("ids"))]


def _reacted(data: Json, view: View) -> list[Event]:
    where, guild = place(data, view)
    message_id, emoji = snowflake(data.get("message_id")), mapping(data.get("emoji"))
    symbol = ":".join(filter(None, (words(emoji.get("name")), snowflake(emoji.get("id")))))
    who = actor(data, view, guild)
    if not message_id or not symbol or not who.id or who.id == view.memory.me:
        return []
    event_id = f"{message_id}+{who.id}+{symbol}"
    return [Reacted(id=event_id, at=view.now, where=where, who=who, message_id=message_id, reaction=symbol)]


def _voted(data: Json, view: View) -> list[Event]:
    return _vote(data, view, _held(data, view) | {_answer(data)})


def _unvoted(data: Json, view: View) -> list[Event]:
    return _vote(data, view, _held(data, view) - {_answer(data)})


def _held(data: Json, view: View) -> frozenset[str]:
    return view.memory.votes.get(vote_key(data), frozenset())


def _answer(data: Json) -> str:
    return str(whole(data.get("answer_id")))


def _vote(data: Json, view: View, chosen: frozenset[str]) -> list[Event]:
    """The options are the numbers of the answers, which Discord counts from 1."""
    where, guild = place(data, view)
    message_id, who = snowflake(data.get("message_id")), actor(data, view, guild)
    if not message_id or not who.id or who.id == view.memory.me:
        return []
    options = tuple(sorted(chosen, key=int))
    event_id = f"{message_id}+{who.id}+votes-{','.join(options)}-{milliseconds(view.now)}"
    return [PollVoted(id=event_id, at=view.now, where=where, who=who, message_id=message_id, options=options)]


def _interaction(data: Json, view: View) -> list[Event]:
    where, who = _asker(data, view)
    return interaction(data, where, who, view.commands)


def half_typed(data: Json, view: View) -> tuple[CommandGiven, Option] | None:
    """A command that is being typed, and the option it stops at."""
    found = typing(data, *_asker(data, view), view.commands)
    spec = next((spec for spec in view.commands if found and spec.name == found[0].name), None)
    option = next((option for option in spec.options if found and option.name == found[1]), None) if spec else None
    return (found[0], option) if found and option else None


def _asker(data: Json, view: View) -> tuple[Address, Author]:
    where, guild = place(data, view)
    member = mapping(data.get("member"))
    found = member_of(member, user_of(member) or user_of(data))
    return where, as_author(found, guild, snowflake(data.get("channel_id")))


READERS: dict[str, Callable[[Json, View], list[Event]]] = {
    "MESSAGE_CREATE": _posted,
    "MESSAGE_UPDATE": _edited,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_DELETE_BULK": _bulk_deleted,
    "MESSAGE_REACTION_ADD": _reacted,
    "MESSAGE_POLL_VOTE_ADD": _voted,
    "MESSAGE_POLL_VOTE_REMOVE": _unvoted,
    "THREAD_CREATE": thread,
    "THREAD_UPDATE": thread,
    "GUILD_MEMBER_ADD": joined,
    "GUILD_MEMBER_UPDATE": member_changed,
    "INTERACTION_CREATE": _interaction,
    "AUTO_MODERATION_ACTION_EXECUTION": automod,
}
