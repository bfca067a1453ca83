"""What there is in the emulated Discord: people, guilds, channels, messages and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TypeAlias

from tests.emulators.discord.permissions import EVERYONE, Overwrite, Permission
from tests.emulators.discord.refusal import Json

Id: TypeAlias = int


class Kind(IntEnum):
    """Types of channels: https://discord.com/developers/docs/resources/channel#channel-object-channel-types."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15


THREADS = (Kind.ANNOUNCEMENT_THREAD, Kind.THREAD, Kind.PRIVATE_THREAD)


class Flag:
    """Bits of a message's flags."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15
    HAS_SNAPSHOT = 1 << 14


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    id: Id
    name: str
    bot: bool = False
    accepts_dms: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    id: Id
    name: str
    position: int
    permissions: Permission = EVERYONE
    mentionable: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    user: User
    joined_at: datetime
    role_ids: set[Id] = field(default_factory=set)
    nick: str | None = None
    muted_until: datetime | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class AuditEntry:
    """One line of a guild's audit log; the types of actions are Discord's."""

    id: Id
    action: int
    user_id: Id
    target_id: Id | None
    reason: str | None


@dataclass(slots=True, kw_only=True, eq=False)
class Guild:
    id: Id
    name: str
    owner_id: Id
    roles: dict[Id, Role] = field(default_factory=dict)
    members: dict[Id, Member] = field(default_factory=dict)
    channels: dict[Id, Channel] = field(default_factory=dict)
    bans: dict[Id, str | None] = field(default_factory=dict)
    automod: dict[Id, Json] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    unavailable: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A text channel, forum, thread or direct conversation, and the messages in it, by id."""

    id: Id
    kind: Kind
    guild: Guild | None = None
    name: str = ""
    topic: str | None = None
    parent: Channel | None = None
    overwrites: list[Overwrite] = field(default_factory=list)
    slowmode_s: int = 0
    messages: dict[Id, Message] = field(default_factory=dict)
    nonces: dict[str, Message] = field(default_factory=dict)  # of the bot's messages
    # Threads
    owner_id: Id | None = None
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    archive_after_min: int = 4320
    applied_tags: list[str] = field(default_factory=list)
    # Forums
    tags: list[Json] = field(default_factory=list)
    # Threads: who joined; direct conversations: both sides
    people: dict[Id, User] = field(default_factory=dict)

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_dm(self) -> bool:
        return self.kind is Kind.DM


@dataclass(slots=True, kw_only=True, eq=False)
class Attachment:
    id: Id
    filename: str
    content: bytes
    content_type: str
    description: str | None = None
    flags: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Poll:
    """A question with answers; `votes` holds, by the answer's id, who gave it."""

    question: str
    answers: dict[int, Json]
    expiry: datetime
    multiple: bool = False
    finalized: bool = False
    votes: dict[int, dict[Id, User]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message as it stands; `revisions` are its contents before each edit."""

    id: Id
    channel: Channel
    author: User
    content: str = ""
    type: int = 0
    flags: int = 0
    created: datetime
    edited: datetime | None = None
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    snapshots: list[Json] = field(default_factory=list)
    reactions: dict[str, dict[Id, User]] = field(default_factory=dict)
    poll: Poll | None = None
    nonce: str | int | None = None
    reference: Json | None = None
    replied: Message | None = None
    pinned: bool = False
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[Id] = field(default_factory=list)
    mention_everyone: bool = False
    thread: Channel | None = None
    application_id: Id | None = None
    interaction: Json | None = None
    only_for: User | None = None
    webhook_id: Id | None = None
    revisions: list[str] = field(default_factory=list)
    deleted: bool = False

    @property
    def pings(self) -> bool:
        """Whether anybody was notified by it."""
        return bool(self.mentions or self.mention_roles or self.mention_everyone)
