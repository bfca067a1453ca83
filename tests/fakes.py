"""Stand-ins for what lies around the path: a clock, a platform and tiny pipelines. The store is the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.core.action import Action
from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities
from bot.core.effect import BanAll, Draft, Effect, Penalty
from bot.core.event import (
    Author,
    ButtonPressed,
    CommandGiven,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Role,
    Surface,
    SurfaceKind,
)
from bot.core.ports import Context, Ingest, Needs, Readers
from bot.core.stored import Heard, Pending, Receipt
from storage.store import SqlStore

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
ROOM = Address("fake", "T1", "general")
OTHER = Address("fake", "T1", "random")
MODS = Address("fake", "T1", "mods")
ADA = Author("u1", "Ada")
MO = Author("u2", "Mo", Role.MODERATOR)
MAX = Author("u3", "Max", Role.MODERATOR)
ABLE = Capabilities(
    max_text=2000,
    buttons=6,
    ephemeral=True,
    penalties=frozenset({Penalty.TIMEOUT, Penalty.KICK}),
    can_delete_others=True,
    deduplicates_sends=True,
)


def said(text: str, message_id: str = "m1", where: Address = ROOM, who: Author = ADA) -> MessagePosted:
    return MessagePosted(
        id=f"{message_id}.0", at=NOON, where=where, who=who, message_id=message_id, surfaces=_body(text)
    )


def edited(text: str, message_id: str = "m1", revision: int = 1) -> MessageEdited:
    return MessageEdited(
        id=f"{message_id}.{revision}",
        at=NOON,
        where=ROOM,
        who=ADA,
        message_id=message_id,
        revision=revision,
        surfaces=_body(text),
    )


def deleted(message_id: str = "m1") -> MessageDeleted:
    return MessageDeleted(id=f"{message_id}.gone", at=NOON, where=ROOM, who=ADA, message_id=message_id)


def pressed(button_id: str, who: Author, event_id: str = "") -> ButtonPressed:
    return ButtonPressed(
        id=event_id or f"{who.id}/{button_id}", at=NOON, where=MODS, who=who, message_id="card", button_id=button_id
    )


def asked(name: str, who: Author = MO, **options: str) -> CommandGiven:
    return CommandGiven(id=f"{name}/{who.id}", at=NOON, where=ROOM, who=who, name=name, options=tuple(options.items()))


def _body(text: str) -> tuple[Surface, ...]:
    return (Surface(SurfaceKind.BODY, text),)


@dataclass(slots=True)
class FakeClock:
    """Stands still until it is stepped."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def step(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class FakeConnector:
    """A platform: what it was `asked` and what it `performed`, with keys. `failures` are met first, one a call.

    A ban of many leaves `undone` out.

    A key that was performed is not performed again. While `gate` is closed, nothing is answered. What is put into
    `wire` is heard; an exception is raised there, and None ends the connection.
    """

    can: Capabilities = ABLE
    roles: dict[str, Role] = field(default_factory=lambda: {MO.id: Role.MODERATOR, MAX.id: Role.MODERATOR})
    failures: list[Exception | None] = field(default_factory=list)
    gone: bool = False
    undone: tuple[str, ...] = ()
    asked: list[Effect] = field(default_factory=list)
    performed: list[Effect] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    previewed: list[Draft] = field(default_factory=list)
    at_once: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    wire: asyncio.Queue[Event | Exception | None] = field(default_factory=asyncio.Queue)
    runs: int = 0
    _receipts: dict[str, Receipt] = field(default_factory=dict)
    _under_way: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def run(self, ingest: Ingest) -> None:
        self.runs += 1
        while (heard := await self.wire.get()) is not None:
            if isinstance(heard, Exception):
                raise heard
            await ingest([Heard(heard)])

    def hears(self, *heard: Event | Exception | None) -> None:
        for one in heard:
            self.wire.put_nowait(one)

    async def capabilities(self, where: Address) -> Capabilities:
        return self.can

    async def role(self, where: Address, user_id: str) -> Role:
        return self.roles.get(user_id, Role.MEMBER)

    async def readers(self, where: Address) -> Readers:
        return Readers(everyone=True)

    async def moderators(self, where: Address) -> frozenset[str]:
        return frozenset(who for who, role in self.roles.items() if role >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        return ()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        return ()

    async def preview(self, draft: Draft) -> None:
        self.previewed.append(draft)

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        self.asked.append(effect)
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        try:
            await self.gate.wait()
        finally:
            self._under_way -= 1
        if self.failures and (error := self.failures.pop(0)):
            raise error
        if key not in self._receipts:
            self.performed.append(effect)
            self.keys.append(key)
            self._receipts[key] = Receipt(f"p{len(self.performed)}", gone=self.gone, undone=self._left_out(effect))
        return self._receipts[key]

    def _left_out(self, effect: Effect) -> tuple[str, ...]:
        return self.undone if isinstance(effect, BanAll) else ()


@dataclass(slots=True)
class FakePipeline:
    """Answers each event with the actions that `answer` gives for it; an exception among them is raised there."""

    answer: Callable[[Event], Sequence[Action | Exception]]
    name: str = "fake"
    otherwise: Sequence[Action] = ()
    heard: list[Event] = field(default_factory=list)

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        self.heard.append(event)
        for action in self.answer(event):
            if isinstance(action, Exception):
                raise action
            yield action

    def failed(self, event: Event) -> Sequence[Action]:
        return self.otherwise


def always(*actions: Action | Exception) -> FakePipeline:
    return FakePipeline(lambda _: actions)


@asynccontextmanager
async def opened(url: str = "sqlite://") -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(url)
    try:
        yield store
    finally:
        await store.close()


async def outbox(store: SqlStore) -> list[Pending]:
    """Everything that is still to happen, urgent things first."""
    return await store.pending(NEVER, (), 1000)


async def eventually(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition; fails when it does not come true in time."""
    async with asyncio.timeout(seconds):
        for turn in count():
            if true():
                return
            await asyncio.sleep(0 if turn < 20 else 0.005)
