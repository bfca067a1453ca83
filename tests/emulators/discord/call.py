"""A request on its way through the emulator, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from tests.emulators.discord.model import Attachment, Channel, Guild, Id, Message, User
from tests.emulators.discord.refusal import Json, field
from tests.emulators.discord.world import World

if TYPE_CHECKING:
    from tests.emulators.discord.gateway import Gateway
    from tests.emulators.discord.interactions import Interactions
    from tests.emulators.discord.settings import Settings

Reply: TypeAlias = Json | list[Json] | None


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file of a multipart body, by its number."""

    number: int
    filename: str
    content: bytes
    content_type: str


@dataclass(slots=True, kw_only=True)
class Call:
    """One request: what it asks for and everything a handler needs to answer it."""

    method: str
    template: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    rows: list[Json]  # where the body is a list
    uploads: list[Upload]
    reason: str | None
    world: World
    settings: Settings
    gateway: Gateway
    interactions: Interactions

    @property
    def me(self) -> User:
        return self.world.me

    def id(self, name: str) -> Id:
        """A snowflake of the path."""
        return int(self.parameters[name])

    def channel(self) -> Channel:
        return self.world.channel_of(self.id("channel_id"))

    def guild(self) -> Guild:
        return self.world.guild_of(self.id("guild_id"))

    def message(self) -> Message:
        return self.world.message_of(self.channel(), self.id("message_id"))

    def number(self, name: str, default: int) -> int:
        """A number of the query; refused if it is none."""
        told = self.query.get(name, str(default))
        if not told.isdigit():
            raise field(name, "NUMBER_TYPE_COERCE", f'Value "{told[:100]}" is not int.')
        return int(told)

    def attachments(self, listed: list[Json] | None = None) -> list[Attachment]:
        """The uploaded files, with the names and descriptions that the body gives them."""
        named = {int(each["id"]): each for each in listed or self.body.get("attachments") or []}
        return [self._attachment(each, named.get(each.number, {})) for each in self.uploads]

    def _attachment(self, upload: Upload, named: Json) -> Attachment:
        return Attachment(
            id=self.world.snowflake(),
            filename=named.get("filename") or upload.filename,
            content=upload.content,
            content_type=upload.content_type,
            description=named.get("description"),
        )


Handler: TypeAlias = Callable[[Call], Reply | Awaitable[Reply]]
Routes: TypeAlias = Mapping[tuple[str, str], Handler]


@dataclass(slots=True, kw_only=True)
class Request:
    """A request as it was answered; kept for whoever checks afterwards."""

    at: datetime
    method: str
    path: str
    template: str
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    query: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: Json | list[Json] | None = None
    reason: str | None = None
    files: list[str] = dataclasses.field(default_factory=list)
    status: int = 0
    code: int = 0
    answer: object = None
    injected: bool = False

    @property
    def refused(self) -> bool:
        """Whether Discord would have said no to it; a fault that a test asked for is no refusal."""
        return self.status >= 400 and not self.injected
