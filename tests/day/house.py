"""Parley as people start it, with somebody in it who answers at length: `python -m tests.day.house`.

What it is told it reads from the environment. A language model is not needed to see a text grow.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.core.action import Action
from bot.core.effect import Draft, Post
from bot.core.event import MessagePosted
from bot.core.ports import Context
from bot.core.stored import Job
from bot.logs import Level, set_up
from bot.opening import connect, open_app
from bot.settings import load
from pipelines.answer.jobs import ANSWER

ANSWER_TEXT = (
    "Sow peas in March, as soon as the soil can be worked, two fingers deep and a hand apart. "
    "Give them something to climb on before they need it, and water them when they flower."
)
PARTS = 6
PAUSE_S = 0.5


async def at_length(job: Job, context: Context) -> AsyncIterator[Action]:
    """The answer to everything, a few words at a time."""
    asked = await context.store.event(job.key)
    assert isinstance(asked, MessagePosted)
    words = ANSWER_TEXT.split()
    for part in range(1, PARTS):
        text = " ".join(words[: len(words) * part // PARTS])
        yield Draft(to=asked.where, text=text, stream=job.key, reply_to=asked.message_id)
        await asyncio.sleep(PAUSE_S)
    yield Post(to=asked.where, text=ANSWER_TEXT, stream=job.key, reply_to=asked.message_id)


async def live() -> None:
    """Until a signal."""
    settings = load(None, os.environ)
    set_up(settings.log, Level.INFO)
    app = await open_app(settings)
    app.path = replace(app.path, jobs={**app.path.jobs, ANSWER: at_length})
    connect(app, settings)
    running = asyncio.ensure_future(app.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        await asyncio.wait([running])
    finally:
        await app.store.close()
    if not running.cancelled():
        running.result()


if __name__ == "__main__":
    asyncio.run(live())
