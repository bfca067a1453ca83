"""Open cases are not forgotten: one reminder a day and review room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot import text
from bot.core.action import Action, Later
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.ports import Context
from bot.core.stored import Job
from pipelines.review.waves import SHOW, show

REMIND = "review.remind"
DAY = timedelta(days=1)


async def remind(job: Job, context: Context) -> AsyncIterator[Action]:
    """Idempotent: it says what is open when it runs, and comes back tomorrow while anything is."""
    room = Address.parse(job.key.partition("|")[0])
    count, oldest = await context.store.waiting(room)
    if oldest is None:
        return
    yield Post(to=room, text=text.reminder(count, oldest))
    again = context.clock() + DAY
    yield Later(job=REMIND, key=f"{room}|{again:%Y-%m-%d}", at=again)


JOBS = {REMIND: remind, SHOW: show}
