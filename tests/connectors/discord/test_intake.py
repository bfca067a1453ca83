"""What is urgent goes ahead while more comes in than can be handed over, and nothing is lost by that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.core.errors import Transient
from bot.core.event import Event
from bot.core.stored import Cursor, Heard
from connectors.discord.intake import AT_ONCE, Intake
from tests.connectors.discord.world import until
from tests.fakes import said


@dataclass(slots=True)
class Office:
    """Takes its time with whatever is not urgent, until the gate opens."""

    calls: list[tuple[list[str], str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        if cursor is not None:
            await self.gate.wait()
        elif self.fails:
            raise Transient("the database is locked")
        self.calls.append(([one.event.text for one in heard], cursor.position if cursor else ""))  # type: ignore[union-attr]  # only messages are heard here


def is_bad(event: Event) -> bool:
    return "bad" in getattr(event, "text", "")


@asynccontextmanager
async def working(intake: Intake) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(intake.run())
    try:
        yield task
    finally:
        intake.close()
        task.cancel()
        await asyncio.wait([task])


def put(intake: Intake, number: int, text: str, channel: str = "7") -> None:
    intake.put(channel, [Heard(said(text, str(number)))], str(number))


async def test_what_is_heard_is_handed_over_in_order_with_how_far_it_reads() -> None:
    office = Office()
    office.gate.set()
    async with working(intake := Intake(office, is_bad)):
        for number in range(1, AT_ONCE + 2):
            put(intake, number, f"text {number}")
        await until(lambda: len(office.calls) == 2)
    assert [(len(texts), position) for texts, position in office.calls] == [(AT_ONCE, str(AT_ONCE)), (1, "33")]


async def test_what_is_urgent_goes_ahead_and_comes_again_in_its_place() -> None:
    office = Office()
    async with working(intake := Intake(office, is_bad)):
        put(intake, 1, "first")
        await asyncio.sleep(0.01)
        put(intake, 2, "second")
        put(intake, 3, "bad")
        put(intake, 4, "bad as well")
        await until(lambda: office.calls)
        assert office.calls == [(["bad", "bad as well"], "")]
        office.gate.set()
        await until(lambda: len(office.calls) == 3)
    assert office.calls[1:] == [(["first"], "1"), (["second", "bad", "bad as well"], "4")]


async def test_nothing_goes_ahead_while_there_is_time() -> None:
    office = Office()
    office.gate.set()
    async with working(intake := Intake(office, is_bad)):
        put(intake, 1, "bad")
        await until(lambda: office.calls)
    assert office.calls == [(["bad"], "1")]


async def test_what_cannot_go_ahead_comes_in_its_place() -> None:
    office = Office(fails=True)
    async with working(intake := Intake(office, is_bad)) as task:
        put(intake, 1, "first")
        await asyncio.sleep(0.01)
        put(intake, 2, "bad")
        await asyncio.sleep(0.01)
        office.gate.set()
        await until(lambda: len(office.calls) == 2)
        assert not task.done()
    assert office.calls == [(["first"], "1"), (["bad"], "2")]
