"""`parley replay`: progress while it runs, a page when it is done."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path

from bot.core.stored import Heard
from bot.logs import Level, set_up
from bot.progress import counted, progress
from bot.replay import formats, replay
from bot.report import headline, render
from bot.settings import Settings
from bot.tally import Tally


def replay_file(file: Path, name: str, settings: Settings, report: Path) -> str:
    """Replay an export, write the report, and say so; raises `ValueError` or `OSError` with a sentence."""
    export = formats().get(name)
    if export is None:
        raise ValueError(f"There is no format {name!r}: choose one of {', '.join(sorted(formats()))}.")
    if not file.exists():
        raise ValueError(f"{file} does not exist.")
    if report.is_dir() or not os.access(report if report.exists() else report.parent, os.W_OK):
        raise ValueError(f"The report cannot be written to {report}: name another file with --report.")
    set_up(settings.log, Level.ERROR)
    started = time.monotonic()
    tally = _counted(export(file), settings, file.name)
    seconds = time.monotonic() - started
    report.write_text(render(tally, file.name, seconds), encoding="utf-8")
    return f"{headline(tally)}\nRead {counted(tally.messages, seconds)}; the report is in {report}."


def _counted(export: Iterator[Heard], settings: Settings, name: str) -> Tally:
    with tempfile.TemporaryDirectory(prefix="parley-replay-") as folder, progress(name) as seen:
        try:
            return asyncio.run(_stoppable(replay(export, settings, f"sqlite:///{folder}/replay.db", seen)))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _stoppable(work: Coroutine[None, None, Tally]) -> Tally:
    """SIGTERM ends it as Ctrl-C does, so that no temporary store is left behind."""
    task = asyncio.current_task()
    assert task is not None
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
