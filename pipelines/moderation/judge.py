"""The judgement itself: pure, from a message and what was found to what should happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import text
from bot.core.action import Judged, Outlet
from bot.core.effect import Delete, Effect
from bot.core.event import Author, Message, Role
from bot.core.evidence import Evidence, Finding
from pipelines.moderation.audit import Lot
from pipelines.moderation.bands import Standing
from pipelines.moderation.doubts import doubts
from pipelines.moderation.normalise import MAX_CHARS
from pipelines.moderation.opinion import SILENT, Opinion
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import Mode
from pipelines.spec import appeal_button


def immune(author: Author) -> bool:
    """Moderators and owners are never acted on."""
    return author.role >= Role.MODERATOR


def approved(policy: Policy, note: str) -> Judged:
    """Nothing was looked for."""
    return Judged(outlet=Outlet.CLEAR, evidence=Evidence(policy=policy.version, mode=policy.settings.mode, note=note))


def waiting(policy: Policy, message: Message) -> Judged:
    """Manual mode: no machine judges."""
    evidence = Evidence(policy=policy.version, mode=Mode.MANUAL)
    return _judged(policy, message, Outlet.WAIT, evidence)


def judge(policy: Policy, message: Message, ruled: Sequence[Finding], opinion: Opinion = SILENT) -> Judged:
    """The whole policy: rules and model each have their say, and the mode decides who presses the button."""
    findings = (*ruled, *opinion.findings)
    evidence = Evidence(
        findings=findings,
        score=max((finding.score for finding in findings), default=0.0),
        policy=policy.version,
        model=opinion.version,
        mode=policy.settings.mode,
    )
    sure, note = _sure(policy, message, ruled, opinion)
    standing = max(_weight(policy, ruled), opinion.standing)
    outlet = _outlet(policy, standing, sure=sure)
    audit = Lot.of(message.key).drawn(policy.settings, outlet)
    if audit or outlet is not Outlet.CLEAR:
        evidence = replace(evidence, features=opinion.features, audit=audit, note=note)
    return _judged(policy, message, outlet, evidence, sure=sure)


def unsure(policy: Policy, message: Message, reason: str) -> Judged:
    """The machinery failed: a person has to look."""
    evidence = Evidence(policy=policy.version, mode=policy.settings.mode, note=reason)
    outlet = Outlet.SHADOW if policy.settings.mode is Mode.SHADOW else Outlet.REVIEW
    return _judged(policy, message, outlet, evidence, sure=False)


OVERSIZED = "oversized"


def oversized(message: Message, doubtful: float) -> list[Finding]:
    """A text so long that only its ends were read hides something from the machine, so a person looks."""
    long = any(len(surface.text) > MAX_CHARS for surface in message.surfaces)
    return [Finding(rule=OVERSIZED, label="very long text", score=doubtful)] if long else []


def removal(policy: Policy, message: Message) -> tuple[Effect, ...]:
    """Take it away and tell the author, in words that do not say what found it."""
    reason = text.REMOVED_REASON
    remove = Delete(to=message.where, message_ids=(message.message_id,), reason=reason)
    if not policy.settings.tell_author:
        return (remove,)
    told = replace(remove, tell_to=message.who.id, tell=text.removed(message.who.name))
    return (replace(told, tell_buttons=(appeal_button(message.message_id),)),)


def _outlet(policy: Policy, standing: Standing, *, sure: bool) -> Outlet:
    if standing is Standing.CLEAR:
        return Outlet.CLEAR
    if policy.settings.mode is Mode.SHADOW:
        return Outlet.SHADOW
    return Outlet.LIVE if sure and policy.settings.mode is Mode.AUTO else Outlet.REVIEW


def _weight(policy: Policy, ruled: Sequence[Finding]) -> Standing:
    """What the rules come to: their weights are measured by marks of their own, not by the model's bands."""
    weight = max((finding.score for finding in ruled), default=0.0)
    if weight < policy.settings.asks_from:
        return Standing.CLEAR
    # Length alone is never ground enough.
    grounds = max((finding.score for finding in ruled if finding.rule != OVERSIZED), default=0.0)
    return Standing.SURE if grounds >= policy.settings.acts_from else Standing.DOUBTFUL


def _sure(policy: Policy, message: Message, ruled: Sequence[Finding], opinion: Opinion) -> tuple[bool, str]:
    """Whether somebody may act without asking, and why not where only doubts keep the model from it."""
    if policy.settings.mode not in (Mode.AUTO, Mode.SHADOW):
        return False, ""
    if _weight(policy, ruled) is Standing.SURE:
        return True, ""
    if opinion.standing is not Standing.SURE:
        return False, ""
    against = (*opinion.doubts, *doubts(message))
    return not against, " ".join(against)


def _judged(policy: Policy, message: Message, outlet: Outlet, evidence: Evidence, *, sure: bool = True) -> Judged:
    judged = Judged(outlet=outlet, evidence=evidence, review_room=policy.review_room)
    # In the shadow a proposal means that auto mode would have acted; elsewhere moderators see what is proposed.
    if outlet is Outlet.CLEAR or (outlet is Outlet.SHADOW and not sure):
        return judged
    return replace(judged, proposal=removal(policy, message))
