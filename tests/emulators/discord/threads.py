"""What happens to threads and forum posts, whoever starts them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.emulators.discord import posting, render
from tests.emulators.discord.model import Channel, Flag, Id, Kind, Message, User
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import Event, World

THREAD_STARTED, THREAD_STARTER = 18, 21


def start(
    world: World,
    parent: Channel,
    who: User,
    name: str,
    *,
    kind: Kind = Kind.THREAD,
    from_message: Message | None = None,
) -> Channel:
    """A thread; one that starts from a message has its id."""
    thread = Channel(
        id=from_message.id if from_message else world.snowflake(),
        kind=kind,
        guild=parent.guild,
        name=name,
        parent=parent,
        owner_id=who.id,
        people={who.id: who},
    )
    world.add_channel(thread)
    if from_message is not None:
        from_message.thread = thread
        from_message.flags |= Flag.HAS_THREAD
    tell(world, "THREAD_CREATE", thread, {"newly_created": True})
    _announce(world, thread, who, from_message)
    return thread


def _announce(world: World, thread: Channel, who: User, from_message: Message | None) -> None:
    """The message of Discord's own: in the thread the one it starts from, or in the channel that there is a thread."""
    assert thread.parent is not None
    assert thread.guild is not None
    quiet: Json = {"parse": []}
    reference: Json = {"type": 0, "guild_id": str(thread.guild.id)}
    if from_message is None:
        if thread.kind is not Kind.PRIVATE_THREAD:
            reference["channel_id"] = str(thread.id)
            told = posting.Draft(author=who, channel=thread.parent, content=thread.name, type=THREAD_STARTED)
            told.reference, told.allowed = reference, quiet
            posting.post(world, told)
        return
    posting.tell_updated(world, from_message)
    reference |= {"channel_id": str(thread.parent.id), "message_id": str(from_message.id)}
    starter = posting.Draft(author=who, channel=thread, type=THREAD_STARTER, reference=reference, replied=from_message)
    starter.allowed = quiet
    posting.post(world, starter)


def post_in_forum(world: World, forum: Channel, draft: posting.Draft, name: str, tags: Sequence[str]) -> Message:
    """A forum post: a thread and its first message, which have the same id."""
    thread = Channel(
        id=world.snowflake(),
        kind=Kind.THREAD,
        guild=forum.guild,
        name=name,
        parent=forum,
        owner_id=draft.author.id,
        applied_tags=list(tags),
        people={draft.author.id: draft.author},
    )
    world.add_channel(thread)
    tell(world, "THREAD_CREATE", thread, {"newly_created": True})
    draft.channel = thread
    draft.with_id = thread.id
    return posting.post(world, draft)


def tell(world: World, name: str, thread: Channel, extra: Json | None = None) -> None:
    """Say what became of a thread to whoever sees the channel that it belongs to."""
    data = {**render.thread(thread, seen_by=world.me), **(extra or {})}
    world.emit(Event(name=name, data=data, guild=thread.guild, channel=thread, intents=1))


def tell_people(world: World, thread: Channel, *, added: Sequence[User] = (), removed: Sequence[Id] = ()) -> None:
    """Say who joined and left a thread."""
    assert thread.guild is not None
    data: Json = {
        "id": str(thread.id),
        "guild_id": str(thread.guild.id),
        "member_count": len(thread.people),
        "added_members": [render.thread_member(thread, each) for each in added],
        "removed_member_ids": [str(each) for each in removed],
    }
    world.emit(Event(name="THREAD_MEMBERS_UPDATE", data=data, guild=thread.guild, channel=thread, intents=1))


def tell_changed(world: World, channel: Channel) -> None:
    """Say that a thread or channel is different from before."""
    if channel.is_thread:
        tell(world, "THREAD_UPDATE", channel)
    else:
        data = render.channel(channel)
        world.emit(Event(name="CHANNEL_UPDATE", data=data, guild=channel.guild, channel=channel, intents=1))
