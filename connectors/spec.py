"""What a connector tells the composition root about itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from bot.core.address import Address
from bot.core.capability import Need
from bot.core.command import CommandSpec, Suggestion
from bot.core.event import CommandGiven, Event, Message
from bot.core.ports import Clock, Connector, Needs
from bot.core.stored import Heard

# What a member's own page says in a community, as CommonMark.
Page: TypeAlias = Callable[[Address, str], Awaitable[str]]
# Whether what was heard should not wait behind what is said around it; cheap, and free of side effects.
Urgent: TypeAlias = Callable[[Event], bool]
# A command as far as it was typed, and the name of the option; what it could be, the best first.
Suggest: TypeAlias = Callable[[CommandGiven, str], Awaitable[Sequence[Suggestion]]]

# Why a message would be removed the moment it is said, in words for its author; '' when it would not.
Refusal: TypeAlias = Callable[[Message], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the application lends a connector.

    `position` reads a stream's stored cursor, '' when there is none; `commands` are all it should offer.
    `settled` returns once everything heard so far has been answered, for connectors whose input ends.
    `suggest` completes an option of a command that is being typed; `page` is for platforms where members have one.
    What is `urgent` may be handed to `ingest` alone and again with what was heard around it, once more than can be
    judged at once has been heard.
    `refusal` tells before a message is delivered.
    """

    commands: Sequence[CommandSpec]
    position: Callable[[str], Awaitable[str]]
    clock: Clock
    settled: Callable[[], Awaitable[None]] | None = None
    suggest: Suggest | None = None
    page: Page | None = None
    urgent: Urgent = lambda _event: False
    refusal: Refusal | None = None


def everything(_where: Address) -> frozenset[Need]:
    """All that settings could take."""
    return frozenset(Need)


@dataclass(frozen=True, slots=True)
class Probe:
    """One line of `parley check`: what was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    detail: str


class ConnectorSettings(BaseModel):
    """The section `connectors.<name>`; each connector brings its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def missing(self) -> str:
        """'' when the connector can run, else which variable or key turns it on."""
        raise NotImplementedError

    @property
    def in_terminal(self) -> bool:
        """Whether it speaks through this process's terminal, which logs should then leave alone."""
        return False

    @property
    def stands_in(self) -> bool:
        """Whether it runs only while no other connector can."""
        return False

    @property
    def review_room(self) -> str:
        """The address of a room for moderators that is always there, '' when there is none."""
        return ""

    def problems(self) -> list[tuple[str, str]]:
        """Half-made settings: the key, and a sentence that says what to do."""
        return []

    def connect(self, wiring: Wiring) -> Connector:
        """The connector; heavy imports happen here."""
        raise NotImplementedError

    async def probe(self, needs: Needs = everything) -> list[Probe]:
        """Ask the platform who we are, and whether we may do what the settings of each place take."""
        raise NotImplementedError


Export: TypeAlias = Callable[[Path], Iterator[Heard]]
# What `parley NAME COMMAND ...` prints for the words after it; raises `ValueError` with a sentence.
Printed: TypeAlias = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """`exports` read a platform's export file or folder, oldest message first; keyed by the name of the format.

    `commands` are what the command line offers under the connector's own name.
    """

    name: str
    settings: type[ConnectorSettings] | None = None
    exports: Mapping[str, Export] = field(default_factory=dict)
    commands: Mapping[str, Printed] = field(default_factory=dict)
