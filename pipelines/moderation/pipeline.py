"""From a message to one verdict: rules first, the model only where they are not sure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.address import Address
from bot.core.errors import ModelFailed
from bot.core.event import Event, Message, MessageEdited, MessagePosted
from bot.core.evidence import Finding
from bot.core.ports import Classifier, Context
from pipelines.moderation.audit import Lot, check, day_of
from pipelines.moderation.drift import measuring
from pipelines.moderation.earned import Book
from pipelines.moderation.judge import approved, immune, judge, oversized, unsure, waiting
from pipelines.moderation.normalise import has_letters
from pipelines.moderation.opinion import Scored, weigh
from pipelines.moderation.policy import Policy
from pipelines.moderation.readings import Readings
from pipelines.moderation.rules.memory import NOTHING, Memory
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.settings import Mode

log = structlog.get_logger(__name__)

REMIND = "review.remind"


@dataclass(frozen=True, slots=True)
class Moderation:
    """`policy` gives what holds at a place. Without a classifier the rules judge alone."""

    policy: Callable[[Address], Policy]
    classifier: Classifier | None
    book: Book = field(default_factory=Book)
    name: str = "moderation"
    memory: Memory = field(default_factory=Memory)

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """One verdict for each revision of a message; nothing for any other event."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return
        policy = self.policy(event.where)
        judged = await self._judge(event, policy)
        # That it was drawn belongs to the check: a report about the same message is none.
        yield replace(judged, evidence=replace(judged.evidence, audit="")) if judged.evidence.audit else judged
        if judged.outlet is Outlet.REVIEW and policy.review_room is not None and policy.settings.remind_after:
            yield reminder(policy.review_room, context.clock() + policy.settings.remind_after)
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

    def failed(self, event: Event) -> Sequence[Action]:
        """A message that broke the machinery is looked at by a person."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return ()
        policy = self.policy(event.where)
        return unsure(policy, event, "The check itself failed, so a person has to look."), Halt(reason="not checked")

    async def _judge(self, event: Message, policy: Policy) -> Judged:
        if immune(event.who):
            return approved(policy, "")
        if policy.settings.mode is Mode.MANUAL:
            return waiting(policy, event)
        # Noted before anything is awaited, in the order in which messages came.
        recent = self.memory.note(event) if policy.remembers else NOTHING
        ruled = policy.match(Seen(event, recent))
        findings = [*ruled, *oversized(event, policy.settings.asks_from)]
        if self.classifier is None or not policy.settings.model or _sure(ruled, policy):
            return judge(policy, event, findings)
        return await self._with_model(self.classifier, event, policy, findings)

    async def _with_model(
        self, classifier: Classifier, event: Message, policy: Policy, findings: list[Finding]
    ) -> Judged:
        earned = await self.book.at(policy, classifier.version)
        readings = Readings.of(event, neutral=policy.settings.mode in (Mode.AUTO, Mode.SHADOW))
        try:
            scores = await classifier.score(readings.texts) if readings.texts else []
        except ModelFailed as error:
            log.warning("model failed", event_id=event.key, reason=str(error))
            if any(finding.score >= policy.settings.asks_from for finding in findings):
                return judge(policy, event, findings)
            return unsure(policy, event, "The model failed on this message, so a person has to look.")
        scored = Scored(message=event, readings=readings, scores=dict(zip(readings.texts, scores, strict=True)))
        drawn = Lot.of(event.key).may_be_drawn(policy.settings)
        return judge(policy, event, findings, weigh(scored, earned, drawn=drawn))

    async def _room_for_a_check(self, policy: Policy, event: Message, context: Context) -> bool:
        """Moderators have a message to look at, and have not had their fill today."""
        if not any(has_letters(surface.text) for surface in event.surfaces):
            return False
        shown = await context.store.audits(event.where.community, day_of(context.clock()))
        return shown < policy.settings.audits_a_day


def reminder(room: Address, at: datetime) -> Later:
    """At most one a day and room."""
    return Later(job=REMIND, key=f"{room}|{at:%Y-%m-%d}", at=at)


def _sure(findings: Sequence[Finding], policy: Policy) -> bool:
    return any(finding.score >= policy.settings.acts_from for finding in findings)
