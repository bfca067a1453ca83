"""A running Parley takes over a calibration that was made beside it, without a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from bot.core.action import Action, Configure, Later
from bot.core.address import Address
from bot.core.ports import Context
from bot.core.stored import Job

ADOPT: Final = "moderation.adopt"
CALIBRATION: Final = "moderation.calibration"
BY: Final = "parley calibrate"


def adopted(community: Address, number: int, at: datetime) -> tuple[Configure, Later]:
    """The setting that makes a calibration hold, and the job that tells a running Parley of it."""
    # The moment makes the key: to and fro and to again are three jobs.
    return _chosen(str(community), number), Later(job=ADOPT, key=f"{community}|{number}|{at.isoformat()}", at=at)


async def adopt(job: Job, _context: Context) -> AsyncIterator[Action]:
    """Idempotent: it sets what is set already."""
    community, number, _ = job.key.split("|")
    yield _chosen(community, int(number))


def _chosen(scope: str, number: int) -> Configure:
    return Configure(scope=scope, key=CALIBRATION, value=number, by=BY)


JOBS = {ADOPT: adopt}
