"""From what was heard to what is stored: once each, in order, with how far it was read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.core.stored import Cursor, Heard
from connectors.slack.intake import REMEMBERED_S, Intake, Marks, Part, stream
from connectors.slack.memory import LIVE_THREADS, Mark
from tests.connectors.slack.recordings import GARDEN, TEAM, ts
from tests.connectors.slack.recordings import heard as scene_of

NAME = stream(TEAM, GARDEN)


@dataclass(slots=True)
class Disk:
    """Keeps what is handed over; `fails` as often as told."""

    kept: list[str] = field(default_factory=list)
    cursors: list[Cursor | None] = field(default_factory=list)
    fails: int = 0

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        await asyncio.sleep(0)
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.kept += [one.event.id for one in heard]
        self.cursors.append(cursor)


@asynccontextmanager
async def running(disk: Disk) -> AsyncIterator[Intake]:
    intake = Intake(disk)
    task = asyncio.create_task(intake.run())
    yield intake
    task.cancel()
    await asyncio.wait([task])


def part(second: int, scene: str = "message", channel: str = GARDEN) -> Part:
    return Part(
        team=TEAM, channel=channel, ts=ts(second), heard=[Heard(each) for each in scene_of(scene)], said=ts(second)
    )


async def test_what_two_connections_bring_is_put_in_the_order_of_its_channel() -> None:
    disk = Disk()
    async with running(disk) as intake:
        late, early = part(8, "thread_reply"), part(1, "message")
        await asyncio.gather(intake.store(late), intake.store(early))
    assert disk.kept == [f"{TEAM}:{GARDEN}:{ts(1)}", f"{TEAM}:{GARDEN}:{ts(8)}"]
    assert disk.cursors == [Cursor(NAME, ts(8))]


async def test_it_is_stored_when_storing_returns_and_not_before() -> None:
    disk = Disk(fails=1)
    async with running(disk) as intake:
        with pytest.raises(OSError, match="full"):
            await intake.store(part(1))
        assert disk.kept == []
        await intake.store(part(1))
        assert disk.kept == [f"{TEAM}:{GARDEN}:{ts(1)}"]


async def test_what_comes_again_waits_for_the_first_and_is_done_once() -> None:
    intake, begun = Intake(Disk()), asyncio.Event()
    done: list[str] = []

    async def slowly() -> None:
        await begun.wait()
        done.append("done")

    first, second = (asyncio.create_task(intake.once("Ev1", slowly)) for _ in range(2))
    await asyncio.sleep(0)
    assert not second.done()
    begun.set()
    assert [await first, await second, await intake.once("Ev1", slowly)] == [True, False, False]
    assert done == ["done"]


async def test_what_failed_is_done_when_it_comes_again() -> None:
    intake = Intake(Disk())

    async def fails() -> None:
        raise OSError("the disk is full")

    async def works() -> None:
        return

    with pytest.raises(OSError, match="full"):
        await intake.once("Ev1", fails)
    assert await intake.once("Ev1", works)


async def test_what_was_heard_is_remembered_longer_than_slack_repeats_it() -> None:
    now = [0.0]
    intake = Intake(Disk(), clock=lambda: now[0])

    async def works() -> None:
        return

    assert await intake.once("Ev1", works)
    now[0] = 600.0
    assert await intake.once("Ev2", works)
    assert not await intake.once("Ev1", works)
    now[0] = REMEMBERED_S + 601
    await intake.once("Ev3", works)
    assert await intake.once("Ev1", works)


def test_a_mark_does_not_jump_over_a_gap_that_is_being_read() -> None:
    marks = Marks()
    assert marks.advance(NAME, ts(1), "") == Cursor(NAME, ts(1))
    marks.held.add(NAME)
    assert marks.advance(NAME, ts(9), ts(2)) is None
    assert marks.release(NAME, Mark(ts(5), (ts(3),))) == Cursor(NAME, f"{ts(9)} {ts(2)} {ts(3)}")


def test_a_mark_survives_being_written_and_keeps_the_threads_that_live() -> None:
    mark = Mark()
    for second in range(LIVE_THREADS + 5):
        mark = mark.advance(ts(second), ts(second))
    assert Mark.read(str(mark)) == mark
    assert (mark.ts, len(mark.threads), mark.threads[0]) == (ts(24), LIVE_THREADS, ts(24))
    assert Mark.read("") == Mark()
