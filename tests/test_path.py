"""What happens to an event between a connector's `ingest` and the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.core.action import Action, Configure, Decide, Halt, Judged, Later, Outlet
from bot.core.address import Address
from bot.core.capability import Capabilities
from bot.core.effect import Card, Delete, Effect, OpenPoll, Post
from bot.core.errors import Rejected, Transient
from bot.core.event import Event
from bot.core.evidence import Decision, Evidence, Finding
from bot.core.ports import Context, JobHandler, Pipeline
from bot.core.settlement import Note, Outcome, Settlement, Verdict
from bot.core.stored import Cursor, Found, Heard, Job
from bot.delivery import Delivery
from bot.outlets import DRY, LIVE, Outlets
from bot.path import Path
from bot.polling import PollBook
from bot.text_advice import advised
from pipelines.polls.drawing import PollText
from pipelines.review.card import CardText
from storage.store import SqlStore
from tests.fakes import (
    ABLE,
    ADA,
    MO,
    MODS,
    NEVER,
    NOON,
    ROOM,
    FakeClock,
    FakeConnector,
    FakePipeline,
    always,
    deleted,
    edited,
    opened,
    outbox,
    pressed,
    said,
)

EVIDENCE = Evidence(findings=(Finding(rule="r1", label="insult", score=1.0, quote="ugly"),), score=1.0, mode="auto")
REMOVE = Delete(to=ROOM, message_ids=("m1",), reason="against the rules")
TELL = Post(to=ROOM, text="Your message was removed.", whisper_to=ADA.id)
POLL = OpenPoll(to=ROOM, question="Lunch?", options=("Pizza", "Soup"), lasts=NEVER - NOON)
HUMBLE = Capabilities(max_text=2000)


def judged(outlet: Outlet, *proposal: Effect) -> Judged:
    return Judged(outlet=outlet, evidence=EVIDENCE, proposal=proposal, review_room=MODS)


def verdict(outcome: Outcome, *would: Effect) -> Verdict:
    return Verdict(outcome=outcome, evidence=EVIDENCE, would=would)


@dataclass(slots=True)
class House:
    """A path with a fake platform; what it handed over to the lane and what it told of."""

    store: SqlStore
    pipelines: Sequence[Pipeline] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    outlets: Outlets = LIVE
    connector: FakeConnector = field(default_factory=FakeConnector)
    taken: list[Event] = field(default_factory=list)
    told: list[Settlement] = field(default_factory=list)

    @property
    def path(self) -> Path:
        clock, connectors = FakeClock(), {"fake": self.connector}
        return Path(
            connectors=connectors,
            pipelines=self.pipelines,
            store=self.store,
            delivery=Delivery(
                connectors=connectors,
                store=self.store,
                cards=CardText(),
                polls=PollBook(self.store, PollText(), clock),
                review_room=lambda _: MODS,
                clock=clock,
                jitter=lambda: 1.0,
            ),
            clock=clock,
            lane=self.taken.append,
            settled=self.told.append,
            jobs=self.jobs,
            outlets=self.outlets,
        )

    async def hears(self, *events: Event) -> None:
        """Accept and decide, as one path."""
        path = self.path
        for event in events:
            await path.accept([Heard(event)])
        for event in self.taken:
            await path.decide(event)
        self.taken.clear()

    async def notes(self) -> list[Note]:
        return [row.note for row in await outbox(self.store)]

    async def verdict(self, message_id: str = "m1") -> Verdict | None:
        found = await self.store.message("fake", message_id)
        return found.verdict if found else None

    async def verdicts(self) -> list[tuple[str, Outcome | None]]:
        return [(one.event.id, one.verdict.outcome if one.verdict else None) async for one in self.store.scan()]


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with opened() as store:
        yield store


async def test_an_event_is_taken_once_however_often_it_is_heard(store: SqlStore) -> None:
    house = House(store)
    for _ in range(3):
        await house.path.accept([Heard(said("hello")), Heard(said("hello"))], Cursor("room", "17"))
    assert house.taken == [said("hello")]
    assert await store.position("room") == "17"


async def test_everything_an_event_causes_is_written_together_with_its_verdict(store: SqlStore) -> None:
    reminder = Later(job="remind", key="mods", at=NOON)
    setting = Configure(scope="", key="moderation.mode", value="auto", by="Mo")
    house = House(store, [always(judged(Outlet.LIVE, REMOVE, TELL), reminder, setting)])
    await house.hears(said("you are ugly"))
    assert await house.verdict() == verdict(Outcome.ACTED)
    assert await house.notes() == [
        Note(key="fake:m1.0/0", effect=REMOVE, urgent=True),
        Note(key="fake:m1.0/1", effect=TELL),
    ]
    assert await store.lease(NOON, NEVER, 9) == [Job(name="remind", key="mods")]
    assert await store.settings() == [setting]
    assert await store.unhandled() == []


async def test_nothing_is_written_when_the_transaction_fails(store: SqlStore) -> None:
    """A scope that is no text breaks the last statement of the transaction."""
    broken = Configure(scope=object(), key="moderation.mode", value="auto", by="Mo")  # type: ignore[arg-type]  # the fault
    house = House(store, [always(judged(Outlet.LIVE, REMOVE), broken)])
    with pytest.raises(Exception, match="type 'object' is not supported"):
        await house.hears(said("you are ugly"))
    assert (await house.verdict(), await house.notes(), house.told) == (None, [], [])
    assert await store.unhandled() == [said("you are ugly")]


async def test_an_events_cookie_goes_back_with_its_effects(store: SqlStore) -> None:
    house = House(store, [always(TELL)])
    await house.hears(replace(said("hello"), cookie="c"))
    assert await house.notes() == [Note(key="fake:m1.0/0", effect=TELL, cookie="c")]


async def test_halt_keeps_an_event_from_later_pipelines(store: SqlStore) -> None:
    later = always(TELL)
    house = House(store, [always(judged(Outlet.CLEAR)), always(Halt(reason="moderated")), later])
    await house.hears(said("you are ugly"))
    assert await house.verdict() == verdict(Outcome.APPROVED)
    assert (later.heard, await house.notes()) == ([], [])


async def test_a_broken_pipeline_silences_only_itself(store: SqlStore) -> None:
    house = House(store, [always(judged(Outlet.CLEAR)), always(REMOVE, ValueError("a bug")), always(TELL)])
    await house.hears(said("hello"))
    assert await house.notes() == [Note(key="fake:m1.0/0", effect=TELL)]
    assert await house.verdict() == verdict(Outcome.APPROVED)


async def test_moderation_that_breaks_asks_a_person(store: SqlStore) -> None:
    moderation = FakePipeline(
        lambda _: [ValueError("a bug")], otherwise=[judged(Outlet.REVIEW, REMOVE), Halt(reason="not checked")]
    )
    later = always(TELL)
    house = House(store, [moderation, later])
    await house.hears(said("hello"))
    assert await house.verdict() == verdict(Outcome.ASKED)
    assert await house.notes() == [Note(key="case1/fake:m1.0", effect=Card(to=MODS, case=1))]
    assert later.heard == []


async def test_what_may_pass_by_itself_is_left_to_the_lane(store: SqlStore) -> None:
    house = House(store, [always(Transient("busy"))])
    with pytest.raises(Transient):
        await house.hears(said("hello"))
    assert await store.unhandled() == [said("hello")]


@pytest.mark.parametrize(
    ("outlet", "told", "notes", "open_case"),
    [
        (Outlet.CLEAR, verdict(Outcome.APPROVED), [], False),
        (Outlet.LIVE, verdict(Outcome.ACTED), [Note(key="fake:m1.0/0", effect=REMOVE, urgent=True)], False),
        (Outlet.REVIEW, verdict(Outcome.ASKED), [Note(key="case1/fake:m1.0", effect=Card(to=MODS, case=1))], True),
        (Outlet.WAIT, verdict(Outcome.WAITING), [], True),
        (Outlet.SHADOW, verdict(Outcome.SHADOWED, REMOVE), [], False),
    ],
)
async def test_each_outlet_has_its_own_end(
    store: SqlStore, outlet: Outlet, told: Verdict, notes: list[Note], *, open_case: bool
) -> None:
    house = House(store, [always(judged(outlet, REMOVE))])
    await house.hears(said("you are ugly"))
    assert (await house.verdict(), await house.notes()) == (told, notes)
    case = await store.open_case(ROOM, "m1")
    assert (case.proposal if case else None) == ((REMOVE,) if open_case else None)


@pytest.mark.parametrize("outlet", Outlet)
async def test_a_dry_run_does_nothing(store: SqlStore, outlet: Outlet) -> None:
    house = House(store, [always(judged(outlet, REMOVE), TELL, POLL)], outlets=DRY)
    await house.hears(said("you are ugly"))
    expected = verdict(Outcome.APPROVED) if outlet is Outlet.CLEAR else verdict(Outcome.SHADOWED, REMOVE)
    assert (await house.verdict(), await house.notes(), await store.open_cases(None, 9)) == (expected, [], [])


async def test_what_a_place_cannot_show_is_said_in_words(store: SqlStore) -> None:
    house = House(store, [always(POLL)], connector=FakeConnector(HUMBLE))
    await house.hears(said("lunch?"))
    assert await house.notes() == [
        Note(key="fake:m1.0/0", effect=Post(to=ROOM, text="**Lunch?**\n\n1. Pizza\n2. Soup")),
    ]


async def test_a_removal_that_is_not_allowed_becomes_a_case_and_the_author_is_told_nothing(store: SqlStore) -> None:
    house = House(store, [always(judged(Outlet.LIVE, REMOVE, TELL))], connector=FakeConnector(HUMBLE))
    await house.hears(said("you are ugly"))
    assert await house.notes() == [Note(key="case1/fake:m1.0", effect=Card(to=MODS, case=1))]
    case = await store.case(1)
    assert case is not None
    assert (case.problem, case.proposal, case.evidence) == (
        "I may not delete other people’s messages here.",
        (REMOVE, TELL),
        EVIDENCE,
    )
    assert await house.verdict() == verdict(Outcome.ASKED)


async def test_where_nothing_can_be_deleted_the_author_is_asked_instead(store: SqlStore) -> None:
    told = replace(REMOVE, tell_to=ADA.id, tell="It was removed.")
    advisory = FakeConnector(replace(HUMBLE, warns=True))
    house = House(store, [always(judged(Outlet.LIVE, told))], connector=advisory)
    await house.hears(said("you are ugly"))
    warning, card = await house.notes()
    assert card == Note(key="case1/fake:m1.0", effect=Card(to=MODS, case=1))
    assert isinstance(warning.effect, Post)
    hour = f"{NOON:%Y-%m-%dT%H}"
    assert (warning.key, warning.effect.text) == (f"warned/{ROOM}/{ADA.id}/{hour}/0", advised(ADA.name))
    await house.hears(said("you are ugly too", message_id="m2"))
    assert [each for each in await house.notes() if isinstance(each.effect, Post)] == [warning]
    assert "removed" not in warning.effect.text
    assert await house.verdict() == verdict(Outcome.ASKED)


async def test_a_decision_closes_its_case_and_its_effects_follow(store: SqlStore) -> None:
    house = House(store, [FakePipeline(_asks_then_removes)])
    await house.hears(said("you are ugly"), pressed("remove", MO))
    assert await house.notes() == [
        Note(key="fake:u2/remove/case1/0", effect=REMOVE, urgent=True),
        Note(key="case1/fake:m1.0", effect=Card(to=MODS, case=1)),
    ]
    case = await store.case(1)
    assert case is not None
    assert (case.decision, case.decided_by) == (Decision.REMOVE, "Mo")


async def test_of_two_decisions_the_first_happens(store: SqlStore) -> None:
    def decides(event: Event) -> Sequence[Action]:
        if event == said("you are ugly"):
            return [judged(Outlet.WAIT, REMOVE)]
        return [Decide(case=1, decision=Decision.REMOVE, by=event.who.name, effects=(REMOVE,))]

    house = House(store, [FakePipeline(decides)])
    await house.hears(said("you are ugly"), pressed("remove", MO), pressed("remove", ADA))
    assert await house.notes() == [Note(key="fake:u2/remove/case1/0", effect=REMOVE, urgent=True)]


async def test_a_decision_that_cannot_be_carried_out_leaves_the_case_open_with_the_problem(store: SqlStore) -> None:
    house = House(store, [FakePipeline(_asks_then_removes)], connector=FakeConnector(HUMBLE))
    await house.hears(said("you are ugly"), pressed("remove", MO))
    case = await store.open_case(ROOM, "m1")
    assert case is not None
    assert (case.decision, case.problem) == (None, "I may not delete other people’s messages here.")
    cards = ["case1/fake:m1.0", "case1/fake:u2/remove"]
    assert await house.notes() == [Note(key=key, effect=Card(to=MODS, case=1)) for key in cards]


def _asks_then_removes(event: Event) -> Sequence[Action]:
    if event == said("you are ugly"):
        return [judged(Outlet.REVIEW, REMOVE)]
    return [Decide(case=1, decision=Decision.REMOVE, by="Mo", effects=(REMOVE,))]


async def test_a_platform_that_refuses_to_say_what_can_be_done_leaves_no_message_unjudged(store: SqlStore) -> None:
    @dataclass(slots=True)
    class Closed(FakeConnector):
        async def capabilities(self, where: Address) -> Capabilities:
            raise Rejected("The room was closed.")

    house = House(store, [always(judged(Outlet.LIVE, REMOVE), TELL)], connector=Closed())
    await house.hears(said("you are ugly"))
    case = await store.open_case(ROOM, "m1")
    assert case is not None
    assert case.problem
    assert await house.verdict() == verdict(Outcome.ASKED)


async def test_a_job_yields_actions_and_is_forgotten_with_them(store: SqlStore) -> None:
    async def remind(job: Job, context: Context) -> AsyncIterator[Action]:
        yield Post(to=MODS, text=f"{job.key} waits")
        yield Later(job="remind", key="tomorrow", at=NEVER)

    house = House(store, jobs={"remind": remind})
    await store.settle(Settlement(jobs=[Later(job="remind", key="today", at=NOON)]))
    [job] = await store.lease(NOON, NEVER, 9)
    await house.path.work(job)
    assert await house.notes() == [Note(key="job/remind/today/0", effect=Post(to=MODS, text="today waits"))]
    assert await store.lease(NEVER, NEVER, 9) == [Job(name="remind", key="tomorrow")]
    assert [told.finished for told in house.told] == [("remind", "today")]


async def test_a_job_that_breaks_is_kept_and_nothing_of_it_happens(store: SqlStore) -> None:
    async def remind(job: Job, context: Context) -> AsyncIterator[Action]:
        yield Post(to=MODS, text="half")
        raise Transient("not now")

    house = House(store, jobs={"remind": remind})
    await store.settle(Settlement(jobs=[Later(job="remind", key="today", at=NOON)]))
    [job] = await store.lease(NOON, NOON, 9)
    with pytest.raises(Transient):
        await house.path.work(job)
    assert await house.notes() == []
    assert await store.lease(NOON, NEVER, 9) == [Job(name="remind", key="today", attempts=1)]


async def test_recovery_takes_up_what_was_accepted_and_not_decided(store: SqlStore) -> None:
    house = House(store, [always(judged(Outlet.CLEAR))])
    await house.hears(said("decided", "m1"))
    await house.path.accept([Heard(said("left", "m2")), Heard(said("over", "m3"))])
    house.taken.clear()
    await house.path.recover()
    assert house.taken == [said("left", "m2"), said("over", "m3")]


async def test_a_message_deleted_before_it_is_heard_is_left_alone(store: SqlStore) -> None:
    house = House(store, [FakePipeline(lambda event: [] if event == deleted() else [judged(Outlet.LIVE, REMOVE)])])
    await house.hears(deleted(), said("you are ugly"))
    assert await house.verdicts() == [("m1.0", Outcome.GONE)]
    assert await house.notes() == []


async def test_a_message_deleted_before_a_restart_is_left_alone_after_it(store: SqlStore) -> None:
    await House(store).hears(deleted())
    path = House(store, [always(judged(Outlet.LIVE, REMOVE))]).path
    await path.recover()
    await path.accept([Heard(said("you are ugly"))])
    await path.decide(said("you are ugly"))
    assert [one async for one in store.scan()] == [
        Found(
            event=said("you are ugly"),
            hash=(await _hash(store)),
            verdict=Verdict(outcome=Outcome.GONE, evidence=Evidence()),
        )
    ]


async def _hash(store: SqlStore) -> str:
    found = await store.message("fake", "m1")
    return found.hash if found else ""


async def test_an_older_text_that_comes_after_its_edit_is_left_alone(store: SqlStore) -> None:
    pipeline = always(judged(Outlet.LIVE, REMOVE))
    house = House(store, [pipeline])
    await house.hears(edited("third", revision=3), said("first"), edited("second", revision=2))
    assert pipeline.heard == [edited("third", revision=3)]
    assert await house.verdicts() == [
        ("m1.3", Outcome.ACTED),
        ("m1.0", Outcome.SUPERSEDED),
        ("m1.2", Outcome.SUPERSEDED),
    ]


async def test_an_edit_while_the_message_is_judged_is_judged_again_and_both_verdicts_stay(store: SqlStore) -> None:
    """The first text was ugly: editing it away while it is being judged does not save its author."""
    judging, go_on = asyncio.Event(), asyncio.Event()

    @dataclass(slots=True)
    class Slow(FakePipeline):
        async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
            if event == said("ugly"):
                judging.set()
                await go_on.wait()
            async for action in FakePipeline.__call__(self, event, context):
                yield action

    slow = Slow(lambda event: [judged(Outlet.LIVE, REMOVE) if event == said("ugly") else judged(Outlet.CLEAR)])
    house = House(store, [slow])
    path = house.path
    await path.accept([Heard(said("ugly"))])
    first = asyncio.create_task(path.decide(said("ugly")))
    await judging.wait()
    await path.accept([Heard(edited("nice"))])
    go_on.set()
    await first
    await path.decide(edited("nice"))
    assert [(one.event, one.verdict) async for one in store.scan()] == [
        (said("ugly"), verdict(Outcome.ACTED)),
        (edited("nice"), verdict(Outcome.APPROVED)),
    ]
    assert await house.notes() == [Note(key="fake:m1.0/0", effect=REMOVE, urgent=True)]


async def test_a_case_about_a_message_that_was_edited_since_shows_the_new_text(store: SqlStore) -> None:
    house = House(store, [always(judged(Outlet.REVIEW, REMOVE))])
    await house.hears(said("ugly"), edited("uglier"))
    case = await store.open_case(ROOM, "m1")
    assert case is not None
    assert (case.number, case.quote, case.event_key) == (1, "uglier", "fake:m1.1")
    assert [one.event async for one in store.scan()] == [said("ugly"), edited("uglier")]


async def test_a_setting_is_told_of_only_once_it_is_on_disk(store: SqlStore) -> None:
    setting = Configure(scope="", key="moderation.mode", value="auto", by="Mo")
    on_disk: list[list[Configure]] = []
    house = House(store, [always(setting)])
    original = house.path
    tasks: list[asyncio.Task[None]] = []

    async def look() -> None:
        on_disk.append(await store.settings())

    path = replace(original, settled=lambda _: tasks.append(asyncio.create_task(look())))
    await path.accept([Heard(said("hello"))])
    await path.decide(said("hello"))
    await asyncio.gather(*tasks)
    assert on_disk == [[setting]]


async def test_where_nobody_is_connected_things_are_still_decided(store: SqlStore) -> None:
    elsewhere = Address("nowhere", "T1", "general")
    post = Post(to=elsewhere, text="hello")
    house = House(store, [always(post)], connector=FakeConnector(ABLE))
    await house.hears(said("hello"))
    assert await house.notes() == [Note(key="fake:m1.0/0", effect=post)]
