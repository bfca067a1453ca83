"""What keeps the path moving: events judged side by side, outbox rows handed over when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot import lanes
from bot.core.address import Address
from bot.core.effect import Delete, Outgoing, Penalty, Post, Restrict
from bot.core.errors import Transient
from bot.core.event import Event
from bot.core.settlement import Settlement, note
from bot.core.stored import Pending, Receipt
from bot.lanes import Courier, NowLane
from storage.store import SqlStore
from tests.fakes import ADA, MO, NOON, OTHER, ROOM, FakeClock, deleted, edited, eventually, said


@dataclass(slots=True)
class Judge:
    """Remembers what it began and what it finished. `held` events wait until they are let go."""

    held: dict[str, asyncio.Event] = field(default_factory=dict)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    began: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def decide(self, event: Event) -> None:
        self.began.append(event.id)
        if event.id in self.held:
            await self.held[event.id].wait()
        if self.failures.get(event.id):
            raise self.failures[event.id].pop(0)
        self.done.append(event.id)

    def hold(self, *events: Event) -> None:
        self.held |= {event.id: asyncio.Event() for event in events}

    def let_go(self, event: Event) -> None:
        self.held[event.id].set()


@asynccontextmanager
async def in_time(seconds: float = 10.0) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


async def test_events_about_one_message_are_judged_in_the_order_they_were_heard() -> None:
    judge = Judge()
    judge.hold(said("first"))
    lane = NowLane(judge.decide)
    for event in (said("first"), edited("second"), deleted(), said("another", "m2")):
        lane.take(event)
    await eventually(lambda: judge.done == ["m2.0"])
    assert judge.began == ["m1.0", "m2.0"]
    judge.let_go(said("first"))
    async with in_time():
        await lane.idle()
    assert judge.done == ["m2.0", "m1.0", "m1.1", "m1.gone"]


async def test_a_slow_message_holds_up_no_other() -> None:
    judge = Judge()
    judge.hold(said("slow", "m0"))
    lane = NowLane(judge.decide)
    for n in range(100):
        lane.take(said("hello", f"m{n}"))
    await eventually(lambda: len(judge.done) == 99)
    judge.let_go(said("slow", "m0"))
    async with in_time():
        await lane.idle()
    assert judge.done[-1] == "m0.0"


async def test_there_is_room_again_as_soon_as_one_is_judged() -> None:
    judge = Judge()
    judge.hold(said("one", "m1"), said("two", "m2"))
    lane = NowLane(judge.decide, limit=2)
    async with in_time():
        await lane.room()
        lane.take(said("one", "m1"))
        await lane.room()
    lane.take(said("two", "m2"))
    waiting = asyncio.create_task(lane.room())
    await eventually(lambda: len(judge.began) == 2)
    assert not waiting.done()
    judge.let_go(said("two", "m2"))
    async with in_time():
        await waiting
    judge.let_go(said("one", "m1"))
    async with in_time():
        await lane.idle()


async def test_what_is_urgent_finds_room_where_nothing_else_does() -> None:
    judge = Judge()
    events = [said(str(number), f"m{number}") for number in range(4)]
    judge.hold(*events)
    lane = NowLane(judge.decide, limit=1)
    for event in events:
        async with in_time():
            await lane.room(urgent=True)
        lane.take(event)
    waiting = [asyncio.create_task(lane.room(urgent=urgent)) for urgent in (True, False)]
    await eventually(lambda: len(judge.began) == 4)
    assert not any(each.done() for each in waiting)
    judge.let_go(events[0])
    async with in_time():
        await waiting[0]
    assert not waiting[1].done()
    for event in events[1:]:
        judge.let_go(event)
    async with in_time():
        await waiting[1]
        await lane.idle()


async def test_a_lane_that_has_nothing_to_do_is_idle() -> None:
    async with in_time():
        await NowLane(Judge().decide).idle()


async def test_what_may_pass_by_itself_is_tried_again_before_what_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "AGAIN", 0.01)
    judge = Judge(failures={"m1.0": [Transient("the database is locked")] * 3})
    lane = NowLane(judge.decide)
    lane.take(said("first"))
    lane.take(edited("second"))
    async with in_time():
        await lane.idle()
    assert (judge.began, judge.done) == (["m1.0"] * 4 + ["m1.1"], ["m1.0", "m1.1"])


async def test_a_bug_costs_one_event_and_not_the_lane() -> None:
    judge = Judge(failures={"m1.0": [ValueError("a bug")]})
    lane = NowLane(judge.decide, limit=1)
    lane.take(said("first"))
    lane.take(edited("second"))
    async with in_time():
        await lane.idle()
        await lane.room()
    assert (judge.began, judge.done) == (["m1.0", "m1.1"], ["m1.1"])


async def test_many_events_about_one_message_leave_nothing_behind() -> None:
    judge = Judge()
    lane = NowLane(judge.decide)
    for n in range(200):
        lane.take(edited("again", revision=n))
    async with in_time():
        await lane.idle()
    assert judge.done == [f"m1.{n}" for n in range(200)]
    assert not lane._last  # noqa: SLF001  # what would grow without bounds has no other name


class CountingStore(SqlStore):
    """Counts how often it is asked what is due, and how often what will be. Without `held`, answers take their time."""

    questions = 0
    looks_ahead = 0

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.held = asyncio.Event()
        self.held.set()

    async def next_delivery(self, now: datetime) -> datetime | None:
        self.looks_ahead += 1
        return await super().next_delivery(now)

    async def pending(self, now: datetime, busy: object, limit: int) -> list[Pending]:
        self.questions += 1
        found = await super().pending(now, busy, limit)  # type: ignore[arg-type]  # handed on as it came
        await self.held.wait()
        return found


@dataclass(slots=True)
class Hands:
    """Delivers rows: what it was handed, run by run. While `gate` is closed, everything takes its time."""

    store: SqlStore
    error: Exception | None = None
    until: datetime | None = None
    runs: list[list[str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def deliver(self, run: list[Pending]) -> None:
        keys = [row.note.key for row in run]
        self.runs.append(keys)
        await self.gate.wait()
        if self.error:
            raise self.error
        if self.until is not None:
            await self.store.postpone(keys, self.until)
            self.until = None
            return
        await self.store.delivered(keys, Receipt())


@dataclass(slots=True)
class Office:
    """A courier at work over a real outbox."""

    store: CountingStore
    clock: FakeClock = field(default_factory=FakeClock)
    hands: Hands = field(init=False)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.hands = Hands(self.store)
        self.courier = Courier(self.store, self.hands.deliver, self.clock)

    async def write(self, stem: str, *effects: Outgoing) -> None:
        notes = [note(f"{stem}{n}", effect) for n, effect in enumerate(effects)]
        await self.store.settle(Settlement(notes=notes))

    async def rings(self, stem: str, *effects: Outgoing) -> None:
        await self.write(stem, *effects)
        self.courier.ring()

    async def asleep(self) -> None:
        """Wait until the courier has asked when something will be due next, and waits for that."""
        before = self.store.looks_ahead
        self.courier.ring()
        await eventually(lambda: self.store.looks_ahead > before)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.courier.run())
        try:
            yield
        finally:
            self.hands.gate.set()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            async with in_time():
                await self.courier.idle()


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    store = await CountingStore.open("sqlite://")
    assert isinstance(store, CountingStore)
    yield Office(store)
    await store.close()


def remove(message_id: str = "m1") -> Delete:
    return Delete(to=ROOM, message_ids=(message_id,), reason="spam")


POST, ELSEWHERE = Post(to=ROOM, text="hello"), Post(to=OTHER, text="hello")
KICK = Restrict(to=ROOM, user_id=ADA.id, penalty=Penalty.KICK, reason="spam")


async def test_rows_are_handed_over_when_the_bell_rings(office: Office) -> None:
    async with office.working():
        await eventually(lambda: office.store.questions)
        await office.rings("a", POST, POST)
        await eventually(lambda: office.hands.runs == [["a0", "a1"]])


async def test_urgent_rows_go_first_and_each_place_by_itself(office: Office) -> None:
    await office.write("a", POST, ELSEWHERE, KICK, remove("m1"), KICK, remove("m2"))
    async with office.working():
        await eventually(lambda: len(office.hands.runs) == 4)
    assert office.hands.runs == [["a2", "a4"], ["a0"], ["a1"], ["a3", "a5"]]


async def test_cleaning_up_waits_for_restrictions_of_its_community_and_not_for_ever(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(remove("m2"), to=Address("fake", "T2", "general"))
    office.hands.gate.clear()
    async with office.working():
        await office.rings("a", remove(), KICK, elsewhere)
        await eventually(lambda: office.hands.runs == [["a1"], ["a2"]])
        monkeypatch.setattr(lanes, "HEAD_START", 0.01)
        await office.rings("b", remove("m3"))
        await eventually(lambda: office.hands.runs == [["a1"], ["a2"], ["b0"]])
        office.hands.gate.set()
        await eventually(lambda: len(office.hands.runs) == 4)
    assert office.hands.runs[3] == ["a0"]


async def test_posts_wait_for_those_under_way_in_their_place_and_deletions_do_not(office: Office) -> None:
    office.hands.gate.clear()
    async with office.working():
        await office.rings("first", POST)
        await eventually(lambda: office.hands.runs == [["first0"]])
        await office.rings("second", POST, remove(), ELSEWHERE)
        await eventually(lambda: len(office.hands.runs) == 3)
        assert office.hands.runs == [["first0"], ["second1"], ["second2"]]
        office.hands.gate.set()
        await eventually(lambda: len(office.hands.runs) == 4)
    assert office.hands.runs[3] == ["second0"]


async def test_a_whisper_that_takes_its_time_holds_up_neither_its_place_nor_others(office: Office) -> None:
    office.hands.gate.clear()
    ada, mo = (replace(POST, whisper_to=who.id) for who in (ADA, MO))
    async with office.working():
        await office.rings("a", ada)
        await eventually(lambda: office.hands.runs == [["a0"]])
        await office.rings("b", ada, mo, POST)
        await eventually(lambda: len(office.hands.runs) == 3)
        assert sorted(office.hands.runs) == [["a0"], ["b1"], ["b2"]]


async def test_rows_are_found_without_a_ring_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SWEEP", 0.05)
    async with office.working():
        await eventually(lambda: office.store.questions)
        await office.write("a", POST)
        await eventually(lambda: office.hands.runs == [["a0"]])


@pytest.mark.parametrize("effect", [POST, remove()])
async def test_what_was_postponed_comes_back_at_its_time(office: Office, effect: Outgoing) -> None:
    office.hands.until = NOON + timedelta(hours=1)
    async with office.working():
        await office.rings("a", effect)
        await eventually(lambda: office.hands.runs == [["a0"]])
        asked = office.store.questions
        office.courier.ring()
        await eventually(lambda: office.store.questions > asked)
        assert office.hands.runs == [["a0"]]
        office.clock.step(3600)
        office.courier.ring()
        await eventually(lambda: office.hands.runs == [["a0"], ["a0"]])


@pytest.mark.parametrize("effect", [POST, remove()])
async def test_a_short_pause_is_over_without_any_ring(office: Office, effect: Outgoing) -> None:
    """By the time the row is postponed the courier sleeps, and the sweep is far off."""
    office.hands.until = NOON + timedelta(seconds=0.2)
    office.hands.gate.clear()
    async with office.working():
        await office.rings("a", effect)
        await eventually(lambda: office.hands.runs == [["a0"]])
        await office.asleep()
        office.hands.gate.set()
        await eventually(lambda: office.hands.until is None)
        office.clock.step(1)
        await eventually(lambda: len(office.hands.runs) == 2, seconds=2)


async def test_more_deletions_than_fit_into_one_look_go_out_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "ROWS", 5)
    await office.write("a", *(remove(f"m{n}") for n in range(12)))
    async with office.working():
        await eventually(lambda: sum(map(len, office.hands.runs)) == 12, seconds=2)


async def test_what_a_failed_deletion_leaves_to_say_is_said_at_once(office: Office) -> None:
    async def fails(run: list[Pending]) -> None:
        await office.hands.deliver(run)
        if run[0].note.urgent:
            await office.write("alert", POST)

    office.courier.deliver = fails
    office.hands.gate.clear()
    async with office.working():
        await office.rings("a", remove())
        await eventually(lambda: office.hands.runs == [["a0"]])
        await office.asleep()
        office.hands.gate.set()
        await eventually(lambda: office.hands.runs == [["a0"], ["alert0"]], seconds=2)


@pytest.mark.parametrize("held", [POST, remove()])
async def test_nothing_is_asked_while_there_is_nothing_to_do(office: Office, held: Outgoing) -> None:
    """One row is under way and takes its time; one waits behind a row that is due in an hour."""
    await office.write("a", ELSEWHERE, ELSEWHERE)
    await office.store.postpone(["a0"], NOON + timedelta(hours=1))
    office.hands.gate.clear()
    async with office.working():
        await office.rings("b", held)
        await eventually(lambda: office.hands.runs == [["b0"]])
        before = office.store.questions
        await asyncio.sleep(0.5)
        assert office.store.questions - before <= 2


async def test_a_delivery_that_breaks_does_not_stop_the_others(office: Office) -> None:
    office.hands.error = ValueError("a bug")
    async with office.working():
        await office.rings("a", POST)
        await eventually(lambda: office.hands.runs)
        office.hands.error = None
        await office.rings("b", ELSEWHERE)
        await eventually(lambda: ["b0"] in office.hands.runs)


@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_when_it_is_told_to_even_if_the_bell_rings_at_that_moment(office: Office, turns: int) -> None:
    task = asyncio.create_task(office.courier.run())
    await eventually(lambda: office.store.questions)
    await office.store.accept([], None)
    office.courier.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    async with in_time(2):
        await asyncio.wait([task])
    assert task.cancelled()


async def test_what_falls_due_right_after_a_look_is_not_left_to_the_sweep(office: Office) -> None:
    await office.write("a", POST)
    await office.store.postpone(["a0"], NOON + timedelta(milliseconds=1))
    async with office.working():
        await eventually(lambda: office.store.questions)
        office.clock.step(0.01)
        await eventually(lambda: office.hands.runs == [["a0"]], seconds=2)


@pytest.mark.parametrize("effect", [POST, remove()])
async def test_a_delivery_that_breaks_is_not_tried_in_a_hot_loop(office: Office, effect: Outgoing) -> None:
    office.hands.error = ValueError("a bug")
    async with office.working():
        await office.rings("a", effect)
        await eventually(lambda: office.hands.runs)
        await asyncio.sleep(0.3)
        assert office.hands.runs == [["a0"]]
        office.hands.error = None
        await eventually(lambda: office.hands.runs == [["a0"], ["a0"]], seconds=3)


async def test_it_is_idle_when_nothing_is_due_and_nothing_under_way(office: Office) -> None:
    office.hands.gate.clear()
    async with office.working():
        await office.rings("a", POST)
        await eventually(lambda: office.hands.runs)
        idle = asyncio.create_task(office.courier.idle())
        await office.store.accept([], None)
        assert not idle.done()
        office.hands.gate.set()
        async with in_time():
            assert await idle
        await office.write("b", POST)
        await office.store.postpone(["b0"], NOON + timedelta(hours=1))
        assert await office.courier.idle()


async def test_the_lane_tells_how_long_the_oldest_event_waits_and_each_one_took() -> None:
    judge, took = Judge(), list[float]()
    judge.hold(said("slow", "m0"))
    lane = NowLane(judge.decide, decided=took.append)
    assert lane.oldest == 0.0
    lane.take(said("slow", "m0"))
    await asyncio.sleep(0.02)
    lane.take(said("quick", "m1"))
    await eventually(lambda: len(took) == 1)
    assert lane.oldest >= 0.02
    judge.let_go(said("slow", "m0"))
    await lane.idle()
    assert took[1] >= 0.02 > took[0]


async def test_what_ends_while_the_outbox_is_read_is_not_done_again(office: Office) -> None:
    """The read may have begun before a row was delivered, and be answered afterwards."""
    office.hands.gate.clear()
    async with office.working():
        await office.rings("a", remove())
        await eventually(lambda: office.hands.runs == [["a0"]])
        asked = office.store.questions
        office.store.held.clear()
        office.courier.ring()
        await eventually(lambda: office.store.questions > asked)
        office.hands.gate.set()
        await eventually(lambda: not office.courier._tasks)  # noqa: SLF001  # nobody else knows that it has ended
        office.store.held.set()
        await office.asleep()
    assert office.hands.runs == [["a0"]]
