"""`parley replay`: progress while it runs, a page when it is done."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.core.ports import Heard
from bot.replay import formats, replay
from bot.report import render
from bot.settings import Settings


def replay_file(file: Path, name: str, settings: Settings, report: Path, out: Console) -> None:
    """Replay an export and write the report; raises `ValueError` or `OSError` with a sentence."""
    export = formats().get(name)
    if export is None:
        raise ValueError(f"There is no format {name!r}: choose one of {', '.join(sorted(formats()))}.")
    if not file.exists():
        raise ValueError(f"{file} does not exist.")
    if not report.parent.is_dir():
        raise ValueError(f"{report.parent} is no folder to write the report to.")
    started = time.monotonic()
    page = _replayed(export(file), settings, file, started, out)
    report.write_text(page, encoding="utf-8")
    out.print(f"The report is in {report}.", highlight=False)


def _replayed(export: Iterator[Heard], settings: Settings, file: Path, started: float, out: Console) -> str:
    with tempfile.TemporaryDirectory(prefix="parley-replay-") as folder, _progress(out) as progress:
        task = progress.add_task(file.name, total=None)
        counted = replay(export, settings, f"sqlite:///{folder}/replay.db", lambda n: progress.advance(task, n))
        tally = asyncio.run(counted)
    return render(tally, file.name, time.monotonic() - started)


def _progress(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out
    )
