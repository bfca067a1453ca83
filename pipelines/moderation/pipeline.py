"""From a message to one verdict: rules first, the model only where they are not sure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot import text_gate
from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.address import Address
from bot.core.errors import ModelFailed
from bot.core.event import Event, Message, MessageEdited, MessagePosted
from bot.core.evidence import Finding
from bot.core.ports import Classifier, Context
from bot.core.wave import Swell
from pipelines.moderation.asked import NOBODY, Others, may_leave
from pipelines.moderation.audit import Lot, check, day_of
from pipelines.moderation.choice import Kind, chosen
from pipelines.moderation.drift import measuring
from pipelines.moderation.earned import Book
from pipelines.moderation.judge import approved, immune, judge, oversized, unsure, waiting
from pipelines.moderation.normalise import has_letters
from pipelines.moderation.opinion import SILENT, Opinion, Scored, weigh
from pipelines.moderation.policy import Policy
from pipelines.moderation.readings import Readings
from pipelines.moderation.rules.memory import LONGEST, NOTHING, Memory, Recent
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.settings import Mode
from pipelines.moderation.waves import redrawn, survey, swept

log = structlog.get_logger(__name__)

REMIND = "review.remind"
# Enough to know a wave again, and read in a moment.
RECALLED = 5_000


@dataclass(frozen=True, slots=True)
class Moderation:
    """`policy` gives what holds at a place. Without a classifier and any `others` the rules judge alone."""

    policy: Callable[[Address], Policy]
    classifier: Classifier | None
    book: Book = field(default_factory=Book)
    name: str = "moderation"
    memory: Memory = field(default_factory=Memory)
    others: Others = NOBODY

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """One verdict for each revision of a message; nothing for any other event."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return
        policy = self.policy(event.where)
        judged = await self._judge(event, policy, context)
        if judged.swell is not None:
            for action in _of_wave(judged, judged.swell, policy, context.clock()):
                yield action
            return
        # That it was drawn belongs to the check: a report about the same message is none.
        yield replace(judged, evidence=replace(judged.evidence, audit="")) if judged.evidence.audit else judged
        for later in _reminders(judged, policy, context.clock()):
            yield later
        if judged.evidence.audit and await self._room_for_a_check(policy, event, context):
            yield check(judged, event)
        if judged.outlet is Outlet.LIVE and policy.settings.audit_rate_acted:
            yield measuring(event.where.community, context.clock())
        if judged.outlet not in (Outlet.CLEAR, Outlet.SHADOW):
            yield Halt(reason="moderated")

    async def objects(self, message: Message) -> bool:
        """Whether something that I am asked to say for a member would not stand if they said it themselves."""
        judged = await self._judge(message, self.policy(message.where))
        return judged.outlet in (Outlet.LIVE, Outlet.REVIEW)

    def urgent(self, event: Event) -> bool:
        """Whether the rules alone would have a message taken away at once."""
        if not isinstance(event, MessagePosted | MessageEdited) or immune(event.who):
            return False
        policy = self.policy(event.where)
        return policy.settings.mode is Mode.AUTO and _sure(policy.match(Seen(event)), policy)

    async def refusal(self, message: Message) -> str:
        """Why it would be removed the moment it is said, in words for its author; '' when it would not.

        What was said before it plays no part: it is noted when it is said.
        """
        policy = self.policy(message.where)
        if policy.settings.mode is not Mode.AUTO or immune(message.who):
            return ""
        judged = await self._by_machines(message, policy, NOTHING)
        if judged.outlet is not Outlet.LIVE:
            return ""
        return text_gate.refused(max(judged.evidence.findings, key=lambda finding: finding.score).label)

    def failed(self, event: Event) -> Sequence[Action]:
        """A message that broke the machinery is looked at by a person."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return ()
        policy = self.policy(event.where)
        return unsure(policy, event, "The check itself failed, so a person has to look."), Halt(reason="not checked")

    async def recall(self, context: Context) -> None:
        """Remember what was said just before a restart, so that a wave stays the same wave."""
        for message in await context.store.lately(context.clock() - LONGEST, RECALLED):
            policy = self.policy(message.where)
            if policy.remembers and not immune(message.who) and policy.settings.mode is not Mode.MANUAL:
                self.memory.note(message)

    async def _judge(self, event: Message, policy: Policy, context: Context | None = None) -> Judged:
        if immune(event.who):
            return approved(policy, "")
        if policy.settings.mode is Mode.MANUAL:
            return waiting(policy, event)
        # Noted before anything is awaited, in the order in which messages came.
        recent = self.memory.note(event) if policy.remembers else NOTHING
        return await self._by_machines(event, policy, recent, context)

    async def _by_machines(
        self, event: Message, policy: Policy, recent: Recent, context: Context | None = None
    ) -> Judged:
        ruled = policy.match(Seen(event, recent))
        wave = await survey(ruled, event, context) if context else None
        judged = await self._weigh(event, policy, wave.weighing(ruled) if wave else ruled, context)
        return swept(judged, event, policy, wave)

    async def _weigh(self, event: Message, policy: Policy, ruled: Sequence[Finding], context: Context | None) -> Judged:
        findings = [*ruled, *oversized(event, policy.settings.asks_from)]
        if not policy.settings.model or _sure(ruled, policy):
            return judge(policy, event, findings)
        leaves = context is not None and await self._leaves(event, policy, context)
        return await self._with_models(event, policy, findings, leaves=leaves)

    async def _leaves(self, event: Message, policy: Policy, context: Context) -> bool:
        """What holds here decides, not what held when the models were made."""
        wanted = self.others.any_away and chosen(policy.settings.model).is_remote
        return wanted and await may_leave(event, policy.settings.remote_texts, context.readers)

    async def _with_models(self, event: Message, policy: Policy, findings: list[Finding], *, leaves: bool) -> Judged:
        readings = Readings.of(event, neutral=policy.settings.mode in (Mode.AUTO, Mode.SHADOW))
        try:
            opinion = await self._opinion(event, policy, readings, leaves=leaves)
        except ModelFailed as error:
            log.warning("model failed", event_id=event.key, reason=str(error))
            if any(finding.score >= policy.settings.asks_from for finding in findings):
                return judge(policy, event, findings)
            return unsure(policy, event, "The model failed on this message, so a person has to look.")
        if self.others.judge is not None and leaves:
            opinion = await self.others.judge.raised(opinion, readings.written, policy.settings.judge_policy)
        return judge(policy, event, findings, opinion)

    async def _opinion(self, event: Message, policy: Policy, readings: Readings, *, leaves: bool) -> Opinion:
        """That of the first model that has one; raises `ModelFailed` where every one failed."""
        failure: ModelFailed | None = None
        for classifier in self._classifiers(policy, leaves=leaves):
            try:
                return await self._weighed(classifier, event, policy, readings)
            except ModelFailed as error:
                log.info("model left out", model=classifier.version, event_id=event.key, reason=str(error))
                failure = error
        if failure is not None:
            raise failure
        return SILENT

    def _classifiers(self, policy: Policy, *, leaves: bool) -> list[Classifier]:
        here = self.others.here if chosen(policy.settings.model).kind is Kind.TRANSFORMERS else None
        asked = (self.others.away if leaves else None, here, self.classifier)
        return [classifier for classifier in asked if classifier is not None]

    async def _weighed(self, classifier: Classifier, event: Message, policy: Policy, readings: Readings) -> Opinion:
        earned = await self.book.at(policy, classifier.version)
        scores = await classifier.score(readings.texts) if readings.texts else []
        scored = Scored(message=event, readings=readings, scores=dict(zip(readings.texts, scores, strict=True)))
        return weigh(scored, earned, drawn=Lot.of(event.key).may_be_drawn(policy.settings))

    async def _room_for_a_check(self, policy: Policy, event: Message, context: Context) -> bool:
        """Moderators have a message to look at, and have not had their fill today."""
        if not any(has_letters(surface.text) for surface in event.surfaces):
            return False
        shown = await context.store.audits(event.where.community, day_of(context.clock()))
        return shown < policy.settings.audits_a_day


def _of_wave(judged: Judged, swell: Swell, policy: Policy, now: datetime) -> Iterator[Action]:
    """One card for all of it, drawn again as it grows; none of its messages is drawn as a check."""
    yield replace(judged, evidence=replace(judged.evidence, audit=""))
    if judged.outlet is not Outlet.SHADOW:
        yield redrawn(swell.wave, now)
        yield from _reminders(judged, policy, now)
        yield Halt(reason="moderated")


def _reminders(judged: Judged, policy: Policy, now: datetime) -> Iterator[Later]:
    if judged.outlet is Outlet.REVIEW and policy.review_room is not None and policy.settings.remind_after:
        yield reminder(policy.review_room, now + policy.settings.remind_after)


def reminder(room: Address, at: datetime) -> Later:
    """At most one a day and room."""
    return Later(job=REMIND, key=f"{room}|{at:%Y-%m-%d}", at=at)


def _sure(findings: Sequence[Finding], policy: Policy) -> bool:
    return any(finding.score >= policy.settings.acts_from for finding in findings)
