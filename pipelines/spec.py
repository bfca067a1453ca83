"""What a pipeline tells the composition root about itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import BaseModel

from bot.core.action import Action
from bot.core.command import CommandSpec
from bot.core.event import CommandGiven
from bot.core.ports import Context, JobHandler

Answer: TypeAlias = Callable[[CommandGiven, Context], AsyncIterator[Action]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what answers it; role and options are checked before `answer` is called."""

    spec: CommandSpec
    answer: Answer


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """`section` is where its settings stand in the configuration, '' when it has none."""

    name: str
    section: str = ""
    settings: type[BaseModel] | None = None
    commands: Sequence[CommandSpec] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
