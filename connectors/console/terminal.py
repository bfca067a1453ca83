"""The terminal itself: lines that are typed or piped in, lines that are shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import chain, repeat
from threading import Thread
from typing import TextIO, TypeAlias

from rich.cells import cell_len
from rich.console import Console as Paper
from rich.text import Text

from connectors.console.markdown import Line

Keyboard: TypeAlias = Callable[[Callable[[], str]], AsyncGenerator[str, None]]


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
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=64)
        # A thread, because asyncio cannot wait for a plain file; a daemon, because one that waits cannot be stopped.
        Thread(target=_read, args=(source, queue, asyncio.get_running_loop()), daemon=True).start()
        while line := await queue.get():
            yield line

    return lines


def _read(source: TextIO, queue: asyncio.Queue[str], loop: asyncio.AbstractEventLoop) -> None:
    """Put every line into the queue, and '' after the last."""
    line = "-"
    while line:
        line = source.readline()
        try:
            asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()
        except (RuntimeError, asyncio.CancelledError):
            # The loop ended while we waited: nobody listens any more.
            return
