"""What a message that belongs to a wave comes to: all of the wave shares one case, and goes one way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot import text
from bot.core.action import Judged, Later, Outlet
from bot.core.effect import Delete, Effect, Penalty, Restrict
from bot.core.event import Message
from bot.core.evidence import Decision, Finding
from bot.core.ports import Context
from bot.core.wave import Known, Swell
from pipelines.moderation.judge import immune, removal
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import WavePenalty
from pipelines.spec import appeal_button

SHOW = "review.wave"
# However fast a wave grows, its card is drawn again at most this often.
DRAWN_EVERY = timedelta(seconds=1)
# What moderators decided about a wave holds for what comes after.
FOLLOWED = {
    Decision.REMOVE: None,
    Decision.TIMEOUT: Penalty.TIMEOUT,
    Decision.KICK: Penalty.KICK,
    Decision.BAN: Penalty.BAN,
}
DONE = {
    None: Decision.REMOVE,
    Penalty.TIMEOUT: Decision.TIMEOUT,
    Penalty.KICK: Decision.KICK,
    Penalty.BAN: Decision.BAN,
}
# Whoever is sent out can only be told before.
LEAVING = (Penalty.KICK, Penalty.BAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """A wave as it is known when one more of its messages comes; `able` are the penalties that its place knows."""

    finding: Finding
    name: str
    decision: Decision | None
    earlier: tuple[Message, ...]
    able: frozenset[Penalty]

    @property
    def left_alone(self) -> bool:
        """Whether moderators want no more to be made of it."""
        return self.decision in (Decision.APPROVE, Decision.WARN)

    def weighing(self, ruled: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that still count, under the name that the wave got first."""
        if self.left_alone:
            return tuple(finding for finding in ruled if not finding.wave)
        return tuple(replace(each, wave=self.name) if each.wave else each for each in ruled)


async def survey(ruled: Sequence[Finding], event: Message, context: Context) -> Surveyed | None:
    """Read what is known of the wave that was found, if one was."""
    finding = next((finding for finding in ruled if finding.wave), None)
    if finding is None:
        return None
    known = await context.store.known_wave(finding.wave) or Known(wave=finding.wave, decision=None)
    earlier = [await context.store.message(event.where.platform, each) for each in finding.earlier]
    return Surveyed(
        finding=finding,
        name=known.wave,
        decision=known.decision,
        earlier=tuple(found.event for found in earlier if found is not None and not immune(found.event.who)),
        able=(await context.capabilities(event.where)).penalties,
    )


def swept(judged: Judged, event: Message, policy: Policy, wave: Surveyed | None) -> Judged:
    """The verdict on one message as part of its wave: contained before it is cleaned up."""
    if wave is None or wave.left_alone or judged.outlet in (Outlet.CLEAR, Outlet.WAIT):
        return judged
    followed = wave.decision is not None and judged.outlet is not Outlet.SHADOW
    if not followed and judged.outlet is not Outlet.REVIEW and wave.finding.score < policy.settings.acts_from:
        # Something else was sure about this one message.
        return judged
    outlet = Outlet.LIVE if followed else judged.outlet
    penalty = FOLLOWED.get(wave.decision) if wave.decision and followed else _penalty(policy, wave)
    done = DONE[penalty] if outlet is Outlet.LIVE else None
    swell = Swell(wave=wave.name, earlier=tuple(each.message_id for each in wave.earlier), done=done)
    proposal = _proposal((*wave.earlier, event), policy, wave.name, penalty) if judged.proposal else ()
    return replace(judged, outlet=outlet, proposal=proposal, swell=swell)


def redrawn(wave: str, now: datetime) -> Later:
    """All messages of a moment share one drawing: the key is the same until it is due."""
    slot = int(now.timestamp() // DRAWN_EVERY.total_seconds()) + 1
    at = datetime.fromtimestamp(slot * DRAWN_EVERY.total_seconds(), UTC)
    return Later(job=SHOW, key=f"{wave}|{slot}", at=at)


def _penalty(policy: Policy, wave: Surveyed) -> Penalty | None:
    """What is set, where the place knows it; never anything else in its stead."""
    wanted = policy.settings.wave_penalty
    penalty = None if wanted == WavePenalty.NONE else Penalty(wanted)
    return penalty if penalty in wave.able else None


def _proposal(said: Sequence[Message], policy: Policy, name: str, penalty: Penalty | None) -> tuple[Effect, ...]:
    stem = f"wave/{name}"
    restrictions = [_restriction(each, policy, penalty, stem) for each in _firsts(said)] if penalty else []
    return (*restrictions, *(_removal(each, policy, penalty, stem) for each in said))


def _firsts(said: Iterable[Message]) -> Iterable[Message]:
    """The first message of each author."""
    firsts: dict[str, Message] = {}
    for message in said:
        firsts.setdefault(message.who.id, message)
    return firsts.values()


def _restriction(message: Message, policy: Policy, penalty: Penalty, stem: str) -> Restrict:
    to = message.where.parent
    restrict = Restrict(
        to=to,
        user_id=message.who.id,
        penalty=penalty,
        reason=text.REMOVED_REASON,
        lasts=policy.settings.timeout,
        once=_once(stem, str(to), message.who.id),
    )
    if penalty not in LEAVING:
        return restrict
    buttons = (appeal_button(message.message_id),)
    return replace(restrict, tell=text.removed(message.who.name), tell_buttons=buttons)


def _once(stem: str, *parts: str) -> str:
    """Names something without naming the member, whom it may outlive."""
    return f"{stem}/{sha256(' '.join([stem, *parts]).encode()).hexdigest()[:16]}"


def _removal(message: Message, policy: Policy, penalty: Penalty | None, stem: str) -> Delete:
    """Whoever said it many times is told once."""
    (remove,) = removal(policy, message)
    assert isinstance(remove, Delete)
    if penalty in LEAVING:
        return replace(remove, tell="", tell_to="", tell_buttons=())
    return replace(remove, tell_once=_once(stem, message.who.id)) if remove.tell else remove
