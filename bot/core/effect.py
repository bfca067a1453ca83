"""What can happen on a platform: plain data that connectors perform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.core.address import Address
from bot.core.banlist import Bar, Enlist, Pardon


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. `symbol` stands for it where only reactions exist.

    `asks` names a text that the platform asks for with the press; where it cannot, the press comes without one.
    `instead` says what else to do where there is nothing to press.
    """

    id: str
    label: str
    symbol: str
    asks: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Say something. `text` is CommonMark. `whisper_to` names the one member who should read it.

    `stream` names the drafts that this is the end of: it becomes their last edit. `poll` is what it asks where polls
    are only text.
    """

    to: Address
    text: str
    reply_to: str = ""
    buttons: tuple[Button, ...] = ()
    whisper_to: str = ""
    stream: str = ""
    poll: OpenPoll | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All of a growing text so far: a preview, best effort, never stored; the `Post` with its `stream` ends it."""

    to: Address
    text: str
    stream: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the text and buttons of a message of ours."""

    to: Address
    message_id: str
    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Take messages away for all readers; several at once where the place has bulk deletion.

    `tell` is said to the member `tell_to`, with `tell_buttons`, once the platform has confirmed; of those with
    one `tell_once` they hear one.
    """

    to: Address
    message_ids: tuple[str, ...]
    reason: str
    tell_to: str = ""
    tell: str = ""
    tell_buttons: tuple[Button, ...] = ()
    tell_once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """Put a reaction on a message."""

    to: Address
    message_id: str
    reaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """Start a thread, on a message when `message_id` is given."""

    to: Address
    title: str
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoll:
    """Ask a question with options to choose from.

    With an `id`, which nothing else may have, its votes are kept; `by` is the member who asked, '' for the house.
    """

    to: Address
    question: str
    options: tuple[str, ...]
    lasts: timedelta
    multiple: bool = False
    anonymous: bool = False
    id: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePoll:
    """End a poll of ours."""

    to: Address
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPoll:
    """Show a poll as it stands when this is delivered; `result` says how it ended, in a message of its own."""

    to: Address
    poll: str
    result: bool = False


class Penalty(StrEnum):
    """What can be done to a member, mildest first."""

    TIMEOUT = "timeout"
    KICK = "kick"
    BAN = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrict:
    """Keep a member from speaking or from being here; `lasts` counts for timeouts.

    `tell` is said to the member first, with `tell_buttons`, as privately as the place can; failing to does not stop
    the rest. Of those with one `once`, whatever asked for them, one happens.
    """

    to: Address
    user_id: str
    penalty: Penalty
    reason: str
    lasts: timedelta = timedelta(hours=1)
    tell: str = ""
    tell_buttons: tuple[Button, ...] = ()
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Take a timeout or a ban back, also one that was not carried out yet; a kick is no lasting thing."""

    to: Address
    user_id: str
    penalty: Penalty
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BanAll:
    """Ban several members in one call, where the place has one; nobody is told first: it is to be quick."""

    to: Address
    user_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Whole words in any letter case, and an RE2 pattern: what has one of them is stopped, or told to `alert`."""

    name: str
    words: tuple[str, ...] = ()
    pattern: str = ""
    blocks: bool = True
    alert: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Put filters into the platform's own, in place of those of ours that are there; none takes ours away.

    What came of it is said to `tell_to` in `tell_in`, after `remarks` that are known before.
    """

    to: Address
    filters: tuple[Filter, ...]
    reason: str
    tell_in: Address
    tell_to: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Show a case as it stands when this is delivered: its card, or in one sentence to `whisper_to`."""

    to: Address
    case: int
    whisper_to: str = ""
    reply_to: str = ""


Listing: TypeAlias = Enlist | Pardon | Bar


Effect: TypeAlias = (
    Post | Edit | Delete | React | OpenThread | OpenPoll | ClosePoll | Restrict | Lift | BanAll | Screen | Listing
)


Outgoing: TypeAlias = Effect | Card | ShowPoll
