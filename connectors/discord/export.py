"""Read channels that DiscordChatExporter saved as JSON: one file, or a folder of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bot.core.address import Address
from bot.core.event import Attachment, Author, MessagePosted, Role, Surface, SurfaceKind
from bot.core.stored import Heard
from bot.core.surface import legible, surfaces
from connectors.discord.archive import Entry, files, opened
from connectors.export import Object, member, members, moment, optional, required, whole

# What the platform writes about a channel. Types the exporter has no name for are numbers: of those only
# 0, 19, 20 and 23 (message, reply and the two kinds of command) are somebody speaking.
_NOTICES = frozenset(
    {
        "RecipientAdd",
        "RecipientRemove",
        "Call",
        "ChannelNameChange",
        "ChannelIconChange",
        "ChannelPinnedMessage",
        "GuildMemberJoin",
        "ThreadCreated",
    }
)
_SPOKEN_NUMBERS = frozenset({"0", "19", "20", "23"})

# An export knows the names of roles, not what they permit: only names that leave no doubt count.
_MODERATORS = frozenset(
    {"admin", "admins", "administrator", "administrators", "mod", "mods", "moderator", "moderators"}
)
_OWNERS = frozenset({"owner", "owners"})

_MARKUP = re.compile(r"<(?:@!?(\d{1,20})|a?:(\w{1,64}):\d{1,20})>")


def read_export(path: Path) -> Iterator[Heard]:
    """Messages of one file after another, oldest first, one message in memory.

    Joins, pins and the like are no messages. Raises `ValueError` naming file and message that is malformed.
    """
    for file in files(path):
        head, entries = opened(file)
        where = _address(head, file.name)
        for entry in entries:
            if _is_spoken(entry):
                yield Heard(_posted(entry, where))


def _address(head: Object, file: str) -> Address:
    """A thread's own name stands in `channel.name`, and its channel's in `category`."""
    channel = member(head.get("channel"))
    space = optional(member(head.get("guild")), "name", f"{file}, “guild”")
    name = required(channel, "name", f"{file}, “channel”")
    parent = legible(channel.get("category"))
    if "Thread" in legible(channel.get("type")) and parent:
        return Address("discord", space, parent, name)
    return Address("discord", space, name)


def _is_spoken(entry: Entry) -> bool:
    kind = required(entry.message, "type", entry.place)
    return kind in _SPOKEN_NUMBERS if kind.isdecimal() else kind not in _NOTICES


def _posted(entry: Entry, where: Address) -> MessagePosted:
    message, place = entry.message, entry.place
    message_id = required(message, "id", place)
    return MessagePosted(
        id=message_id,
        at=moment(message, "timestamp", place),
        where=where,
        who=_author(message, place),
        message_id=message_id,
        revision=_revision(message, place),
        surfaces=_surfaces(message, place),
        reply_to=legible(member(message.get("reference")).get("messageId")),
        attachments=tuple(_attachment(file) for file in members(message.get("attachments"))),
    )


def _author(message: Object, place: str) -> Author:
    author = member(message.get("author"))
    id_ = required(author, "id", f"{place}, “author”")
    names = legible(author.get("nickname")), legible(author.get("name")), id_
    return Author(id=id_, name=next(filter(None, names)), role=_role(author), is_bot=author.get("isBot") is True)


def _role(author: Object) -> Role:
    names = {_letters(legible(role.get("name"))) for role in members(author.get("roles"))}
    if names & _OWNERS:
        return Role.OWNER
    return Role.MODERATOR if names & _MODERATORS else Role.MEMBER


def _letters(name: str) -> str:
    """The name without emoji, brackets and spaces that decorate it."""
    return "".join(filter(str.isalpha, name)).casefold()


def _revision(message: Object, place: str) -> int:
    if message.get("timestampEdited") is None:
        return 0
    return int(moment(message, "timestampEdited", place).timestamp() * 1000)


def _surfaces(message: Object, place: str) -> tuple[Surface, ...]:
    names = {legible(found.get("id")): _mentioned(found) for found in members(message.get("mentions"))}
    forwarded = member(message.get("forwardedMessage"))
    bodies = _plain(optional(message, "content", place), names), _plain(legible(forwarded.get("content")), names)
    embedded = chain.from_iterable(map(_embedded, _each(message, forwarded, "embeds")))
    return surfaces(
        (SurfaceKind.BODY, bodies[0]),
        (SurfaceKind.EMBED, bodies[1]),
        *((SurfaceKind.EMBED, text) for text in embedded),
        *((SurfaceKind.FILE, file.get("fileName")) for file in _each(message, forwarded, "attachments")),
        *((SurfaceKind.ALT, sticker.get("name")) for sticker in _each(message, forwarded, "stickers")),
    )


def _each(message: Object, forwarded: Object, key: str) -> list[Object]:
    return members(message.get(key)) + members(forwarded.get(key))


def _embedded(embed: Object) -> Iterator[object]:
    yield member(embed.get("author")).get("name")
    yield embed.get("title")
    yield embed.get("description")
    for field in members(embed.get("fields")):
        yield field.get("name")
        yield field.get("value")
    yield member(embed.get("footer")).get("text")


def _mentioned(found: Object) -> str:
    return legible(found.get("nickname")) or legible(found.get("name"))


def _plain(text: str, names: dict[str, str]) -> str:
    """Mentions and custom emoji as they are shown, where the exporter left them as they are stored."""
    if "<" not in text:
        return text
    return _MARKUP.sub(lambda found: f"@{names.get(found[1]) or found[1]}" if found[1] else f":{found[2]}:", text)


def _attachment(file: Object) -> Attachment:
    return Attachment(
        id=legible(file.get("id")), name=legible(file.get("fileName")), size=whole(file.get("fileSizeBytes"))
    )
