"""`parley replay`: progress while it runs, a page when it is done."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text
from typing_extensions import override

from bot.core.ports import Heard
from bot.logs import Level, set_up
from bot.replay import formats, replay
from bot.report import headline, render
from bot.settings import Settings
from bot.tally import Tally

# How often a log that is no terminal is told.
TELL_SECONDS = 10.0


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
    return f"{headline(tally)}\nRead {_counts(tally.messages, seconds)}; the report is in {report}."


def _counted(export: Iterator[Heard], settings: Settings, name: str) -> Tally:
    with tempfile.TemporaryDirectory(prefix="parley-replay-") as folder, _progress(name) as seen:
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


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int], None]]:
    """What is to be told how many more were read: a bar in a terminal, now and then a line elsewhere."""
    paper = Console(stderr=True)
    if not paper.is_terminal:
        yield Lines(lambda line: paper.print(line, highlight=False, soft_wrap=True)).seen
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(20),
        Rate(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=paper, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda more: bar.advance(task, more)


class Rate(ProgressColumn):
    """How many were read, and how many a second."""

    @override
    def render(self, task: Task) -> Text:
        return Text(_counts(int(task.completed), task.elapsed or 0))


@dataclass(slots=True)
class Lines:
    """Progress for a log."""

    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _count: int = 0
    _started: float = field(init=False)
    _told: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self._told = self.clock()

    def seen(self, more: int) -> None:
        """So many more were read."""
        self._count += more
        if self.clock() - self._told >= TELL_SECONDS:
            self._told = self.clock()
            self.tell(_counts(self._count, self._told - self._started))


def _counts(messages: int, seconds: float) -> str:
    rate = f", {messages / seconds:,.0f}/s" if seconds >= 1 else ""
    return f"{messages:,} message{'' if messages == 1 else 's'}{rate}"
