"""What to do about it: plain data, decided by pipelines, performed by connectors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bot.core.address import Address
from bot.core.appeal import Appeal
from bot.core.effect import Draft, Effect, Outgoing
from bot.core.event import Author
from bot.core.evidence import Decision, Evidence
from bot.core.passage import Fact, Meaning
from bot.core.privacy import Member
from bot.core.wave import Swell


class Outlet(StrEnum):
    """Where what moderation proposes goes."""

    CLEAR = "clear"
    LIVE = "live"
    REVIEW = "review"
    WAIT = "wait"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The one verdict on one revision of a message, with what should be done about it."""

    outlet: Outlet
    evidence: Evidence
    proposal: tuple[Effect, ...] = ()
    review_room: Address | None = None
    swell: Swell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReview:
    """Open a case about a message, or add to the open one, for moderators to decide.

    `reporter` is who asked, with the `reason` they gave. `quiet` cases wait in the queue without a card.
    `problem` reopens a decided case: what was to happen failed, and why. So does an `appeal` by the author.
    With a `swell` the case is that of a whole wave, and closed where that is done already.
    """

    about: Address
    message_id: str
    evidence: Evidence
    proposal: tuple[Effect, ...] = ()
    review_room: Address | None = None
    reporter: Author | None = None
    reason: str = ""
    quiet: bool = False
    problem: str = ""
    appeal: Appeal | None = None
    swell: Swell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Close a case, unless somebody was first: then none of `effects` happens.

    One that the same settlement opens has no number yet: it is 0, and `about` is the message, PLATFORM:ID.
    With `over`, the case is closed, and this takes the place of that decision if it still stands.
    """

    case: int
    decision: Decision
    by: str
    by_id: str = ""
    effects: tuple[Outgoing, ...] = ()
    about: str = ""
    over: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A member's whole choice in a poll from `at` on, as option numbers; an older one changes nothing."""

    poll: str
    by: str
    name: str
    options: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPoll:
    """No more votes. `counts` is the platform's own count, where it keeps one."""

    poll: str
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Make approved messages findable, oldest first, at most `limit` of those that are not yet."""

    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """Make passages findable by what they mean; those that were changed or taken away meanwhile are left out."""

    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """Keep a fact; the same words of the same member are kept once."""

    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearn:
    """Let go of facts of a member, by their numbers."""

    community: Address
    member: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Count tokens of a language model against everything that has a budget, on one day (ISO, UTC)."""

    day: str
    scopes: tuple[str, ...]
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Forget a member, in everything that is kept."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """Set `key` (dotted) to `value` (JSON) on a level: '' or the string of an address; None takes it back."""

    scope: str
    key: str
    value: object
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Run `job` with `key` once, not before `at`; the same job and key are stored once."""

    job: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """No later pipeline may see this event."""

    reason: str


Action: TypeAlias = (
    Outgoing
    | Draft
    | Judged
    | AskReview
    | Decide
    | Vote
    | EndPoll
    | Index
    | Embed
    | Spend
    | Remember
    | Unlearn
    | Erase
    | Configure
    | Later
    | Halt
)
