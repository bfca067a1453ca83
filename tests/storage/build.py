"""What the tests of the storage are made of: events, evidence, and ways to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypedDict, Unpack

from bot.core.action import AskReview, Configure, Decide, Later
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import Delete, Effect, Post
from bot.core.event import Author, Event, MessageEdited, MessagePosted, Surface, SurfaceKind
from bot.core.evidence import Evidence, Finding
from bot.core.settlement import Note, Outcome, Settlement, Verdict, note
from bot.core.stored import Heard, Receipt, Store

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
# Later than any real clock that rows were written by.
LATER = datetime(2100, 1, 1, tzinfo=UTC)
GENERAL = Address("somewhere", "Fernhill", "general")
GARDEN = Address("somewhere", "Fernhill", "garden")
REVIEW = Address("somewhere", "Fernhill", "moderators")
FERN = Author("u-fern", "Fern")
MOSS = Author("u-moss", "Moss")
RECEIPT = Receipt(message_id="m-1")
INSULT = Evidence(findings=(Finding(rule="words", label="insult", score=0.7, quote="twit"),), score=0.7, policy="p1")
PATIENCE = 20.0

Opening: TypeAlias = Callable[[], AbstractAsyncContextManager[Store]]


class Caused(TypedDict, total=False):
    """What a settlement may hold besides its event."""

    cause: str
    where: Address
    verdict: Verdict
    notes: list[Note]
    reviews: list[AskReview]
    decisions: list[Decide]
    settings: list[Configure]
    jobs: list[Later]
    finished: tuple[str, str]


def posted(number: str = "1", text: str = "hello", where: Address = GENERAL, who: Author = FERN) -> MessagePosted:
    """The original of message `number`."""
    surfaces = (Surface(SurfaceKind.BODY, text),)
    return MessagePosted(id=number, at=NOON, where=where, who=who, message_id=number, surfaces=surfaces)


def edited(number: str = "1", text: str = "hello again", revision: int = 1) -> MessageEdited:
    """A later revision of message `number`."""
    surfaces = (Surface(SurfaceKind.BODY, text),)
    event_id = f"{number}r{revision}"
    return MessageEdited(
        id=event_id, at=NOON, where=GENERAL, who=FERN, message_id=number, revision=revision, surfaces=surfaces
    )


def heard(*events: Event) -> list[Heard]:
    """The events as a connector hands them over."""
    return [Heard(event) for event in events]


def judged(outcome: Outcome, evidence: Evidence = Evidence(), *would: Effect) -> Verdict:  # noqa: B008 - it is frozen
    """A verdict."""
    return Verdict(outcome=outcome, evidence=evidence, would=would)


def ask(message_id: str = "1", about: Address = GENERAL, reporter: str = "", problem: str = "") -> AskReview:
    """A question to the moderators, with a card in their room."""
    return AskReview(
        about=about,
        message_id=message_id,
        evidence=INSULT,
        proposal=(removal(message_id, about),),
        review_room=REVIEW,
        reporter=Author(reporter, reporter) if reporter else None,
        problem=problem,
    )


def removal(message_id: str = "1", where: Address = GENERAL) -> Delete:
    """Take a message away."""
    return Delete(to=where, message_ids=(message_id,), reason="insult")


def said(key: str, where: Address = GENERAL) -> Note:
    """An outbox row that says its own key."""
    return note(key, Post(to=where, text=key))


def deleted(key: str, where: Address = GENERAL) -> Note:
    """An outbox row that goes before what is said."""
    return note(key, removal(key, where))


async def settle(store: Store, event: Event | None = None, **caused: Unpack[Caused]) -> None:
    """Accept the event, if there is one, and settle it."""
    if event is None:
        await store.settle(Settlement(**caused))
        return
    await store.accept(heard(event), None)
    caused.setdefault("where", event.where)
    await store.settle(Settlement(event_key=event.key, **caused))


async def due(store: Store, *busy: Address | str, now: datetime = LATER, limit: int = 100) -> list[str]:
    """The keys of the outbox rows to try, in their order."""
    return [row.note.key for row in await store.pending(now, [str(place) for place in busy], limit)]


def timeless(case: Case | None) -> Case:
    """The case as if everything had happened at noon: the store reads its own clock."""
    assert case is not None
    return replace(case, opened_at=NOON, decided_at=case.decided_at and NOON)


async def one_case(store: Store) -> Case:
    """The only case there ever was."""
    return timeless(await store.case(1))


async def eventually(holds: Callable[[], Awaitable[bool] | bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not (answer if isinstance(answer := holds(), bool) else await answer):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.002)


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by
