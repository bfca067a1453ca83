"""The command line: `parley run`, `check`, `replay`, `bands`, `calibrate` and the rest that `parley --help` lists."""

# Libraries and the parts of the house are imported inside the commands: asking for help or the version needs none.

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.core.address import Address
from bot.core.errors import ConfigError, ModelFailed
from bot.evaluation.command import evaluate
from bot.privacy.command import erase, export
from bot.terminal import Exit, reader_may_leave, sentences, show, wait

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="Settings file; without it parley.toml in this folder, if there is one.", metavar="FILE"
    ),
]
Place = Annotated[
    str | None,
    typer.Option("--community", metavar="ADDRESS", help="Such as matrix/example.org; a channel is fine too."),
]
# Some hundreds of messages: enough to score at full speed, few enough to answer within milliseconds.
CHUNK = 64 * 1024


def _alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _group(about: str) -> typer.Typer:
    """Commands that belong together; their name alone shows what there is."""
    return typer.Typer(
        help=about,
        callback=_alone,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


app = _group("Parley keeps chat rooms safe, readable and lively. Start with: parley run")
database = _group("Look after the database.")
settings_ = _group("Look at the settings.")


@app.command()
def run(config: ConfigFile = None) -> None:
    """Start the bot.

    It joins every platform that is configured, and says which variable turns on the others. With none it opens a room
    in this terminal, where everything can be tried. Ctrl-C ends it; SIGHUP reads the moderation settings again.
    """
    from bot.running import run as run_app
    from bot.settings import load

    with sentences(ConfigError):
        try:
            code = wait(run_app(load(config, os.environ), config))
        except KeyboardInterrupt:
            code = Exit.DONE
    raise typer.Exit(code)


@app.command()
def check(
    config: ConfigFile = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing; only the exit code tells.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody over the network.")] = False,
) -> None:
    """Look at settings, store, model and platforms; say what to mend.

    Exits with 0 when all is well, with 1 when something needs mending, and with 2 when the settings are wrong.
    """
    from bot.check import check as look
    from bot.check import table
    from bot.settings import load

    with sentences(ConfigError):
        findings = wait(look(load(config, os.environ), offline=offline))
    if not quiet:
        show(table(findings))
    raise typer.Exit(Exit.DONE if all(finding.ok for finding in findings) else Exit.FAILED)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="The export: a file, or a folder where the format is one.")],
    format_: Annotated[
        str,
        typer.Option("--format", "-f", metavar="NAME", help="What wrote it; a wrong name lists all there are."),
    ],
    config: ConfigFile = None,
    report: Annotated[Path, typer.Option("--report", metavar="FILE", help="Where the report goes.")] = Path(
        "replay.html"
    ),
) -> None:
    """Try your settings on a chat export, and write a report.

    Every message is judged as in auto mode. Nothing is sent anywhere, and nothing but the report is kept.
    """
    from bot.replaying import replay_file
    from bot.settings import load

    with sentences(ConfigError, ValueError, OSError):
        typer.echo(replay_file(file, format_, load(config, os.environ), report))


@app.command()
def classify() -> None:
    """Score messages from standard input with the local model.

    Takes a JSON object on each line, such as {"text": "hello"}, and answers each with a line of scores from 0 to 1.
    Exits with 2 when a line could not be read; its answer says why.
    """
    from bot.classify import classify as score

    # What has arrived, instead of a full buffer: whoever types a line gets its answer at once.
    arriving = iter(partial(os.read, sys.stdin.fileno(), CHUNK), b"")
    with sentences(ModelFailed, code=Exit.FAILED), reader_may_leave():
        well = score(arriving, sys.stdout)
        raise typer.Exit(Exit.DONE if well else Exit.WRONG_INPUT)


@app.command()
def queue(
    config: ConfigFile = None,
    limit: Annotated[int, typer.Option(help="How many cases at most.", min=1, max=1000)] = 50,
) -> None:
    """Show the cases that wait for a moderator.

    Reported messages come first.
    """
    from bot.check import queue as waiting
    from bot.settings import load

    with sentences(ConfigError):
        shown = wait(waiting(load(config, os.environ), limit))
    show(shown)


@app.command()
def bands(config: ConfigFile = None, community: Place = None) -> None:
    """Show from which scores on the model asks and acts, and why.

    With --community what holds there, and how often checks said that it was wrong.
    """
    from bot.calibrating import bands as shown
    from bot.settings import load

    with sentences(ConfigError, ValueError):
        table = wait(shown(load(config, os.environ), _address(community)))
    show(table)


@app.command()
def calibrate(
    config: ConfigFile = None,
    community: Place = None,
    *,
    back: Annotated[bool, typer.Option("--back", help="Return to the calibration before.")] = False,
) -> None:
    """Learn from what moderators decided.

    Makes a calibration for a community, or for each with enough reviewed cases. It holds at once, also in a running
    Parley; what was decided before keeps the one it was decided by.
    """
    from bot.calibrating import go_back, learn
    from bot.settings import load

    with sentences(ConfigError, ValueError):
        settings, place = load(config, os.environ), _address(community)
        shown = wait(go_back(settings, place)) if back else wait(learn(settings, place))
    show(shown)


@database.command()
def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to the schema of this version.

    “parley run” does so by itself.
    """
    from bot.settings import load
    from storage.engine import open_engine
    from storage.migrate import upgrade as migrate

    with sentences(ConfigError):
        changed = migrate(open_engine(load(config, os.environ).store.url))
    typer.echo("The database was upgraded." if changed else "The database is up to date.")


@settings_.command()
def example() -> None:
    """Print an example file with every setting and its default.

    To begin with: parley config example > parley.toml
    """
    from bot.settings import EXAMPLES, sections
    from config.example import example as render

    with reader_may_leave():
        typer.echo(render(sections(), EXAMPLES), nl=False)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"parley {__version__}")


app.command("eval")(evaluate)
app.command()(erase)
app.command()(export)
app.add_typer(database, name="db")
app.add_typer(settings_, name="config")


def _address(text: str | None) -> Address | None:
    return Address.parse(text) if text else None


def _print(say: Callable[[], str]) -> None:
    with sentences(ValueError), reader_may_leave():
        typer.echo(say())


def main() -> None:
    """The console script."""
    name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if name and name not in typer.main.get_group(app).commands:
        from bot.offering import offer

        offer(app, name, _print, _group)
    app()
