"""What a server tells besides messages: threads, arrivals, names, and what its own filter did."""

from __future__ import annotations

import hashlib

from bot.core.address import Address
from bot.core.event import (
    Author,
    Event,
    Header,
    MemberJoined,
    MessageEdited,
    MessagePosted,
    Reported,
    Role,
    SurfaceKind,
)
from bot.core.evidence import Finding
from bot.core.surface import surfaces
from connectors.discord.cookie import NOBODY
from connectors.discord.guilds import Guild, Member, member_of, user_of
from connectors.discord.reading import Json, milliseconds, snowflake, words
from connectors.discord.view import View, actor, as_author, place

# Ids of what is no message but can be taken away like one.
NAME = "name-"
THREAD = "thread-"
BLOCKED = "automod-"
# One of Discord's own rules did it: nobody who could be a member.
AUTOMOD = Author("automod", "Discord’s AutoMod", Role.GUEST, is_bot=True)
MAX_QUOTE = 200


def thread(data: Json, view: View) -> list[Event]:
    """The title of a thread, to be judged like a message; a forum's goes with the first message of the thread."""
    guild, thread_id = view.memory.of(data), snowflake(data.get("id"))
    parent = guild.channels.get(snowflake(data.get("parent_id")))
    before = guild.channels.get(thread_id)
    title = words(data.get("name"))
    renamed = before is not None and before.name != title
    opened = before is None and data.get("newly_created") is True and not (parent and parent.is_forum)
    owner = snowflake(data.get("owner_id"))
    if not thread_id or not title or not (renamed or opened) or owner == view.memory.me:
        return []
    where = Address("discord", guild.id, snowflake(data.get("parent_id")), thread_id)
    known = view.memory.member(guild.id, owner) or Member(id=owner, name=owner)
    who = as_author(known, guild, where.channel)
    return _named(THREAD + thread_id, SurfaceKind.TITLE, title, Header(id="", at=view.now, where=where, who=who))


def joined(data: Json, view: View) -> list[Event]:
    """Somebody came, under a name that others read."""
    guild = view.memory.of(data)
    member = member_of(data, user_of(data))
    if not member.id or member.id == view.memory.me:
        return []
    where, who = Address("discord", guild.id), as_author(member, guild, "")
    arrival = MemberJoined(id=f"{member.id}@joined-{member.joined}", at=view.now, where=where, who=who)
    return [arrival, *_named(NAME + member.id, SurfaceKind.NAME, member.name, arrival)]


def member_changed(data: Json, view: View) -> list[Event]:
    """A name that others read, when it is another than before; in big servers nobody tells us the one before."""
    guild = view.memory.of(data)
    member = member_of(data, user_of(data))
    known = view.memory.member(guild.id, member.id)
    if not member.id or member.id == view.memory.me or (known and known.name == member.name):
        return []
    header = Header(id="", at=view.now, where=Address("discord", guild.id), who=as_author(member, guild, ""))
    return _named(NAME + member.id, SurfaceKind.NAME, member.name, header)


def _named(message_id: str, kind: SurfaceKind, text: str, header: Header) -> list[Event]:
    revision = milliseconds(header.at)
    return [
        MessageEdited(
            id=f"{message_id}@{revision}",
            at=header.at,
            where=header.where,
            who=header.who,
            message_id=message_id,
            revision=revision,
            surfaces=surfaces((kind, text)),
        )
    ]


def automod(data: Json, view: View) -> list[Event]:
    """Discord's own filter acted: on a message that stands, or on one that nobody got to see."""
    where, guild = place(data, view)
    rule, user_id = snowflake(data.get("rule_id")), snowflake(data.get("user_id"))
    if not rule or not user_id:
        return []
    matched = words(data.get("matched_content")) or words(data.get("matched_keyword"))
    message_id = snowflake(data.get("message_id"))
    blocked = [] if message_id else _blocked(data, view, where, guild)
    about = message_id or (blocked[0].message_id if blocked else "")
    if not about:
        return []
    event_id = f"{about}@{rule}"
    found = Finding(rule=f"automod:{rule}", label="Discord’s AutoMod", score=1.0, quote=matched[:MAX_QUOTE])
    report = Reported(
        id=event_id, at=view.now, where=where, who=AUTOMOD, cookie=NOBODY, message_id=about, findings=(found,)
    )
    return [*blocked, report]


def _blocked(data: Json, view: View, where: Address, guild: Guild) -> list[MessagePosted]:
    """What was to be said, under an id that stays the same for all that the rule does about it."""
    texts = surfaces((SurfaceKind.BODY, data.get("content")))
    who = actor(data, view, guild)
    digest = hashlib.sha256(repr((who.id, str(where), texts)).encode()).hexdigest()[:20]
    message_id = BLOCKED + digest
    if not texts:
        return []
    return [MessagePosted(id=message_id, at=view.now, where=where, who=who, message_id=message_id, surfaces=texts)]
