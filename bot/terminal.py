"""What every command of `parley` shares: exit codes, sentences on standard error, and readers that leave early."""

# Libraries are imported inside the functions: asking for help or the version needs none.

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TypeVar

import typer

from bot.core.errors import ConfigError

T = TypeVar("T")


class Exit(IntEnum):
    """What the caller's shell learns."""

    DONE = 0
    FAILED = 1
    WRONG_INPUT = 2


def wait(work: Coroutine[None, None, T]) -> T:
    """Run it to its end, on the fastest loop there is."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        import asyncio

        return asyncio.run(work)
    return uvloop.run(work)


def show(shown: object) -> None:
    """Print a table or anything else that `rich` can draw."""
    from rich.console import Console

    with reader_may_leave():
        Console().print(shown)


@contextmanager
def sentences(*told: type[Exception], code: Exit = Exit.WRONG_INPUT) -> Iterator[None]:
    """Errors that a person can mend are said on standard error, a line for each problem."""
    try:
        yield
    except told as error:
        for problem in error.problems if isinstance(error, ConfigError) else [error]:
            typer.echo(problem, err=True)
        raise typer.Exit(code) from None


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Whoever reads our output may stop, as `head` does: they have what they want, so that is no failure."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end, and that must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
