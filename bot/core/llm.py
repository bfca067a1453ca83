"""The port to language models: what they are told, what they answer, and how much of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Speaker(StrEnum):
    """Whose words a turn holds."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """What the model wants looked up; `arguments` is None where it wrote something that is no JSON object."""

    id: str
    name: str
    arguments: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One piece of the conversation. `calls` belong to the assistant, `answers` names the call a tool's turn is for."""

    speaker: Speaker
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something the model may call; `parameters` is a JSON Schema of an object."""

    name: str
    purpose: str
    parameters: Mapping[str, object]


class LanguageModel(Protocol):
    """One model at one endpoint. Tokens are counted by the model; `limit` caps those of the answer."""

    @property
    def name(self) -> str:
        """The model’s name at its endpoint."""

    @property
    def window(self) -> int:
        """How many tokens it reads and writes together."""

    def stream(
        self, turns: Sequence[Turn], *, tools: Sequence[Tool] = (), limit: int | None = None
    ) -> AsyncIterator[str | ToolCall]:
        """The answer piece by piece, then the calls it makes.

        Raises `ModelBusy`, `BrokenOff`, `ModelRefused` or `Misconfigured`; without an error the answer is whole.
        """

    async def complete(self, turns: Sequence[Turn], *, limit: int | None = None) -> str:
        """The whole answer; raises as `stream` does."""

    async def fill(self, turns: Sequence[Turn], schema: Mapping[str, object], *, limit: int | None = None) -> object:
        """What it says as JSON, asked to follow the schema and not checked against it.

        Raises as `stream` does, and `Garbled` where it is no JSON.
        """

    async def choose(self, turns: Sequence[Turn], options: Sequence[str]) -> str:
        """One of the options, exactly; raises as `stream` does, and `Garbled` for anything else."""

    async def close(self) -> None:
        """Let go of its connections."""


class TextModeration(Protocol):
    """An endpoint that only says how bad texts are."""

    async def rate(self, texts: Sequence[str], model: str) -> list[Mapping[str, float]]:
        """From 0 to 1 for each of its categories, a mapping for each text; raises as `LanguageModel.stream` does."""
