"""Somebody who uses the emulated Discord: talks, reacts, presses buttons. Refused like everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from tests.emulators.discord import posting, reacting, threads
from tests.emulators.discord.asking import Asking
from tests.emulators.discord.model import Attachment, Channel, Flag, Guild, Id, Member, Message, Poll, User
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.rest.messages import snapshot

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator

Files: TypeAlias = Sequence[tuple[str, bytes]]


class Person(Asking):
    """A user, seen from outside; `guild` is where they are a member, None for a stranger."""

    def __init__(self, emulator: Emulator, user: User, guild: Guild | None = None) -> None:
        self._emulator = emulator
        self._world = emulator.world
        self.user = user
        self.guild = guild

    @property
    def id(self) -> Id:
        return self.user.id

    @property
    def mention(self) -> str:
        return f"<@{self.user.id}>"

    @property
    def member(self) -> Member:
        """The membership; refused for who is no member."""
        if self.guild is None:
            raise Refusal(10007)
        return self._world.member_of(self.guild, self.user.id)

    def may(self, channel: Channel, permission: Permission) -> bool:
        """Whether the person may do that there."""
        return permission in self._world.allowed(self.user, channel)

    # Messages

    def say(
        self,
        channel: Channel,
        text: str = "",
        *,
        reply_to: Id | None = None,
        embeds: Sequence[Json] = (),
        files: Files = (),
        poll: Poll | None = None,
        at: datetime | None = None,
    ) -> Id:
        """Say something; the message's id. Refused like the person, or blocked (200000) by native AutoMod."""
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        self._world.must(self.user, channel, needed)
        passed = self._emulator.automod.screen(self.user, channel, text)
        replied = channel.messages[reply_to] if reply_to else None
        draft = posting.Draft(
            author=self.user,
            channel=channel,
            content=text,
            type=posting.REPLY if replied else 0,
            embeds=list(embeds),
            attachments=[self._attachment(name, content) for name, content in files],
            poll=poll,
            replied=replied,
            reference=posting.reference(replied) if replied else None,
            at=at,
        )
        said = posting.post(self._world, draft).id
        passed(said)
        return said

    def _attachment(self, name: str, content: bytes) -> Attachment:
        kind = "image/png" if name.endswith(".png") else "text/plain; charset=utf-8"
        return Attachment(id=self._world.snowflake(), filename=name, content=content, content_type=kind)

    def forward(self, message_id: Id, channel: Channel) -> Id:
        """Forward a message into a channel; the forward's id."""
        self._world.must(self.user, channel, Permission.SEND_MESSAGES)
        message = self._emulator.message(message_id)
        draft = posting.Draft(
            author=self.user,
            channel=channel,
            flags=Flag.HAS_SNAPSHOT,
            snapshots=[snapshot(message, self._world)],
            reference=posting.reference(message, 1),
        )
        return posting.post(self._world, draft).id

    def thread(self, channel: Channel, name: str, *, message_id: Id | None = None) -> Channel:
        """Start a thread, from a message or without one."""
        self._world.must(self.user, channel, Permission.CREATE_PUBLIC_THREADS)
        message = channel.messages[message_id] if message_id else None
        return threads.start(self._world, channel, self.user, name, from_message=message)

    def post(self, forum: Channel, title: str, text: str, *, tags: Sequence[str] = ()) -> Channel:
        """Open a forum post; its first message has the id of its thread."""
        self._world.must(self.user, forum, Permission.SEND_MESSAGES)
        passed = self._emulator.automod.screen(self.user, forum, text)
        draft = posting.Draft(author=self.user, channel=forum, content=text)
        opened = threads.post_in_forum(self._world, forum, draft, title, tags)
        passed(opened.id)
        return opened.channel

    def dm(self, text: str) -> Id:
        """Write to the bot directly."""
        return self.say(self._world.dm(self.user), text)

    def edit(self, message_id: Id, text: str) -> None:
        """Change one's own message."""
        message = self._own(message_id)
        passed = self._emulator.automod.screen(self.user, message.channel, text, message=message)
        posting.edit(self._world, message, text)
        passed(message.id)

    def delete(self, message_id: Id) -> None:
        """Delete a message: one's own, or anybody's with the permission."""
        message = self._emulator.message(message_id)
        if message.author is not self.user:
            self._world.must(self.user, message.channel, Permission.MANAGE_MESSAGES)
        posting.delete(self._world, [message])

    def purge(self, message_ids: Sequence[Id]) -> None:
        """Delete messages of one channel at once."""
        messages = [self._emulator.message(each) for each in message_ids]
        self._world.must(self.user, messages[0].channel, Permission.MANAGE_MESSAGES)
        posting.delete(self._world, messages)

    def _own(self, message_id: Id) -> Message:
        message = self._emulator.message(message_id)
        if message.author is not self.user:
            raise Refusal(50005)
        return message

    # Reactions and votes

    def react(self, message_id: Id, emoji: str) -> None:
        message = self._emulator.message(message_id)
        self._world.must(self.user, message.channel, Permission.ADD_REACTIONS)
        reacting.add(self._world, message, self.user, emoji)

    def unreact(self, message_id: Id, emoji: str) -> None:
        reacting.remove(self._world, self._emulator.message(message_id), self.user, emoji)

    def vote(self, message_id: Id, *answers: int) -> None:
        """Give these answers (1 is the first) to a poll, and no others."""
        reacting.vote(self._world, self._emulator.message(message_id), self.user, set(answers))

    # What the person sees

    def reads(self, channel: Channel) -> list[Message]:
        """The messages the person sees in a channel, oldest first, those only for them included."""
        if Permission.VIEW_CHANNEL not in self._world.allowed(self.user, channel):
            return []
        return [each for each in channel.messages.values() if each.only_for in (None, self.user)]

    def whispers(self) -> list[Message]:
        """The messages that only this person sees, oldest first."""
        channels = self._world.channels.values()
        return [each for channel in channels for each in channel.messages.values() if each.only_for is self.user]

    def inbox(self) -> list[Message]:
        """The direct messages that the bot sent."""
        return [each for each in self._world.dm(self.user).messages.values() if each.author is not self.user]
