"""Between our turns and calls and those of the library; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.core.errors import BrokenOff, Garbled, ModelFailed, ModelRefused
from bot.core.llm import Speaker, Tool, ToolCall, Turn

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

# More than tokens have on average in any language; a model that ignores its limit is stopped here.
CHARACTERS_PER_TOKEN: Final = 16
# No answer needs more calls.
MOST_CALLS: Final = 16


@dataclass(slots=True)
class Answer:
    """What has come of an answer that may have `limit` tokens."""

    limit: int
    text: str = ""
    _calls: dict[int, _Call] = field(default_factory=dict)
    _ended: str = ""

    def take(self, chunk: AIMessageChunk) -> str:
        """Add a piece; returns the words that it adds to the text."""
        self._ended = str(chunk.response_metadata.get("finish_reason") or self._ended)
        for part in chunk.tool_call_chunks:
            number = part["index"] or 0
            if number < MOST_CALLS:
                self._calls.setdefault(number, _Call()).take(part["id"], part["name"], part["args"])
        words = chunk.text[: self._room() - len(self.text)]
        self.text += words
        return words

    @property
    def is_over(self) -> bool:
        """Whether nothing more is taken."""
        return self._size() >= self._room()

    def calls(self) -> list[ToolCall]:
        """The calls it makes, in their order."""
        return [call.made(number) for number, call in sorted(self._calls.items())]

    def fault(self) -> ModelFailed | None:
        """Why it cannot be taken for a whole answer; for now None."""
        if self._ended == "length" or self.is_over:
            return BrokenOff("the answer reached its limit", self.text, at_limit=True)
        if self._ended == "content_filter":
            return ModelRefused("the endpoint does not want to answer this")
        if not self._ended:
            return BrokenOff("the answer broke off", self.text)
        if not self.text and not self._calls:
            return Garbled("the answer is empty")
        return None

    def _size(self) -> int:
        return len(self.text) + sum(len(call.arguments) for call in self._calls.values())

    def _room(self) -> int:
        return self.limit * CHARACTERS_PER_TOKEN


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""

    def take(self, id_: str | None, name: str | None, arguments: str | None) -> None:
        self.id += id_ or ""
        self.name += name or ""
        self.arguments += arguments or ""

    def made(self, number: int) -> ToolCall:
        return ToolCall(id=self.id or f"call-{number}", name=self.name, arguments=_object(self.arguments or "{}"))


def _object(arguments: str) -> Mapping[str, object] | None:
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def spoken(turn: Turn) -> BaseMessage:
    """The turn as the library wants it."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    match turn.speaker:
        case Speaker.SYSTEM:
            return SystemMessage(turn.text)
        case Speaker.USER:
            return HumanMessage(turn.text)
        case Speaker.TOOL:
            return ToolMessage(turn.text, tool_call_id=turn.answers)
        case Speaker.ASSISTANT:
            calls = [{"id": call.id, "name": call.name, "args": dict(call.arguments or {})} for call in turn.calls]
            return AIMessage(turn.text, tool_calls=calls)


def described(tool: Tool) -> dict[str, object]:
    """The tool as the protocol wants it."""
    function = {"name": tool.name, "description": tool.purpose, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def schema_of_choice(options: Sequence[str]) -> Mapping[str, object]:
    """A JSON Schema for `{"answer": one of the options}`."""
    answer = {"type": "string", "enum": list(options)}
    return {"type": "object", "properties": {"answer": answer}, "required": ["answer"], "additionalProperties": False}
