"""The composition root: puts the house together from its settings, runs it, and lets it end well."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from bot.assembly import Judging, commands, jobs, pipelines
from bot.core.action import Later
from bot.core.address import Address
from bot.core.command import Suggestion
from bot.core.errors import Revoked, Transient
from bot.core.event import ButtonPressed, CommandGiven, Event, Message
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Clock, Connector, Pipeline
from bot.core.settlement import Settlement
from bot.core.stored import Cursor, Heard, Pending, Store
from bot.delivery import Delivery
from bot.lanes import Courier, NowLane
from bot.models import Models, shipped_models
from bot.outlets import LIVE, Outlets
from bot.parts import PIPELINES
from bot.path import Path
from bot.polling import PollBook
from connectors.spec import Wiring
from pipelines.answer.jobs import Answering
from pipelines.desk.page import Page
from pipelines.desk.pipeline import Desk
from pipelines.moderation.backing import shipped_evidence
from pipelines.moderation.earned import Book
from pipelines.moderation.pipeline import Moderation
from pipelines.polls.drawing import PollText
from pipelines.review.card import CardText
from storage.queue_inprocess import InProcessQueue

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0
RECONNECT_SECONDS = 5.0
# What is meant for a platform that refuses us waits for a start with a new token, and is due soon after it.
REFUSED_PAUSE = timedelta(seconds=30)


def utc_now() -> datetime:
    """The clock everybody is given."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """One process with all its connectors, which may be filled in until `run` is called.

    `pipelines` are the shipped ones unless others are given; without others `asked`, they ask the shipped models.
    """

    store: Store
    judging: Judging
    clock: Clock = utc_now
    outlets: Outlets = LIVE
    pipelines: Sequence[Pipeline] | None = None
    connectors: dict[str, Connector] = field(default_factory=dict)
    stopped: dict[str, Revoked] = field(default_factory=dict)
    meter: Meter = field(default_factory=Unmetered)
    answering: Answering = field(default_factory=Answering)
    asked: Models | None = None
    models: Models = field(init=False)
    path: Path = field(init=False)
    lane: NowLane = field(init=False)
    courier: Courier = field(init=False)
    queue: InProcessQueue = field(init=False)
    book: Book = field(init=False)
    _listening: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _scrubbing: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.lane = NowLane(self._decide, decided=self.meter.decided)
        self.queue = InProcessQueue(self.store, self.clock)
        self.book = Book(shipped_evidence, self.store.calibration)
        shipped = self.asked is None and self.pipelines is None
        self.models = Models(shipped_models(self.meter)) if shipped else self.asked or Models()
        self.path = Path(
            connectors=self.connectors,
            pipelines=self._shipped() if self.pipelines is None else self.pipelines,
            store=self.store,
            delivery=self._delivery(),
            clock=self.clock,
            lane=self.lane.take,
            settled=self.settled,
            jobs=jobs(self.judging, self.answering),
            outlets=self.outlets,
        )
        self.courier = Courier(self.store, self._deliver, self.clock)

    def _shipped(self) -> Sequence[Pipeline]:
        return pipelines(self.judging, self.models, self.book, self.answering)

    async def run(self) -> None:
        """Take up what was left, listen until cancelled or until no connector is left, and drain."""
        await self._recall()
        await self.path.recover()
        await self._stand()
        listening = {name: asyncio.create_task(self._listen(name, one)) for name, one in self.connectors.items()}
        self._listening = listening
        working = [asyncio.create_task(self.courier.run()), asyncio.create_task(self.queue.serve(self.path.work))]
        try:
            await _until_over(listening.values(), working)
        finally:
            await _cancel(listening.values())
            await self._drain()
            await _cancel(working)
            if self._scrubbing is not None:
                await self._scrubbing
            await self.models.close()
            await self.answering.close()

    @property
    def listening(self) -> bool:
        """Whether what was left is taken up and connectors listen."""
        return bool(self._listening)

    async def _recall(self) -> None:
        for one in self.path.pipelines:
            if isinstance(one, Moderation):
                await one.recall(self.path.context)

    async def _stand(self) -> None:
        """See to it that what always runs does: such a job asks for its next turn by itself."""
        names = [name for spec in PIPELINES for name in spec.standing]
        jobs = [Later(job=name, key="standing", at=self.clock()) for name in names]
        await self.store.settle(Settlement(cause="start", jobs=jobs))

    async def ingest(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        """Where connectors bring what they hear; waits while too much is under way, least with what is urgent."""
        for platform, events in Counter(one.event.where.platform for one in heard).items():
            self.meter.heard(platform, events)
        await self.lane.room(urgent=all(self.urgent(one.event) for one in heard))
        await self.path.accept(heard, cursor)

    def urgent(self, event: Event) -> bool:
        """Whether it goes before what is said around it: what is asked of us, and what the rules have removed."""
        if isinstance(event, ButtonPressed):
            return True
        # What is about a message must not come before it.
        if isinstance(event, CommandGiven):
            return not (event.message_id or event.option("message"))
        return any(one.urgent(event) for one in self.path.pipelines if isinstance(one, Moderation))

    async def idle(self) -> None:
        """Wait until everything that was heard is judged and everything that is due is delivered."""
        await self.lane.idle()
        while not await self.courier.idle():
            self.courier.ring()
            await asyncio.sleep(0.01)

    def settled(self, settlement: Settlement) -> None:
        """Take over changed settings, and wake whoever has something to do."""
        self.meter.settled(settlement)
        for change in settlement.settings:
            self.judging.put(change)
        if settlement.notes or settlement.reviews or settlement.decisions:
            self.courier.ring()
        if settlement.jobs:
            self.queue.ring()
        if settlement.erased:
            self._scrubbing = asyncio.create_task(self._scrub())

    def wiring(self) -> Wiring:
        """What a connector of this application is lent."""
        return Wiring(
            commands=commands(),
            position=self.store.position,
            clock=self.clock,
            settled=self.idle,
            suggest=self._suggest,
            page=self._page,
            urgent=self.urgent,
            refusal=self._refusal,
        )

    async def _scrub(self) -> None:
        """Rows are gone already; that the file still holds them must not last, and must not stop anything."""
        try:
            await self.store.scrub()
        except Transient as error:
            log.warning("forgotten, but not yet overwritten", reason=str(error))

    async def _suggest(self, given: CommandGiven, option: str) -> Sequence[Suggestion]:
        desk = next((one for one in self.path.pipelines if isinstance(one, Desk)), None)
        return await desk.suggest(given, option, self.path.context) if desk else ()

    async def _page(self, community: Address, member: str) -> str:
        page = Page(commands(), self.judging.mode)
        return await page.text(community, member, self.path.context)

    async def _refusal(self, message: Message) -> str:
        judges = [one for one in self.path.pipelines if isinstance(one, Moderation)]
        return await judges[0].refusal(message) if judges else ""

    def _delivery(self) -> Delivery:
        return Delivery(
            connectors=self.connectors,
            store=self.store,
            cards=CardText(),
            polls=PollBook(self.store, PollText(), self.clock),
            review_room=self.judging.review_room,
            clock=self.clock,
            jitter=random.random,
            meter=self.meter,
        )

    async def _decide(self, event: Event) -> None:
        await self.path.decide(event)

    async def _deliver(self, run: list[Pending]) -> None:
        """A platform that refuses us is asked no more; the others go on."""
        name = run[0].note.effect.to.platform
        if name not in self.stopped:
            try:
                await self.path.deliver(run)
            except Revoked as error:
                self._stop(name, error)
            else:
                return
        await self.store.postpone([row.note.key for row in run], self.clock() + REFUSED_PAUSE)

    def _stop(self, name: str, error: Revoked) -> None:
        if name in self.stopped:
            return
        self.stopped[name] = error
        log.error("connector stopped", connector=name, reason=str(error))
        if name in self._listening:
            self._listening[name].cancel()

    async def _listen(self, name: str, connector: Connector) -> None:
        while True:
            try:
                await connector.run(self.ingest)
            except Revoked as error:
                self._stop(name, error)
                return
            except Exception:  # boundary: one connector's bug must not silence the others
                log.exception("connector failed", connector=name)
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                return

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.idle()
        except TimeoutError:
            log.warning("stopped with work left, which the next start takes up")


async def _until_over(listening: Iterable[asyncio.Task[None]], working: Iterable[asyncio.Task[None]]) -> None:
    """Until all connectors have ended; whatever breaks the work itself breaks this."""
    over = asyncio.create_task(_all(listening))
    done, _ = await asyncio.wait([over, *working], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def _all(tasks: Iterable[asyncio.Task[None]]) -> None:
    # One that was stopped is over like one that ended.
    await asyncio.gather(*tasks, return_exceptions=True)


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
