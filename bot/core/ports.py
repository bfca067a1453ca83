"""The seams: what the message path needs from the outside world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.core.action import Action
from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, Need
from bot.core.case import Case
from bot.core.effect import Card, Draft, Effect, Post
from bot.core.event import Event, Role
from bot.core.evidence import Record
from bot.core.poll import Poll
from bot.core.stored import Cursor, Heard, Job, Reading, Receipt

Clock: TypeAlias = Callable[[], datetime]
# What the settings of a place take.
Needs: TypeAlias = Callable[[Address], frozenset[Need]]


class Ingest(Protocol):
    """How a connector hands over what it heard; returns when events and cursor are on disk."""

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        """Store, then let the application decide."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who can read a place: everyone, or exactly these member ids."""

    everyone: bool = False
    members: frozenset[str] = frozenset()


class Connector(Protocol):
    """One platform account. Platform exceptions never leave it: only `BotError`s do."""

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled or, with `Revoked`, until the platform refuses us.

        A gap left by a restart or a lost connection is read through the same `ingest`.
        """

    async def capabilities(self, where: Address) -> Capabilities:
        """What can be done there, narrowed by permissions at this moment."""

    async def role(self, where: Address, user_id: str) -> Role:
        """The member's role there at this moment; for a community, the role that holds everywhere in it."""

    async def readers(self, where: Address) -> Readers:
        """Who can read that place at this moment."""

    async def moderators(self, where: Address) -> frozenset[str]:
        """The people who moderate there at this moment, without bots; raises `Rejected` where we may not know."""

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """What we may not do though settings take it, place by place, and how to mend it; nothing when all is well."""

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """These lists as they stand, held against everybody in a place or a community, or only against one member.

        Raises `Rejected` where there are no such lists, or one of them is not for us to read.
        """

    async def preview(self, draft: Draft) -> None:
        """Show a growing text soon, the latest one if several come; never raises, and may leave any out."""

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        """Do it. The same `key` again must not do it twice where the platform can tell.

        Raises `Transient`, `RateLimited`, `Rejected`, `Unsupported` or `Revoked`.
        """


class Cards(Protocol):
    """How a case reads."""

    def full(self, case: Case, record: Record, can: Capabilities, room: Address) -> Post:
        """The card for moderators; `can` says which decisions the case's own place allows."""

    def brief(self, case: Case, card: Card) -> Post:
        """One sentence about how the case stands."""


class Polls(Protocol):
    """How a poll reads where we count its votes."""

    def drawn(self, poll: Poll) -> str:
        """The poll as it stands."""

    def result(self, poll: Poll) -> str:
        """How it ended."""


Work: TypeAlias = Callable[[Job], Awaitable[None]]


class Queue(Protocol):
    """Wakes whoever runs later work. Losing a ring loses nothing: `serve` also looks by itself."""

    def ring(self) -> None:
        """Jobs have changed."""

    async def serve(self, work: Work) -> None:
        """Run due jobs until cancelled. A job whose `work` raises comes back later."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A classifier's opinion: `toxic` and each label from 0 to 1."""

    toxic: float
    labels: Mapping[str, float]


class Embedder(Protocol):
    """Turns texts into vectors that are near to each other where the texts mean much the same."""

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text, in order, as signed bytes; raises `ModelFailed`."""

    def close(self) -> None:
        """Let go of what it holds."""


class Classifier(Protocol):
    """Scores texts. One result per text, in order."""

    @property
    def version(self) -> str:
        """Names the weights, so that a verdict can be traced to them."""

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        """Raises `ModelFailed`."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a pipeline may read. It has no way to write."""

    store: Reading
    clock: Clock
    capabilities: Callable[[Address], Awaitable[Capabilities]]
    role: Callable[[Address, str], Awaitable[Role]]
    readers: Callable[[Address], Awaitable[Readers]]
    moderators: Callable[[Address], Awaitable[frozenset[str]]]
    lacking: Callable[[Address, Needs], Awaitable[Sequence[str]]]
    ban_lists: Callable[[Address, Sequence[Address], str], Awaitable[Sequence[BanList]]]


JobHandler: TypeAlias = Callable[[Job, Context], AsyncIterator[Action]]


class Pipeline(Protocol):
    """Turns an event into actions; `failed` says what must happen when that breaks."""

    @property
    def name(self) -> str:
        """What logs call it."""

    def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """What should happen because of the event."""

    def failed(self, event: Event) -> Sequence[Action]:
        """What should happen when `__call__` broke."""
