"""A poll is drawn again after votes, and ends at its time; both are idempotent, so a job may run twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from bot.core.action import Action, EndPoll, Later
from bot.core.capability import Capabilities
from bot.core.effect import ClosePoll, ShowPoll
from bot.core.poll import Poll
from bot.core.ports import Context
from bot.core.stored import Job

SHOW, END = "polls.show", "polls.end"
# Whoever was away at the end first reads what was voted meanwhile.
LATE, GRACE, OVERDUE = timedelta(seconds=5), timedelta(seconds=20), "|overdue"


async def show(job: Job, context: Context) -> AsyncIterator[Action]:
    """Draw it as it stands."""
    poll = await context.store.poll(job.key.rpartition("|")[0])
    if poll is not None and not poll.ended:
        yield ShowPoll(to=poll.asked.to, poll=poll.asked.id)


async def end(job: Job, context: Context) -> AsyncIterator[Action]:
    """Its time is over."""
    poll = await context.store.poll(job.key.removesuffix(OVERDUE))
    if poll is None or poll.ended:
        return
    if context.clock() - poll.ends_at > LATE and not job.key.endswith(OVERDUE):
        yield Later(job=END, key=job.key + OVERDUE, at=context.clock() + GRACE)
    else:
        for action in closing(poll, await context.capabilities(poll.asked.to)):
            yield action


def closing(poll: Poll, can: Capabilities) -> Sequence[Action]:
    """End it: where the platform counts, it is told to stop and says itself how it went."""
    if can.polls and can.polls.counts:
        return (ClosePoll(to=poll.asked.to, message_id=poll.message_id),) if can.polls.bot_can_close else ()
    drawn = ClosePoll(to=poll.asked.to, message_id=poll.message_id) if can.polls else None
    last = ShowPoll(to=poll.asked.to, poll=poll.asked.id)
    result = ShowPoll(to=poll.asked.to, poll=poll.asked.id, result=True)
    return (EndPoll(poll=poll.asked.id), *((drawn,) if drawn else ()), last, result)


JOBS = {SHOW: show, END: end}
