"""`parley run`: say what is on, run, and end well on a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from bot import __version__, text
from bot.app import App
from bot.assembly import Judging
from bot.core.errors import ConfigError
from bot.logs import Level, set_up
from bot.metrics import Metrics
from bot.opening import active, connect, moderation, open_app
from bot.process import calm_collector
from bot.settings import Settings, load, store_place
from bot.watching import watched

log = structlog.get_logger(__name__)


async def run(settings: Settings, config: Path | None) -> int:
    """The exit code: 0 after a signal or the end of all input, 1 when a platform refused us; raises `ConfigError`."""
    in_terminal = any(settings.connectors[name].in_terminal for name in active(settings))
    set_up(settings.log, Level.ERROR if in_terminal else Level.INFO)
    _stop_on_signals()
    try:
        stopped = await _serve(settings, config)
    except asyncio.CancelledError:
        return 0
    for sentence in stopped:
        print(sentence, file=sys.stderr)
    return 1 if stopped else 0


async def _serve(settings: Settings, config: Path | None) -> list[str]:
    """Run to the end; who refused us, and why."""
    metrics = Metrics() if settings.health.listen else None
    app = await open_app(settings, meter=metrics)
    try:
        connect(app, settings)
        calm_collector()
        _reload_on_signal(app, config)
        async with watched(app, settings.health, metrics):
            print(introduction(app, settings), file=sys.stderr)
            await app.run()
    finally:
        await app.store.close()
    return [f"{name}: {error}" for name, error in app.stopped.items()]


def introduction(app: App, settings: Settings) -> str:
    """What is on, what is off and what would turn it on, and where things are kept."""
    model = _model(app, settings)
    on = [*app.connectors, *(() if model else ("local model",))]
    off = [(name, one.missing()) for name, one in settings.connectors.items() if one.missing() and not one.in_terminal]
    off += [("local model", model)] if model else []
    lines = text.started(__version__, on, off, settings.moderation.mode)
    pages = f"\n{text.pages(settings.health.listen)}" if settings.health.listen else ""
    return f"{lines}\n{text.kept(store_place(settings.store))}{pages}"


def _model(app: App, settings: Settings) -> str:
    """What would turn the local model on, '' when it is."""
    if not settings.moderation.model:
        return "set PARLEY_MODERATION__MODEL=true"
    return "" if app.models.first is not None else "its file is missing or damaged: install Parley again"


def _stop_on_signals() -> None:
    if sys.platform == "win32":
        return  # its loop knows no signals, and Ctrl-C ends it anyway
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)


def _reload_on_signal(app: App, config: Path | None) -> None:
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload, app.judging, config)


def reload(judging: Judging, config: Path | None) -> None:
    """Moderation's settings are taken over at once; a bad configuration changes nothing."""
    try:
        judging.reload(moderation(load(config, os.environ)))
    except ConfigError as error:
        for problem in error.problems:
            log.error("not reloaded, the old settings stay", problem=problem)  # noqa: TRY400  # the sentence is enough
    else:
        log.info("moderation settings reloaded")
