"""Send an export through the real path in shadow mode, and count what would have happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from bot.app import App
from bot.assembly import Judging
from bot.core.address import Address
from bot.core.stored import Heard
from bot.models import models
from bot.outlets import DRY
from bot.parts import CONNECTORS
from bot.process import calm_collector
from bot.settings import Settings
from bot.tally import Tally
from connectors.spec import Export
from pipelines.moderation.bands import TOXICITY
from pipelines.moderation.choice import chosen
from pipelines.moderation.settings import Mode
from storage.store import SqlStore

BATCH = 256


def formats() -> Mapping[str, Export]:
    """Every export that can be read, by the name of its format."""
    return {name: export for spec in CONNECTORS for name, export in spec.exports.items()}


async def replay(export: Iterator[Heard], settings: Settings, url: str, seen: Callable[[int], None]) -> Tally:
    """Judge every message of an export in the store at `url`; `seen` is told how many more were read.

    Raises `ValueError` with a sentence when the export cannot be read.
    """
    calm_collector()
    store = await SqlStore.open(url)
    shadow = settings.moderation.model_copy(update={"mode": Mode.SHADOW})
    # A replay sends nothing away, whoever may read it.
    asked = None if chosen(shadow.model).is_remote else models(shadow, settings.llm)
    app = App(store, Judging.of(shadow, await store.settings()), outlets=DRY, asked=asked)
    try:
        while batch := await asyncio.to_thread(_next, export):
            await app.ingest(batch)
            seen(len(batch))
        await app.lane.idle()
        return await _counted(store, await _marks(app))
    finally:
        await store.close()


def _next(export: Iterator[Heard]) -> list[Heard]:
    return list(islice(export, BATCH))


async def _marks(app: App) -> tuple[tuple[str, float], ...]:
    """From where on the model asks and acts, or the rules where there is none."""
    policy = app.judging.levels.at(Address(""))
    if app.models.first is None:
        return ("doubtful", policy.settings.asks_from), ("sure", policy.settings.acts_from)
    band = (await app.book.at(policy, app.models.first.version)).bands[TOXICITY]
    return ("doubtful", band.doubtful), *((("sure", band.sure),) if band.sure is not None else ())


async def _counted(store: SqlStore, marks: tuple[tuple[str, float], ...]) -> Tally:
    tally = Tally(marks=marks)
    async for found in store.scan():
        event = found.event
        if found.verdict is not None:
            tally.add(event.where, event.at, event.who.name, event.text, found.verdict)
    return tally
