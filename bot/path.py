"""The path of a message: accept, decide, deliver. Read this file first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot import text_advice
from bot.core.action import (
    Action,
    AskReview,
    Configure,
    Decide,
    Embed,
    EndPoll,
    Erase,
    Halt,
    Index,
    Judged,
    Later,
    Remember,
    Spend,
    Unlearn,
    Vote,
)
from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities, Refused, lower
from bot.core.effect import Card, Delete, Draft, Effect, Outgoing, Post, ShowPoll
from bot.core.errors import BotError, Rejected, Transient
from bot.core.event import Event, Message, MessageDeleted, MessageEdited, MessagePosted, Role
from bot.core.evidence import Evidence
from bot.core.ports import Clock, Connector, Context, JobHandler, Needs, Pipeline, Readers
from bot.core.settlement import Outcome, Settlement, Verdict, note
from bot.core.stored import Cursor, Heard, Job, Pending, Store
from bot.delivery import Delivery, reopened
from bot.failpoint import failpoint
from bot.keeping import keep, undone, write
from bot.outlets import LIVE, Outlets
from bot.revisions import Revisions

log = structlog.get_logger(__name__)

# Where nobody is connected, words are kept short until somebody is.
UNKNOWN_PLACE = Capabilities(max_text=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Everything that happens to an event between a connector's `ingest` and its `perform`.

    `lane` takes over what was accepted and calls `decide`; `settled` hears of everything that was written.
    """

    connectors: Mapping[str, Connector]
    pipelines: Sequence[Pipeline]
    store: Store
    delivery: Delivery
    clock: Clock
    lane: Callable[[Event], object]
    settled: Callable[[Settlement], object]
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    outlets: Outlets = LIVE
    revisions: Revisions = field(default_factory=Revisions)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        context = Context(
            self.store,
            self.clock,
            self.capabilities,
            self.role,
            self.readers,
            self.moderators,
            self.lacking,
            self.ban_lists,
        )
        object.__setattr__(self, "context", context)

    async def accept(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        """A connector heard something: remember it once, then let the lane decide."""
        fresh = await self.store.accept(heard, cursor)
        failpoint("after_inbox")
        self.revisions.learn(event for event in fresh if isinstance(event, MessageDeleted))
        for event in fresh:
            self.lane(event)

    async def decide(self, event: Event) -> None:
        """Ask each pipeline in turn; write everything they want in one transaction."""
        settlement = Settlement(event_key=event.key, where=event.where, at=self.clock())
        stale = self.revisions.stale(event)
        if stale is None:
            await self._ask(event, settlement)
        else:
            settlement.verdict = Verdict(outcome=stale, evidence=Evidence())
        failpoint("before_settle")
        await self.store.settle(settlement)
        failpoint("after_settle")
        self.settled(settlement)

    async def deliver(self, run: Sequence[Pending]) -> None:
        """Perform outbox rows of one place, in order, until one has to wait. Safe to repeat after a crash."""
        await self.delivery.deliver(run)

    async def work(self, job: Job) -> None:
        """Run a job: it yields actions like a pipeline and is forgotten with the transaction that keeps them."""
        stem = f"job/{job.name}/{job.key}"
        settlement = Settlement(cause=stem, at=self.clock(), finished=(job.name, job.key))
        async for action in self.jobs[job.name](job, self.context):
            await self._take(action, stem, settlement)
        await self.store.settle(settlement)
        self.settled(settlement)

    async def _ask(self, event: Event, settlement: Settlement) -> None:
        for pipeline in self.pipelines:
            for action in await self._actions(pipeline, event):
                if isinstance(action, Halt):
                    return
                if isinstance(action, Judged) and isinstance(event, MessagePosted | MessageEdited):
                    await self._route(action, event, settlement)
                else:
                    await self._take(action, event.key, settlement, event.cookie)

    async def _actions(self, pipeline: Pipeline, event: Event) -> Sequence[Action]:
        try:
            return [action async for action in pipeline(event, self.context)]
        except Transient:
            raise
        except Exception:  # boundary: one broken pipeline must not silence the others
            log.exception("pipeline failed", pipeline=pipeline.name, event_id=event.key)
            return pipeline.failed(event)

    async def _route(self, judged: Judged, event: Message, settlement: Settlement) -> None:
        self.revisions.learn([event])
        routed = self.outlets.judged[judged.outlet](judged, event)
        settlement.verdict = routed.verdict
        refused = await self._act(routed.effects, event, settlement)
        if routed.review is not None and not refused:
            settlement.reviews.append(routed.review)
        if refused:
            settlement.verdict = replace(routed.verdict, outcome=Outcome.ASKED)
            settlement.reviews.append(undone(judged, event, refused[0].reason))
            await self._warn(event, refused, settlement)

    async def _warn(self, event: Message, refused: Sequence[Refused], settlement: Settlement) -> None:
        """Where the platform lets us delete nothing, whoever would be told of a removal is asked once an hour."""
        told = any(isinstance(each.effect, Delete) and each.effect.tell for each in refused)
        if told and (await self.capabilities(event.where)).warns:
            said = Post(to=event.where, text=text_advice.advised(event.who.name), whisper_to=event.who.id)
            key = f"warned/{event.where.parent}/{event.who.id}/{self.clock():%Y-%m-%dT%H}"
            parts = [part for part in await self._lowered(said) if not isinstance(part, Refused)]
            settlement.notes += [note(f"{key}/{number}", part, event.cookie) for number, part in enumerate(parts)]

    async def _act(self, effects: Sequence[Effect], event: Message, settlement: Settlement) -> list[Refused]:
        """All of it or nothing: nobody is told of a removal that did not happen."""
        parts = [part for effect in effects for part in await self._lowered(effect)]
        refused = [part for part in parts if isinstance(part, Refused)]
        if not refused:
            write(parts, event.key, settlement, event.cookie)
        return refused

    async def _take(self, action: Action, stem: str, settlement: Settlement, cookie: str = "") -> None:
        match action:
            case AskReview():
                settlement.reviews.append(action)
            case Decide():
                await self._decision(action, settlement)
            case Halt() | Judged():
                raise TypeError(f"{type(action).__name__} belongs to a message in a pipeline")
            case (
                Later()
                | Vote()
                | EndPoll()
                | Index()
                | Embed()
                | Spend()
                | Remember()
                | Unlearn()
                | Erase()
                | Configure()
            ):
                keep(action, settlement)
            case _:
                for said in self.outlets.other(action):
                    await self._say(said, stem, settlement, cookie)

    async def _say(self, said: Outgoing | Draft, stem: str, settlement: Settlement, cookie: str) -> None:
        if not isinstance(said, Draft):
            write(await self._lowered(said), stem, settlement, cookie)
        elif connector := self.connectors.get(said.to.platform):
            await connector.preview(said)

    async def _decision(self, decide: Decide, settlement: Settlement) -> None:
        """A decision that cannot be carried out leaves the case open and says why."""
        lowered = [part for effect in decide.effects for part in await self._lowered(effect)]
        refused = [part for part in lowered if isinstance(part, Refused)]
        if refused:
            case = await self.store.case(decide.case)
            settlement.reviews += [reopened(case, refused[0].reason)] if case else []
            return
        effects = tuple(part for part in lowered if not isinstance(part, Refused))
        settlement.decisions.append(replace(decide, effects=effects))

    async def _lowered(self, effect: Outgoing) -> Sequence[Outgoing | Refused]:
        if isinstance(effect, Card | ShowPoll):
            return [effect]
        try:
            return lower(effect, await self.capabilities(effect.to))
        except Transient:
            raise
        except BotError as error:
            return [Refused(effect=effect, reason=str(error))]

    async def recover(self) -> None:
        """Take up what was accepted before the last stop and not settled."""
        waiting = await self.store.unhandled()
        self.revisions.learn(await self.store.superseded(self.revisions.size))
        for event in waiting:
            self.lane(event)

    async def capabilities(self, where: Address) -> Capabilities:
        """What can be done in a place at this moment."""
        connector = self.connectors.get(where.platform)
        return await connector.capabilities(where) if connector else UNKNOWN_PLACE

    async def readers(self, where: Address) -> Readers:
        """Who can read a place at this moment: nobody where we may not know."""
        connector = self.connectors.get(where.platform)
        try:
            return await connector.readers(where) if connector else Readers()
        except Rejected:
            return Readers()

    async def role(self, where: Address, user_id: str) -> Role:
        """A member's role in a place at this moment."""
        connector = self.connectors.get(where.platform)
        return await connector.role(where, user_id) if connector else Role.MEMBER

    async def moderators(self, where: Address) -> frozenset[str]:
        """The people who moderate there at this moment; raises `Rejected` where nobody may know."""
        connector = self.connectors.get(where.platform)
        return await connector.moderators(where) if connector else frozenset()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """Lists of bans held against who is in a place; raises `Rejected` where there are none."""
        connector = self.connectors.get(where.platform)
        return await connector.ban_lists(where, lists, member_id) if connector and lists else ()

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """What we may not do in a community though its settings take it."""
        connector = self.connectors.get(community.platform)
        return await connector.lacking(community, needs) if connector else ()
