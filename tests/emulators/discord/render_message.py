"""Messages as Discord writes them, with polls, reactions and attachments."""

from __future__ import annotations

from tests.emulators.discord import render
from tests.emulators.discord.model import Attachment, Message, Poll, User
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import World


def attachment(it: Attachment, message: Message, base_url: str) -> Json:
    url = f"{base_url}/attachments/{message.channel.id}/{it.id}/{it.filename}"
    return {
        "id": str(it.id),
        "filename": it.filename,
        "size": len(it.content),
        "url": url,
        "proxy_url": url,
        "content_type": it.content_type,
        "flags": it.flags,
        **({"description": it.description} if it.description else {}),
    }


def poll(it: Poll) -> Json:
    return {
        "question": {"text": it.question},
        "answers": [{"answer_id": number, "poll_media": media} for number, media in it.answers.items()],
        "expiry": render.stamp(it.expiry),
        "allow_multiselect": it.multiple,
        "layout_type": 1,
        "results": {
            "is_finalized": it.finalized,
            "answer_counts": [
                {"id": number, "count": len(voters), "me_voted": False} for number, voters in it.votes.items() if voters
            ],
        },
    }


def emoji(key: str) -> Json:
    """The emoji for a reaction's key: a character, or name:id for one of a guild's own."""
    name, _, emoji_id = key.partition(":")
    return {"id": emoji_id or None, "name": name}


def _reactions(it: Message, me: User) -> list[Json]:
    return [
        {
            "emoji": emoji(key),
            "count": len(people),
            "count_details": {"burst": 0, "normal": len(people)},
            "burst_colors": [],
            "me_burst": False,
            "burst_me": False,
            "me": me.id in people,
            "burst_count": 0,
        }
        for key, people in it.reactions.items()
    ]


def message(it: Message, world: World, *, nested: bool = False) -> Json:
    """A message as it stands."""
    return {
        "id": str(it.id),
        "channel_id": str(it.channel.id),
        "author": render.user(it.author),
        "content": it.content,
        "timestamp": render.stamp(it.created),
        "edited_timestamp": render.stamp(it.edited),
        "tts": False,
        "type": it.type,
        "flags": it.flags,
        "pinned": it.pinned,
        "embeds": it.embeds,
        "components": it.components,
        "attachments": [attachment(each, it, world.base_url) for each in it.attachments],
        "mentions": [render.user(each) for each in it.mentions],
        "mention_roles": [str(each) for each in it.mention_roles],
        "mention_everyone": it.mention_everyone,
        **_optional(it, world, nested=nested),
    }


def _optional(it: Message, world: World, *, nested: bool) -> Json:
    found: Json = {
        "reactions": _reactions(it, world.me) or None,
        "nonce": it.nonce,
        "poll": poll(it.poll) if it.poll else None,
        "message_reference": it.reference,
        "message_snapshots": it.snapshots or None,
        "thread": render.thread(it.thread, seen_by=world.me) if it.thread else None,
        "application_id": str(it.application_id) if it.application_id else None,
        "interaction_metadata": it.interaction,
        "webhook_id": str(it.webhook_id) if it.webhook_id else None,
    }
    found = {key: value for key, value in found.items() if value is not None}
    if it.reference and not it.snapshots and not nested:
        there = it.replied is not None and not it.replied.deleted
        found["referenced_message"] = message(it.replied, world, nested=True) if it.replied and there else None
    return found


def said(it: Message, world: World) -> Json:
    """A message as an event tells it: with the guild and the author's membership."""
    guild = it.channel.guild
    data = message(it, world)
    if guild is None:
        return {**data, "channel_type": int(it.channel.kind)}
    author = guild.members.get(it.author.id)
    return {
        **data,
        "channel_type": int(it.channel.kind),
        "guild_id": str(guild.id),
        **({"member": render.member(author)} if author else {}),
    }
