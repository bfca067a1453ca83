"""How far a long command is: a bar in a terminal, now and then a line for a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text
from typing_extensions import override

# How often a log that is no terminal is told.
TELL_SECONDS = 10.0


@contextmanager
def progress(name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
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
        task = bar.add_task(name, total=total)
        yield lambda more: bar.advance(task, more)


class Rate(ProgressColumn):
    """How many were read, and how many a second."""

    @override
    def render(self, task: Task) -> Text:
        return Text(counted(int(task.completed), task.elapsed or 0))


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
            self.tell(counted(self._count, self._told - self._started))


def counted(messages: int, seconds: float) -> str:
    """Such as 12,000 messages, 3,400/s."""
    rate = f", {messages / seconds:,.0f}/s" if seconds >= 1 else ""
    return f"{messages:,} message{'' if messages == 1 else 's'}{rate}"
