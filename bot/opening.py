"""Opens the application that was configured, over its store and with its connectors."""

from __future__ import annotations

from bot.app import App, utc_now
from bot.assembly import Judging, answering
from bot.core.meter import Meter, Unmetered
from bot.core.ports import Clock
from bot.llm.chat import open_model
from bot.models import models
from bot.outlets import LIVE, Outlets
from bot.settings import Settings
from pipelines.moderation.settings import ModerationSettings
from storage.store import SqlStore


async def open_app(
    settings: Settings, *, outlets: Outlets = LIVE, meter: Meter | None = None, clock: Clock = utc_now
) -> App:
    """The application over its store, without connectors; raises `ConfigError`."""
    store = await SqlStore.open(settings.store.url)
    judging = Judging.of(moderation(settings), await store.settings())
    meter = meter or Unmetered()
    asked = models(settings.moderation, settings.llm, meter)
    who = answering(settings.answers, open_model(settings.llm), settings.llm.answer_limit)
    return App(store, judging, clock, outlets=outlets, meter=meter, asked=asked, answering=who)


def connect(app: App, settings: Settings) -> None:
    """Give the application every connector that is configured."""
    wiring = app.wiring()
    for name in active(settings):
        app.connectors[name] = settings.connectors[name].connect(wiring)


def active(settings: Settings) -> list[str]:
    """The connectors that can run; those that stand in only when no other can."""
    able = [name for name, one in settings.connectors.items() if not one.missing()]
    return [name for name in able if not settings.connectors[name].stands_in] or able


def moderation(settings: Settings) -> ModerationSettings:
    """What was configured; a connector that always has a room for moderators lends it."""
    rooms = [settings.connectors[name].review_room for name in active(settings)]
    room = next((room for room in rooms if room), "")
    if settings.moderation.review_room or not room:
        return settings.moderation
    return settings.moderation.model_copy(update={"review_room": room})
