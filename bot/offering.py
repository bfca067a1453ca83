"""What a connector brings to the command line under its own name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from bot.parts import CONNECTORS
from connectors.spec import Printed

Print = Callable[[Callable[[], str]], None]


def offer(app: typer.Typer, name: str, show: Print, group: Callable[[str], typer.Typer]) -> None:
    """Add the commands of the connector of that name, if there is one that has any; `show` prints what they say."""
    commands = next((spec.commands for spec in CONNECTORS if spec.name == name), {})
    if commands:
        own = group(f"What belongs to {name} alone.")
        for what, say in commands.items():
            own.command(what, help=say.__doc__)(_command(say, show))
        app.add_typer(own, name=name)


def _command(say: Printed, show: Print) -> Callable[[list[str] | None], None]:
    def command(words: Annotated[list[str] | None, typer.Argument(show_default=False)] = None) -> None:
        show(lambda: say(words or ()))

    return command
