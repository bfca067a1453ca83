"""The terminal itself: lines that are typed or piped in, lines that are shown."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TextIO, TypeAlias

from rich.cells import cell_len
from rich.console import Console as Paper
from rich.text import Text
from typing_extensions import override

from connectors.console.markdown import Line

Keyboard: TypeAlias = Callable[[Callable[[], str]], AsyncGenerator[str, None]]
Wanted: TypeAlias = SimpleQueue[asyncio.Future[str] | None]


class Sheet(Paper):
    """What is written on: where a closed one is an error to us, and not the end of the process."""

    @override
    def on_broken_pipe(self) -> None:
        """Called while the error is at hand. What is still buffered must not be written at exit."""
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise BrokenPipeError("nobody reads this terminal any more")


def show(lines: Sequence[Line], paper: Paper) -> None:
    """Write lines, wrapped to a terminal's width; to a file or pipe as they are."""
    for line in lines:
        for margin, part in zip(chain([line.first], repeat(line.rest)), _wrapped(line, paper), strict=False):
            whole = Text.assemble((margin, line.style), part)
            whole.rstrip()
            paper.print(whole, soft_wrap=True, highlight=False)


def _wrapped(line: Line, paper: Paper) -> Sequence[Text]:
    if not paper.is_terminal:
        return [line.text]
    width = paper.width - max(cell_len(line.first), cell_len(line.rest))
    return list(line.text.wrap(paper, max(8, width), overflow="fold")) or [Text()]


async def typed(prompt: Callable[[], str]) -> AsyncGenerator[str, None]:
    """Lines typed by a person, whose prompt stays below whatever is shown meanwhile; ends at Ctrl-D or Ctrl-C."""
    # Heavy, and of no use where nobody types.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    session: PromptSession[str] = PromptSession(erase_when_done=True)
    # Raw between two prompts as well, or whoever types fast sees their keys twice.
    with patch_stdout(raw=True), session.app.input.raw_mode():
        while True:
            try:
                yield await session.prompt_async(prompt)
            except (EOFError, KeyboardInterrupt):
                return


def piped(source: TextIO) -> Keyboard:
    """Lines from a file, a pipe or a terminal too simple for a prompt; ends where they end."""

    async def lines(_: Callable[[], str]) -> AsyncGenerator[str, None]:
        wanted: Wanted = SimpleQueue()
        # A thread, because asyncio cannot wait for a plain file; a daemon, because one that waits cannot be stopped.
        Thread(target=_read, args=(source, wanted), daemon=True).start()
        try:
            while line := await _next(wanted):
                yield line
        finally:
            wanted.put(None)

    return lines


async def _next(wanted: Wanted) -> str:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    wanted.put(future)
    return await future


def _read(source: TextIO, wanted: Wanted) -> None:
    """Read a line for whoever wants one, '' when there are no more, until nobody does."""
    while future := wanted.get():
        try:
            line = source.readline()
        except OSError:
            line = ""
        # A loop that is closed has nobody who waits.
        with suppress(RuntimeError):
            future.get_loop().call_soon_threadsafe(_give, future, line)


def _give(future: asyncio.Future[str], line: str) -> None:
    if not future.done():
        future.set_result(line)
