"""Interactions under way: slash commands, presses and forms that wait for the bot's answer."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from tests.emulators.discord import render, render_message
from tests.emulators.discord.model import Channel, Id, Message, User
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.settings import Settings
from tests.emulators.discord.world import Event, World


class Type(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One interaction and what the bot answered; `response` is None until it did."""

    id: Id
    token: str
    type: Type
    user: User
    channel: Channel
    begun: datetime
    data: Json
    message: Message | None = None
    opened_by: Interaction | None = None
    response: Callback | None = None
    response_body: Json = field(default_factory=dict)
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """What the answer says; empty without one."""
        return self.original.content if self.original else ""

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the person who asked sees the answer."""
        return self.original is not None and self.original.only_for is not None

    @property
    def is_deferred(self) -> bool:
        """Whether the person still sees the bot thinking."""
        return self.original is not None and not self.original.deleted and bool(self.original.flags & 1 << 7)

    def metadata(self) -> Json:
        """What a message that answers it says about it."""
        guild = self.channel.guild
        found: Json = {
            "id": str(self.id),
            "type": int(self.type),
            "user": render.user(self.user),
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        }
        if self.type is Type.COMPONENT and self.message is not None:
            found["interacted_message_id"] = str(self.message.id)
        if self.opened_by is not None:
            found["triggering_interaction_metadata"] = self.opened_by.metadata()
        return found

    def tell(self) -> None:
        """Wake whoever waits for a change."""
        self.changed.set()
        self.changed.clear()


class Interactions:
    """All interactions there were, by token."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.settings = settings
        self.by_token: dict[str, Interaction] = {}

    def begin(
        self,
        kind: Type,
        who: User,
        channel: Channel,
        data: Json,
        *,
        message: Message | None = None,
        opened_by: Interaction | None = None,
    ) -> Interaction:
        """Tell the bot that somebody wants something of it."""
        it = Interaction(
            id=self.world.snowflake(),
            token=secrets.token_urlsafe(48),
            type=kind,
            user=who,
            channel=channel,
            begun=self.world.now(),
            data=data,
            message=message,
            opened_by=opened_by,
        )
        self.by_token[it.token] = it
        # Not an event of a channel: the bot needs no access to be asked something there.
        self.world.emit(Event(name="INTERACTION_CREATE", data=self._payload(it), guild=channel.guild))
        return it

    def unanswered(self, interaction_id: Id, token: str) -> Interaction:
        """The interaction that a first response is for; refused once it was answered or is too old."""
        it = self.by_token.get(token)
        if it is None or it.id != interaction_id:
            raise Refusal(10062)
        if it.response is not None:
            raise Refusal(40060)
        if self.world.now() - it.begun > self.settings.interaction_deadline:
            raise Refusal(10062)
        return it

    def living(self, application_id: Id, token: str) -> Interaction:
        """The interaction whose token still lets the bot speak."""
        it = self.by_token.get(token)
        if application_id != self.world.application.id or it is None:
            raise Refusal(10015)
        if self.world.now() - it.begun > self.settings.interaction_token:
            raise Refusal(50027)
        if it.response is None:
            raise Refusal(10015)
        return it

    def _payload(self, it: Interaction) -> Json:
        guild = it.channel.guild
        me = self.world.application
        return {
            "id": str(it.id),
            "application_id": str(me.id),
            "type": int(it.type),
            "token": it.token,
            "version": 1,
            "data": it.data,
            "channel": render.channel(it.channel),
            "channel_id": str(it.channel.id),
            "app_permissions": str(int(self.world.allowed(me.user, it.channel))),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": 10 * 1024 * 1024,
            **({"message": render_message.message(it.message, self.world)} if it.message else {}),
            **self._asker(it),
        }

    def _asker(self, it: Interaction) -> Json:
        guild = it.channel.guild
        if guild is None:
            return {"user": render.user(it.user)}
        allowed = str(int(self.world.allowed(it.user, it.channel)))
        asker = {**render.full_member(guild.members[it.user.id]), "permissions": allowed}
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "features": [], "locale": "en-US"},
            "guild_locale": "en-US",
            "member": asker,
        }
