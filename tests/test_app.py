"""The whole house with fake platforms: what stops, what goes on, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import app as composition
from bot import text
from bot.app import App
from bot.assembly import Judging
from bot.core.effect import Delete, Edit, Effect, Post
from bot.core.errors import Revoked
from bot.core.event import Author, ButtonPressed, MessagePosted, Role
from bot.core.evidence import Decision
from bot.core.ports import Connector
from bot.core.settlement import Outcome, Settlement, note
from bot.core.stored import Heard
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode, ModerationSettings
from storage.store import SqlStore
from tests.fakes import (
    MAX,
    MO,
    MODS,
    ROOM,
    FakeClock,
    FakeConnector,
    asked,
    edited,
    eventually,
    opened,
    outbox,
    pressed,
    said,
)

SETTINGS = ModerationSettings(
    mode=Mode.AUTO,
    review_room=str(MODS),
    model=False,
    tell_author=False,
    audit_rate=0,
    audit_rate_acted=0,
    rules={"vile": WordRule(words=("vile",)), "odd": WordRule(words=("odd",), score=0.9)},
)
REMOVED = Delete(to=ROOM, message_ids=("m1",), reason=text.REMOVED_REASON)
RENEW = Revoked("The token was revoked: make a new one.")


def house(store: SqlStore, clock: FakeClock | None = None, **connectors: Connector) -> App:
    return App(store, Judging.of(SETTINGS, []), clock or FakeClock(), connectors=dict(connectors))


@asynccontextmanager
async def running(app: App) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(app.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ended(task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        await task


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with opened() as store:
        yield store


def elsewhere(message: MessagePosted) -> MessagePosted:
    return replace(message, where=replace(message.where, platform="other"))


async def test_what_is_heard_is_judged_and_what_is_vile_is_removed(store: SqlStore) -> None:
    fake = FakeConnector()
    async with running(house(store, fake=fake)):
        fake.hears(said("hello", "m0"), said("vile"), said("bye", "m2"))
        await eventually(lambda: fake.performed == [REMOVED])


async def test_a_connection_that_ends_with_a_revoked_token_leaves_the_others_alone(store: SqlStore) -> None:
    fake, other = FakeConnector(), FakeConnector()
    app = house(store, fake=fake, other=other)
    async with running(app) as task:
        fake.hears(RENEW)
        await eventually(lambda: app.stopped)
        other.hears(elsewhere(said("vile")))
        await eventually(lambda: other.performed)
        assert (app.stopped, fake.runs, task.done()) == ({"fake": RENEW}, 1, False)


async def test_a_token_that_is_revoked_while_we_act_stops_only_that_platform(store: SqlStore) -> None:
    fake, other = FakeConnector(failures=[RENEW] * 9), FakeConnector()
    app = house(store, fake=fake, other=other)
    async with running(app) as task:
        fake.hears(said("vile"))
        await eventually(lambda: app.stopped)
        other.hears(elsewhere(said("vile")))
        await store.settle(Settlement(notes=[note("late", Post(to=ROOM, text="hello"))]))
        app.courier.ring()
        await eventually(lambda: other.performed)
        async with asyncio.timeout(10):
            await app.idle()
        assert (app.stopped, task.done()) == ({"fake": RENEW}, False)
        fake.hears(said("is anybody there?", "m2"))
        assert fake.asked == [REMOVED]
    assert [row.note.key for row in await outbox(store)] == ["fake:m1.0/0", "late"]


async def test_what_a_revoked_token_left_undone_is_done_after_the_next_start(store: SqlStore) -> None:
    clock = FakeClock()
    fake = FakeConnector(failures=[RENEW])
    app = house(store, clock, fake=fake)
    fake.hears(said("vile"))
    await ended(asyncio.create_task(app.run()))
    assert (app.stopped, fake.performed) == ({"fake": RENEW}, [])
    clock.step(60)
    async with running(house(store, clock, fake=fake)):
        await eventually(lambda: fake.performed == [REMOVED])


async def test_it_ends_when_the_last_connector_has_ended(store: SqlStore) -> None:
    fake, other = FakeConnector(), FakeConnector()
    fake.hears(said("vile"), None)
    other.hears(RENEW)
    app = house(store, fake=fake, other=other)
    await ended(asyncio.create_task(app.run()))
    assert (fake.performed, app.stopped) == ([REMOVED], {"other": RENEW})


async def test_a_connector_that_breaks_is_started_again(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "RECONNECT_SECONDS", 0.01)
    fake = FakeConnector()
    app = house(store, fake=fake)
    async with running(app):
        fake.hears(ValueError("a bug"), ValueError("a bug"), said("vile"))
        await eventually(lambda: fake.performed == [REMOVED])
    assert (fake.runs, app.stopped) == (3, {})


async def test_what_was_heard_before_the_end_is_still_judged_and_performed(store: SqlStore) -> None:
    fake = FakeConnector()
    fake.gate.clear()
    app = house(store, fake=fake)
    task = asyncio.create_task(app.run())
    fake.hears(said("vile"), *(said("vile", f"m{n}") for n in range(2, 50)))
    await eventually(lambda: fake.asked and fake.wire.empty())
    await app.lane.idle()
    task.cancel()
    fake.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await ended(task)
    accepted = [one async for one in store.scan()]
    assert [one.verdict.outcome if one.verdict else None for one in accepted] == [Outcome.ACTED] * len(accepted)
    assert len(fake.performed) == len(accepted)
    assert await outbox(store) == []


async def test_the_end_does_not_wait_for_ever_and_the_rest_is_done_after_the_next_start(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "DRAIN_SECONDS", 0.1)
    stuck = FakeConnector()
    stuck.gate.clear()
    task = asyncio.create_task(house(store, fake=stuck).run())
    stuck.hears(said("vile"))
    await eventually(lambda: stuck.asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ended(task)
    well = FakeConnector()
    async with running(house(store, fake=well)):
        await eventually(lambda: well.performed == [REMOVED])
    assert stuck.performed == []


async def test_what_was_accepted_before_a_crash_is_judged_after_the_next_start(store: SqlStore) -> None:
    fake = FakeConnector()
    await store.accept([Heard(said("vile")), Heard(said("hello", "m2"))], None)
    async with running(house(store, fake=fake)):
        await eventually(lambda: fake.performed == [REMOVED])


@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_even_if_a_job_is_announced_at_that_moment(store: SqlStore, turns: int) -> None:
    app = house(store, fake=FakeConnector())
    serving = asyncio.create_task(app.queue.serve(app.path.work))
    # The queue looks at the rows, finds none and goes to sleep.
    for _ in range(3):
        await store.next_due()
    app.queue.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    serving.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait([serving])
    assert serving.cancelled()


async def test_idle_means_judged_and_delivered(store: SqlStore) -> None:
    fake = FakeConnector()
    app = house(store, fake=fake)
    async with running(app):
        for n in range(20):
            fake.hears(said("vile", f"m{n}"))
        await eventually(fake.wire.empty)
        async with asyncio.timeout(10):
            await app.idle()
        assert len(fake.performed) == 20


async def test_a_moderators_setting_holds_for_the_next_message(store: SqlStore) -> None:
    fake = FakeConnector()
    async with running(house(store, fake=fake)) as task:
        fake.hears(asked("mode", MO, mode="shadow"))
        await eventually(lambda: fake.performed)
        fake.hears(said("vile"), None)
        await ended(task)
    assert [type(effect) for effect in fake.performed] == [Post]
    assert [one.verdict.outcome async for one in store.scan() if one.verdict] == [Outcome.SHADOWED]


async def test_an_edit_that_evades_is_judged_again(store: SqlStore) -> None:
    fake = FakeConnector()
    async with running(house(store, fake=fake)):
        fake.hears(said("hello"), edited("vile"))
        await eventually(lambda: fake.performed == [REMOVED])
    assert [(one.event.text, one.verdict.outcome) async for one in store.scan() if one.verdict] == [
        ("hello", Outcome.APPROVED),
        ("vile", Outcome.ACTED),
    ]


async def test_two_moderators_press_at_once_and_a_third_after_a_restart(tmp_path: Path) -> None:
    url, ivy = f"sqlite:///{tmp_path}/house.db", replace(MO, id="u4", name="Ivy")
    fake = FakeConnector()
    fake.roles["u4"] = Role.MODERATOR
    async with opened(url) as store, running(house(store, fake=fake)):
        fake.hears(said("odd"))
        await eventually(lambda: fake.performed)
        fake.hears(_presses(MO, "remove"), _presses(MAX, "approve"))
        await eventually(lambda: len(_told(fake)) == 2)
    async with opened(url) as store, running(house(store, fake=fake)):
        fake.hears(_presses(MO, "remove"), _presses(ivy, "timeout"))
        await eventually(lambda: len(_told(fake)) == 3)
        case = await store.case(1)
    assert case is not None
    sentence = text.decided(1, Decision.REMOVE, "Mo", case.decided_at)
    assert _told(fake) == [(MO.id, sentence), (MAX.id, sentence), ("u4", sentence)]
    assert [effect for effect in fake.performed if isinstance(effect, Delete)] == [REMOVED]
    assert sum(isinstance(effect, Edit) for effect in fake.performed) == 1


def _presses(who: Author, decision: str) -> ButtonPressed:
    return pressed(f"case:1:{decision}", who)


def _told(fake: FakeConnector) -> list[tuple[str, str]]:
    return [(one.whisper_to, one.text) for one in fake.performed if isinstance(one, Post) and one.whisper_to]


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
async def test_a_clock_that_is_stepped_changes_no_order_and_delays_nothing(store: SqlStore, step: float) -> None:
    """Revisions, not times, say which text is the newest; an edit may be older than its message by the clock."""
    fake, clock = FakeConnector(), FakeClock(datetime.now(UTC))
    await store.settle(Settlement(notes=[note("before", REMOVED)]))
    clock.step(step)
    async with running(house(store, clock, fake=fake)):
        await eventually(lambda: fake.performed == [REMOVED], seconds=3)
        clock.step(step)
        fake.hears(said("hello", "m2"), replace(edited("vile", "m2"), at=clock()), said("vile", "m3"))
        await eventually(lambda: len(fake.performed) == 3, seconds=3)
    assert sorted(_removed(fake.performed)) == ["m1", "m2", "m3"]


def _removed(effects: Sequence[Effect]) -> list[str]:
    return [one for effect in effects if isinstance(effect, Delete) for one in effect.message_ids]


async def test_what_is_asked_of_us_and_what_is_sure_to_go_is_urgent(store: SqlStore) -> None:
    events = (said("vile"), asked("mode"), pressed("case:1:remove", MO), asked("why", message="m1"), said("odd"))
    assert [house(store).urgent(event) for event in events] == [True, True, True, False, False]
