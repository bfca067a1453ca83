"""What happens to messages, whoever does it: they appear, change and go, and everybody who may know is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.emulators.discord import mentions, render, render_message
from tests.emulators.discord.model import Attachment, Channel, Kind, Message, Poll, User
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import Event, World

GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 9, 1 << 12
REPLY = 19


@dataclass(slots=True, kw_only=True)
class Draft:
    """A message that is about to appear. `allowed` is the body's `allowed_mentions`; `at` backdates it."""

    author: User
    channel: Channel
    content: str = ""
    type: int = 0
    flags: int = 0
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    snapshots: list[Json] = field(default_factory=list)
    poll: Poll | None = None
    nonce: str | int | None = None
    reference: Json | None = None
    replied: Message | None = None
    allowed: Json | None = None
    application_id: int | None = None
    interaction: Json | None = None
    only_for: User | None = None
    webhook_id: int | None = None
    at: datetime | None = None
    with_id: int | None = None


def post(world: World, draft: Draft) -> Message:
    """Let a message appear; one that is only for somebody is told nobody else."""
    message = Message(
        id=draft.with_id or world.snowflake(draft.at),
        created=draft.at or world.now(),
        author=draft.author,
        channel=draft.channel,
        content=draft.content,
        type=draft.type,
        flags=draft.flags,
        embeds=[as_stored(each) for each in draft.embeds],
        components=numbered(draft.components),
        attachments=draft.attachments,
        snapshots=draft.snapshots,
        poll=draft.poll,
        nonce=draft.nonce,
        reference=draft.reference,
        replied=draft.replied,
        application_id=draft.application_id,
        interaction=draft.interaction,
        only_for=draft.only_for,
        webhook_id=draft.webhook_id,
    )
    mentions.apply(world, message, draft.allowed)
    draft.channel.messages[message.id] = message
    if message.nonce is not None:
        draft.channel.nonces[str(message.nonce)] = message
    if message.poll:
        world.open_polls.add(message)
    if draft.at is not None:
        draft.channel.messages = dict(sorted(draft.channel.messages.items()))
    if message.only_for is None:
        _wake(world, draft.channel, draft.author)
        world.emit(_event("MESSAGE_CREATE", draft.channel, render_message.said(message, world)))
    return message


def _wake(world: World, channel: Channel, author: User) -> None:
    """Whoever writes in a thread joins it, and an archived one opens again."""
    if not channel.is_thread:
        return
    channel.people[author.id] = author
    if channel.archived:
        channel.archived = False
        world.emit(Event(name="THREAD_UPDATE", data=render.thread(channel), guild=channel.guild, intents=1))


def reference(message: Message, kind: int = 0) -> Json:
    """What points at a message; kind 1 forwards it."""
    found: Json = {"type": kind, "message_id": str(message.id), "channel_id": str(message.channel.id)}
    return {**found, "guild_id": str(message.channel.guild.id)} if message.channel.guild else found


def tell_updated(world: World, message: Message) -> None:
    """Say that a message is different from before."""
    if message.only_for is None and not message.deleted:
        world.emit(_event("MESSAGE_UPDATE", message.channel, render_message.said(message, world)))


def edit(world: World, message: Message, content: str, allowed: Json | None = None) -> None:
    """Change what a message says."""
    message.revisions.append(message.content)
    message.content = content
    message.edited = world.now()
    mentions.apply(world, message, allowed)
    tell_updated(world, message)


def delete(world: World, messages: Sequence[Message]) -> None:
    """Let messages of one channel go; more than one go in one event."""
    for message in messages:
        message.deleted = True
        world.gone[message.id] = message
        del message.channel.messages[message.id]
    told = [message for message in messages if message.only_for is None]
    if not told:
        return
    channel = told[0].channel
    where = {"channel_id": str(channel.id), **({"guild_id": str(channel.guild.id)} if channel.guild else {})}
    if len(messages) == 1:
        world.emit(_event("MESSAGE_DELETE", channel, {"id": str(told[0].id), **where}))
    else:
        world.emit(_event("MESSAGE_DELETE_BULK", channel, {"ids": [str(each.id) for each in told], **where}))


def _event(name: str, channel: Channel, data: Json) -> Event:
    intents = DIRECT_MESSAGES if channel.kind is Kind.DM else GUILD_MESSAGES
    return Event(name=name, data=data, guild=channel.guild, channel=channel, intents=intents)


def as_stored(embed: Json) -> Json:
    """An embed as Discord gives it back."""
    return {"type": "rich", "content_scan_version": 0, **embed}


def numbered(components: list[Json]) -> list[Json]:
    """The components, each with an id."""
    taken = {each.get("id") for each in walk(components)}
    free = (number for number in range(1, 1000) if number not in taken)
    return [_numbered(each, free) for each in components]


def _numbered(component: Json, free: Iterator[int]) -> Json:
    found = dict(component)
    if not found.get("id"):
        found["id"] = next(free)
    if found.get("type") == 2 and found.get("style") != 5:
        found.setdefault("disabled", False)
    for key in ("accessory", "component"):
        if isinstance(found.get(key), dict):
            found[key] = _numbered(found[key], free)
    if isinstance(found.get("components"), list):
        found["components"] = [_numbered(each, free) for each in found["components"]]
    return found


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, however deep."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[key] for key in ("accessory", "component") if component.get(key)])
