"""The section `connectors.console`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from uuid import uuid4

from pydantic import Field
from typing_extensions import override

from bot.core.ports import Connector, Needs
from connectors.console.house import MODS
from connectors.spec import ConnectorSettings, Probe, Wiring, everything


class ConsoleSettings(ConnectorSettings):
    """A room in the terminal: it needs no account and no token."""

    enabled: bool | None = Field(
        default=None, description="Open a room in this terminal; unset: when no other connector is on."
    )
    color: bool = Field(default=True, description="Use colour where the terminal has it and NO_COLOR is not set.")

    @override
    def missing(self) -> str:
        """'' unless it was turned off."""
        return "set connectors.console.enabled = true" if self.enabled is False else ""

    @property
    @override
    def in_terminal(self) -> bool:
        return True

    @property
    @override
    def stands_in(self) -> bool:
        return self.enabled is None

    @property
    @override
    def review_room(self) -> str:
        return str(MODS)

    @override
    def connect(self, wiring: Wiring) -> Connector:
        """A room on this process's standard input and output."""
        from connectors.console.client import Console
        from connectors.console.house import House
        from connectors.console.terminal import Sheet, piped, typed

        if isinstance(sys.stdout, TextIOWrapper):
            # A terminal that knows few letters shows “?” for the others.
            sys.stdout.reconfigure(errors="replace")
        paper = Sheet(no_color=None if self.color else True)
        house = House(session=uuid4().hex[:12])
        if sys.stdin.isatty() and sys.stdout.isatty() and not paper.is_dumb_terminal:
            return Console(wiring, house, typed, paper)
        # A file of our own: the interpreter cannot end while a thread waits on the one it wants to close.
        source = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        return Console(wiring, house, piped(source), paper, patient=not sys.stdin.isatty())

    @override
    async def probe(self, needs: Needs = everything) -> list[Probe]:
        """Nothing can be wrong with a terminal; say how it will be read."""
        detail = "a person types" if sys.stdin.isatty() else "lines are piped in; I leave after the last answer"
        return [Probe("console", ok=True, detail=detail)]
