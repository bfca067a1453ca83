"""From a message to one verdict: rules first, the model only where they are not sure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.core.action import Action, Halt, Judged, Later, Outlet
from bot.core.address import Address
from bot.core.errors import ModelFailed
from bot.core.event import Event, Message, MessageEdited, MessagePosted
from bot.core.evidence import Finding
from bot.core.ports import Classifier, Context
from pipelines.moderation.judge import approved, immune, judge, opinions, oversized, unsure, waiting
from pipelines.moderation.policy import Policy
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
    name: str = "moderation"
    memory: Memory = field(default_factory=Memory)

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """One verdict for each revision of a message; nothing for any other event."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return
        policy = self.policy(event.where)
        judged = await self._judge(event, policy)
        yield judged
        if judged.outlet is Outlet.REVIEW and policy.review_room is not None and policy.settings.remind_after:
            yield reminder(policy.review_room, context.clock() + policy.settings.remind_after)
        if judged.outlet not in (Outlet.CLEAR, Outlet.SHADOW):
            yield Halt(reason="moderated")

    async def objects(self, message: Message) -> bool:
        """Whether something that I am asked to say for a member would not stand if they said it themselves."""
        judged = await self._judge(message, self.policy(message.where))
        return judged.outlet in (Outlet.LIVE, Outlet.REVIEW)

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
        findings = [*ruled, *oversized(event, policy.settings.doubtful)]
        if self.classifier is None or not policy.settings.model or _sure(ruled, policy):
            return judge(policy, event, findings, "")
        return await self._with_model(self.classifier, event, policy, findings)

    async def _with_model(
        self, classifier: Classifier, event: Message, policy: Policy, findings: list[Finding]
    ) -> Judged:
        try:
            # Many platforms send a text twice, plain and formatted: it is scored once.
            scores = await classifier.score(list(dict.fromkeys(surface.text for surface in event.surfaces)))
        except ModelFailed as error:
            log.warning("model failed", event_id=event.key, reason=str(error))
            if any(finding.score >= policy.settings.doubtful for finding in findings):
                return judge(policy, event, findings, "")
            return unsure(policy, event, "The model failed on this message, so a person has to look.")
        return judge(policy, event, [*findings, *opinions(scores, policy.settings.doubtful)], classifier.version)


def reminder(room: Address, at: datetime) -> Later:
    """At most one a day and room."""
    return Later(job=REMIND, key=f"{room}|{at:%Y-%m-%d}", at=at)


def _sure(findings: Sequence[Finding], policy: Policy) -> bool:
    return any(finding.score >= policy.settings.sure for finding in findings)
