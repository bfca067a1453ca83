"""`parley run`: say what is on, run, and end well on a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from bot import __version__, text
from bot.app import App, active, connect, moderation, open_app
from bot.core.errors import ConfigError
from bot.logs import Level, set_up
from bot.process import calm_collector
from bot.settings import Settings, load

log = structlog.get_logger(__name__)


async def run(settings: Settings, config: Path | None) -> int:
    """The exit code: 1 when a platform refused us and nothing else was left to do."""
    names = active(settings)
    in_terminal = any(settings.connectors[name].in_terminal for name in names)
    set_up(settings.log, Level.ERROR if in_terminal else Level.INFO)
    app = await open_app(settings)
    connect(app, settings)
    calm_collector()
    print(text.started(__version__, names, _off(settings), settings.moderation.mode), file=sys.stderr)
    _on_signals(app, config)
    try:
        await app.run()
    except asyncio.CancelledError:
        log.info("stopping")
    finally:
        await app.store.close()
    for name, error in app.stopped.items():
        print(f"{name}: {error}", file=sys.stderr)
    return 1 if app.stopped else 0


def _off(settings: Settings) -> list[tuple[str, str]]:
    """What could be on, with what turns it on."""
    return [(name, one.missing()) for name, one in settings.connectors.items() if one.missing() and not one.in_terminal]


def _on_signals(app: App, config: Path | None) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    loop.add_signal_handler(signal.SIGHUP, _reload, app, config)


def _reload(app: App, config: Path | None) -> None:
    """Moderation's settings are taken over at once; a bad configuration changes nothing."""
    try:
        app.judging.reload(moderation(load(config, os.environ)))
    except ConfigError as error:
        log.error("configuration not reloaded", problems=list(error.problems))  # noqa: TRY400  # its sentences are enough
    else:
        log.info("configuration reloaded")
