"""Auto mode has to stay as good as it was: where checks say it is not, people decide again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot import reasons
from bot.core.action import Action, Configure, Later
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.ports import Context
from bot.core.stored import Job
from pipelines.moderation.measured import Measured
from pipelines.moderation.policy import Policy
from pipelines.moderation.settings import Mode

MEASURE: Final = "moderation.measure"
MODE, SINCE, BY = "moderation.mode", "moderation.measured_since", "parley"
# How often a community that acts is looked at.
_EVERY: Final = timedelta(hours=1)


def measuring(community: Address, now: datetime) -> Later:
    """At most one an hour and community."""
    at = now + _EVERY
    return Later(job=MEASURE, key=f"{community}|{at:%Y-%m-%dT%H}", at=at)


@dataclass(frozen=True, slots=True)
class Drift:
    """`policy` gives what holds at a place; `scopes` where auto mode is set at or below a community."""

    policy: Callable[[Address], Policy]
    scopes: Callable[[Address], Sequence[str]]

    async def measure(self, job: Job, context: Context) -> AsyncIterator[Action]:
        """Idempotent: once people decide, there is nothing left to change."""
        community = Address.parse(job.key.partition("|")[0])
        policy = self.policy(community)
        labels = await context.store.labels(community)
        measured = Measured.of(labels, policy.settings.measured_since)
        scopes = self.scopes(community)
        if not scopes or not measured.drifted(policy.settings.precision):
            return
        room = next(
            filter(None, (self.policy(Address.parse(at)).review_room for at in (str(community), *scopes))), None
        )
        for action in demotion(community, scopes, Told(measured, policy.settings.precision, context.clock(), room)):
            yield action


@dataclass(frozen=True, slots=True)
class Told:
    """What was measured, against which precision and when, and where the moderators meet."""

    measured: Measured
    precision: float
    at: datetime
    room: Address | None


def demotion(community: Address, scopes: Sequence[str], told: Told) -> list[Action]:
    """Let people decide wherever auto mode was set, and tell the moderators once."""
    right = told.measured.right
    reason = reasons.drifted(right.hits, right.cases, right.low, told.precision)
    changes = [Configure(scope=scope, key=MODE, value=Mode.SEMI.value, by=f"{BY}: {reason}") for scope in scopes]
    # What was measured so far led to this; setting auto mode again begins afresh.
    since = Configure(scope=str(community), key=SINCE, value=told.at.isoformat(), by=BY)
    said = [Post(to=told.room, text=reasons.demoted(reason))] if told.room else []
    return [*changes, since, *said]
