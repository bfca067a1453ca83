"""The judgement itself: pure, from a message and what was found to what should happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import text
from bot.core.action import Delete, Effect, Judged, Outlet
from bot.core.event import Author, Message, Role
from bot.core.evidence import Evidence, Finding
from bot.core.ports import Scores
from pipelines.moderation.language import english
from pipelines.moderation.normalise import MAX_CHARS, normalise
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import Mode
from pipelines.spec import appeal_button

# A verdict of the model alone on fewer words than this rests on too little to act on.
FEW_WORDS = 3


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


def judge(policy: Policy, message: Message, findings: Sequence[Finding], model: str) -> Judged:
    """The whole policy: the mode decides who presses the button, not what the button does."""
    evidence = Evidence(
        findings=tuple(findings),
        score=max((finding.score for finding in findings), default=0.0),
        policy=policy.version,
        model=model,
        mode=policy.settings.mode,
    )
    return _judged(policy, message, _outlet(policy, message, evidence), evidence)


def unsure(policy: Policy, message: Message, reason: str) -> Judged:
    """The machinery failed: a person has to look."""
    evidence = Evidence(policy=policy.version, mode=policy.settings.mode, note=reason)
    outlet = Outlet.SHADOW if policy.settings.mode is Mode.SHADOW else Outlet.REVIEW
    return _judged(policy, message, outlet, evidence)


def opinions(scores: Sequence[Scores], doubtful: float) -> list[Finding]:
    """What the model found: only toxicity counts as ground for anything; other labels are shown beside it."""
    worst = max(scores, key=lambda score: score.toxic, default=None)
    if worst is None:
        return []
    found = Finding(rule=MODEL, label="toxicity", score=worst.toxic)
    beside = sorted(worst.labels.items(), key=lambda entry: -entry[1])
    hints = [(label, score) for label, score in beside[:SHOWN_LABELS] if score >= HINT]
    labels = [Finding(rule=f"{MODEL}:{label}", label=label, score=0.0, quote=f"{score:.2f}") for label, score in hints]
    return [found, *labels] if worst.toxic >= doubtful else [found]


MODEL, OVERSIZED = "model", "oversized"
# Other labels are hints for the eye: the two strongest, if they say anything.
SHOWN_LABELS, HINT = 2, 0.2


def oversized(message: Message, doubtful: float) -> list[Finding]:
    """A text so long that only its ends were read hides something from the machine, so a person looks."""
    long = any(len(surface.text) > MAX_CHARS for surface in message.surfaces)
    return [Finding(rule=OVERSIZED, label="very long text", score=doubtful)] if long else []


def thin(message: Message, findings: Sequence[Finding]) -> bool:
    """Whether the model alone speaks, and on too little: a few words, or what may not be the English it knows."""
    if any(finding.rule not in (MODEL, OVERSIZED) and finding.score > 0 for finding in findings):
        return False
    return len(normalise(message.text).split()) < FEW_WORDS or not english(message.text)


def removal(policy: Policy, message: Message) -> tuple[Effect, ...]:
    """Take it away and tell the author, in words that do not say what found it."""
    reason = text.REMOVED_REASON
    remove = Delete(to=message.where, message_ids=(message.message_id,), reason=reason)
    if not policy.settings.tell_author:
        return (remove,)
    told = replace(remove, tell_to=message.who.id, tell=text.removed(message.who.name))
    return (replace(told, tell_buttons=(appeal_button(message.message_id),)),)


def _outlet(policy: Policy, message: Message, evidence: Evidence) -> Outlet:
    settings = policy.settings
    if evidence.score < settings.doubtful:
        return Outlet.CLEAR
    if settings.mode is Mode.SHADOW:
        return Outlet.SHADOW
    sure = settings.mode is Mode.AUTO and _sure(policy, message, evidence)
    return Outlet.LIVE if sure else Outlet.REVIEW


def _sure(policy: Policy, message: Message, evidence: Evidence) -> bool:
    """Whether auto mode acts by itself: length alone is never ground enough."""
    grounds = max((finding.score for finding in evidence.findings if finding.rule != OVERSIZED), default=0.0)
    return grounds >= policy.settings.sure and not thin(message, evidence.findings)


def _judged(policy: Policy, message: Message, outlet: Outlet, evidence: Evidence) -> Judged:
    judged = Judged(outlet=outlet, evidence=evidence, review_room=policy.review_room)
    if outlet is Outlet.CLEAR or not _would_act(policy, message, judged):
        return judged
    return replace(judged, proposal=removal(policy, message))


def _would_act(policy: Policy, message: Message, judged: Judged) -> bool:
    """In the shadow a proposal means that auto mode would have acted; elsewhere moderators see what is proposed."""
    if judged.outlet is not Outlet.SHADOW:
        return True
    return _sure(policy, message, judged.evidence)
