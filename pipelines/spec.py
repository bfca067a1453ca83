"""What a pipeline tells the composition root about itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import BaseModel

from bot import text
from bot.core.action import Action
from bot.core.command import CommandSpec, Suggestion
from bot.core.effect import Button, Post
from bot.core.event import CommandGiven, Header
from bot.core.ports import Context, JobHandler

APPEAL = "appeal:"


def appeal_button(message_id: str) -> Button:
    """What the author of a message presses to have a decision about it looked at again."""
    return Button(
        APPEAL + message_id, text.APPEAL, "🙋", asks=text.APPEAL_ASKS, instead=text.appeal_instead(message_id)
    )


def whisper(event: Header, said: str) -> Post:
    """For the eyes of whoever caused the event."""
    return Post(to=event.where, text=said, whisper_to=event.who.id)


Answer: TypeAlias = Callable[[CommandGiven, Context], AsyncIterator[Action]]


Suggest: TypeAlias = Callable[[CommandGiven, str, Context], Awaitable[Sequence[Suggestion]]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what answers it; role and options are checked before `answer` is called, the role before `suggest`.

    `suggest` completes the option of that name, for options that say so.
    """

    spec: CommandSpec
    answer: Answer
    suggest: Suggest | None = None


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """`section` is where its settings stand in the configuration, '' when it has none; `standing` jobs always run."""

    name: str
    section: str = ""
    settings: type[BaseModel] | None = None
    commands: Sequence[CommandSpec] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    standing: Sequence[str] = ()
