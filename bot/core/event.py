"""What happened: the only shape in which a platform may speak to the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias

from bot.core.address import Address
from bot.core.evidence import Finding


class Role(IntEnum):
    """What a member may do in one place; ordered, so that `role >= Role.MODERATOR` reads well."""

    GUEST = 0
    MEMBER = 1
    MODERATOR = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class Author:
    """Who acted. `id` is the platform's whole id, never a display name."""

    id: str
    name: str
    role: Role = Role.MEMBER
    is_bot: bool = False
    joined_at: datetime | None = None


class SurfaceKind(StrEnum):
    """Where a reader meets a text."""

    BODY = "body"
    FORMATTED = "formatted"
    ALT = "alt"
    FILE = "file"
    EMBED = "embed"
    POLL = "poll"
    TITLE = "title"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Surface:
    """One text that readers can see, as plain text."""

    kind: SurfaceKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message; `size` in bytes, 0 when the platform does not say."""

    id: str
    name: str
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Fields every event has.

    `id` is unique on its platform and the key for removing duplicates. `at` is aware UTC.
    `cookie` belongs to the connector that made the event: the core carries it
    back with each effect and never looks inside.
    """

    id: str
    at: datetime
    where: Address
    who: Author
    cookie: str = ""

    @property
    def key(self) -> str:
        """The event's id among all platforms."""
        return f"{self.where.platform}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Header):
    """What a posted and an edited message share.

    `revision` is 0 for the original, else the platform's time of the edit in milliseconds; `mentions` is how many
    members and groups it calls on, as the platform counts them.
    """

    message_id: str
    revision: int = 0
    surfaces: tuple[Surface, ...] = ()
    mentions_bot: bool = False
    is_direct: bool = False
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    mentions: int = 0

    @property
    def text(self) -> str:
        """What to quote: the body, else whatever can be read."""
        bodies = [surface.text for surface in self.surfaces if surface.kind is SurfaceKind.BODY]
        return bodies[0] if bodies else "\n".join(surface.text for surface in self.surfaces)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Said):
    """Somebody said something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Said):
    """A message reads differently; `surfaces` are the whole text as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(Header):
    """A message is gone for its readers."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(Header):
    """A reaction that is no button of ours."""

    message_id: str
    reaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollVoted(Header):
    """The member's whole current choice in a poll."""

    message_id: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollEnded(Header):
    """The platform has counted a poll for the last time: how many chose each option, in the order of the options."""

    message_id: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Header):
    """A press on a button of a message of ours; authority is checked by whoever acts on it.

    `text` is what the button asked for, '' where nothing was written or the platform cannot ask.
    """

    message_id: str
    button_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandGiven(Header):
    """A command as declared by a `CommandSpec`; `problem` says what is wrong with it, if anything."""

    name: str
    options: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    message_id: str = ""

    def option(self, name: str) -> str:
        """The option's text, empty when it was not given."""
        return dict(self.options).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Header):
    """`who` came into `where`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Header):
    """`who` asks the moderators to look at a message; `findings` are what a machine of the platform's own found."""

    message_id: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBanned(Header):
    """`who` banned a member from `where`, or lifted the ban."""

    member_id: str
    reason: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanged(Header):
    """The list of bans at `where` names somebody else than before; `entity` is its pattern, '' when it is not told.

    `lifted` when that is no longer named.
    """

    entity: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMoved(Header):
    """`where` was given up for another place, which we are in; `who` did it."""

    to: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLost(Header):
    """`who` took us out of `where`, for good if `banned`."""

    name: str
    reason: str = ""
    banned: bool = False


Message: TypeAlias = MessagePosted | MessageEdited
Event: TypeAlias = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | Reacted
    | PollVoted
    | PollEnded
    | ButtonPressed
    | CommandGiven
    | MemberJoined
    | Reported
    | MemberBanned
    | ListChanged
    | PlaceMoved
    | PlaceLost
)


def subject(event: Event) -> tuple[str, str, str]:
    """What an event is about: events with one subject are judged in the order they were heard."""
    match event:
        case CommandGiven() | MemberJoined():
            about = event.who.id
        case MemberBanned():
            about = event.member_id
        case ListChanged():
            about = event.entity
        case PlaceMoved() | PlaceLost():
            about = ""
        case _:
            about = event.message_id
    return event.where.platform, event.where.channel, about
