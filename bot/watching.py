"""Shows a running application to whoever watches over it, and watches its event loop meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot import text
from bot.app import App
from bot.health import HealthSettings, Looks, pages, watch
from bot.metrics import CONTENT_TYPE, Metrics, Moment

# An event that waits longer is stuck, not slow.
STUCK: Final = 60.0


@asynccontextmanager
async def watched(app: App, settings: HealthSettings, metrics: Metrics | None) -> AsyncIterator[None]:
    """Serve the pages meanwhile, if they are wanted; raises `ConfigError` where they cannot be."""
    if metrics is None:
        yield
        return

    async def page() -> bytes:
        return metrics.page(await moment(app))

    looks = Looks(troubles=lambda: troubles(app), metrics=page, content_type=CONTENT_TYPE)
    async with pages(settings, looks):
        watching = asyncio.create_task(watch(metrics))
        try:
            yield
        finally:
            watching.cancel()


async def moment(app: App) -> Moment:
    """How things stand."""
    up = {name: name not in app.stopped for name in app.connectors}
    return Moment(backlog=await app.store.backlog(), oldest_seconds=app.lane.oldest, up=up)


def troubles(app: App) -> list[str]:
    """A sentence for each thing that keeps it from working; none when it works."""
    found = [] if app.listening else [text.NOT_LISTENING]
    found += [f"{name}: {error}" for name, error in app.stopped.items()]
    found += [app.store.degraded] if app.store.degraded else []
    return found + ([text.stuck(app.lane.oldest)] if app.lane.oldest > STUCK else [])
