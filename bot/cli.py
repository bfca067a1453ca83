"""The command line: `parley run`, `check`, `replay`, `classify`, `queue`, `db`, `config`, `version`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from bot import __version__
from bot.core.errors import ConfigError
from bot.settings import Settings, load

T = TypeVar("T")
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; parley.toml in this folder when left out.")
]

app = typer.Typer(
    help="Parley keeps rooms safe, readable and lively. Start with: parley run",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
database = typer.Typer(help="Look after the database.", no_args_is_help=True)
settings_ = typer.Typer(help="Look at the configuration.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(settings_, name="config")
out, err = Console(), Console(stderr=True)


class Exit(IntEnum):
    """What the caller's shell learns."""

    DONE = 0
    FAILED = 1
    WRONG_INPUT = 2


@app.command()
def run(config: ConfigFile = None) -> None:
    """Start Parley with everything that is configured; a terminal room when nothing is."""
    from bot.running import run as run_app  # connectors and pipelines load only here

    settings = _settings(config)
    raise typer.Exit(_run(run_app(settings, config)))


@app.command()
def check(
    config: ConfigFile = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing; only the exit code tells.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask any platform.")] = False,
) -> None:
    """Look at configuration, store, model, tokens and permissions, and say what to mend."""
    from bot.check import check as look
    from bot.check import table

    findings = _run(look(_settings(config), offline=offline))
    if not quiet:
        out.print(table(findings))
    raise typer.Exit(Exit.DONE if all(finding.ok for finding in findings) else Exit.FAILED)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="The export: a file, or a folder where the format is one.")],
    format_: Annotated[str, typer.Option("--format", help="ubuntu-irc, slack, discord or matrix.")],
    config: ConfigFile = None,
    report: Annotated[Path, typer.Option("--report", help="Where the HTML report goes.")] = Path("replay.html"),
) -> None:
    """Send an export through the real path in shadow mode, and report what would have been done."""
    from bot.replaying import replay_file

    settings = _settings(config)
    with _wrong_input():
        replay_file(file, format_, settings, report, out)


@app.command()
def classify() -> None:
    """Score JSON lines {"text": ...} from standard input; one line out for each line in."""
    from bot.classify import classify as score

    raise typer.Exit(Exit.DONE if score(sys.stdin.buffer, sys.stdout) else Exit.WRONG_INPUT)


@app.command()
def queue(
    config: ConfigFile = None,
    limit: Annotated[int, typer.Option(help="How many cases at most.", min=1, max=1000)] = 50,
) -> None:
    """Show the open cases, reported ones first."""
    from bot.check import queue as waiting

    out.print(_run(waiting(_settings(config), limit)))


@database.command()
def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this version's schema; `run` does it by itself."""
    from storage.engine import open_engine
    from storage.migrate import upgrade as migrate

    settings = _settings(config)
    with _config_errors():
        changed = migrate(open_engine(settings.store.url))
    out.print("The database was upgraded." if changed else "The database is up to date.")


@settings_.command()
def example() -> None:
    """Print an example configuration with every key and its default."""
    from bot.settings import sections
    from config.example import example as render

    sys.stdout.write(render(sections()))


@app.command()
def version() -> None:
    """Print the version."""
    out.print(f"parley {__version__}", highlight=False)


def _settings(config: Path | None) -> Settings:
    with _config_errors():
        return load(config, os.environ)


def _run(work: Coroutine[None, None, T]) -> T:
    with _config_errors():
        try:
            import uvloop
        except ImportError:
            return asyncio.run(work)
        return uvloop.run(work)


@contextmanager
def _config_errors() -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(Exit.WRONG_INPUT) from None


@contextmanager
def _wrong_input() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(Exit.WRONG_INPUT) from None


def main() -> None:
    """The console script."""
    app()
