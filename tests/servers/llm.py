"""An endpoint that speaks the OpenAI protocol over real HTTP and does what a test wrote down for it.

`python -m tests.servers.llm --port 8123 "say:Hello there" busy:2 down "cut:Half an" hang` runs it as a program; when
it has done everything, it repeats what the last speaker said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeAlias, assert_never

from aiohttp import web

from tests.servers.process import LOOPBACK

MODELS = ("tiny", "large")


@dataclass(frozen=True, slots=True)
class Say:
    """Answer, word by word, `pause` seconds apart; `why` is what it says about the end."""

    text: str
    pause: float = 0.0
    why: str = "stop"


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool with whatever is written for its arguments."""

    name: str
    arguments: str = "{}"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error; `said` is the endpoint's message, in which `{key}` is the key it was sent."""

    status: int
    retry_after: str = ""
    said: str = "no"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Say this much, then break the connection."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """Say this much, then end as if that were all, without saying that it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Hang:
    """Say this much, then nothing for ever."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Say this much, then something that no protocol knows."""

    text: str = ""
    raw: bytes = b"data: {nonsense\n\n"


Step: TypeAlias = Say | Call | Refuse | Cut | End | Hang | Garbage


@dataclass(slots=True)
class LlmServer:
    """Does one step for each question, in order, then repeats what it hears; `asked` are the questions.

    `ratings` are scores by a word of the text they are for. As an async context manager it runs inside the block.
    """

    steps: deque[Step] = field(default_factory=deque)
    port: int = 0
    models: Sequence[str] = MODELS
    ratings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    asked: list[dict[str, object]] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1"

    def will(self, *steps: Step) -> None:
        self.steps.extend(steps)

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/v1/models", self._list)
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_post("/v1/moderations", self._moderate)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if isinstance(self.steps[0] if self.steps else None, Refuse | Hang | Garbage):
            return await self._do(request, self.steps.popleft())
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def _moderate(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        if self.steps:
            return await self._do(request, self.steps.popleft())
        results = [{"flagged": False, "category_scores": self._rated(text)} for text in asked["input"]]
        return web.json_response({"id": "modr-1", "model": asked["model"], "results": results})

    def _rated(self, text: str) -> dict[str, float]:
        found = {"harassment": 0.001, "hate": 0.001, "violence": 0.001}
        for word, scores in self.ratings.items():
            found |= scores if word in text else {}
        return found

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        return await self._do(
            request, self.steps.popleft() if self.steps else Say(str(asked["messages"][-1]["content"]))
        )

    async def _do(self, request: web.Request, step: Step) -> web.StreamResponse:
        if isinstance(step, Refuse):
            return _refused(request, step)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        for number, piece in enumerate(_pieces(step.text)):
            await asyncio.sleep(step.pause if isinstance(step, Say) and number else 0)
            await answer.write(_event({"content": piece}))
        await _finish(request, answer, step)
        return answer


async def _finish(
    request: web.Request, answer: web.StreamResponse, step: Say | Call | Cut | End | Hang | Garbage
) -> None:
    match step:
        case Say():
            await answer.write(_event({}, step.why) + b"data: [DONE]\n\n")
        case Call():
            function = {"name": step.name, "arguments": step.arguments}
            await answer.write(
                _event({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]})
            )
            await answer.write(_event({}, "tool_calls") + b"data: [DONE]\n\n")
        case Cut():
            assert request.transport is not None
            request.transport.abort()
        case End():
            pass
        case Hang():
            await asyncio.Event().wait()
        case Garbage():
            await answer.write(step.raw)
        case _:
            assert_never(step)


def _refused(request: web.Request, step: Refuse) -> web.Response:
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    headers = {"Retry-After": step.retry_after} if step.retry_after else {}
    error = {"message": step.said.replace("{key}", key), "type": "error", "code": step.code or None}
    return web.json_response({"error": error}, status=step.status, headers=headers)


def _pieces(text: str) -> Iterator[str]:
    """The text cut after each space."""
    while text:
        head, space, text = text.partition(" ")
        yield head + space


def _event(delta: dict[str, object], why: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": why}
    chunk = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def read_step(written: str) -> Step:
    """A step as it is written on the command line: `say:WORDS`, `call:NAME JSON`, `busy:SECONDS`, `down`, `key`, ..."""
    kind, _, rest = written.partition(":")
    name, _, arguments = rest.partition(" ")
    steps: dict[str, Step] = {
        "say": Say(rest),
        "slow": Say(rest, pause=0.5),
        "call": Call(name, arguments or "{}"),
        "busy": Refuse(429, rest),
        "down": Refuse(503),
        "key": Refuse(401),
        "cut": Cut(rest),
        "end": End(rest),
        "hang": Hang(rest),
        "garbage": Garbage(rest),
    }
    if kind not in steps:
        raise SystemExit(f"There is no step {kind!r}; there are {', '.join(steps)}.")
    return steps[kind]


async def serve(port: int, steps: list[Step]) -> None:
    """Run until it is stopped; the line printed says where."""
    async with LlmServer(deque(steps), port) as server:
        print(f"OPENAI_BASE_URL={server.url}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.llm", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("steps", nargs="*", type=read_step)
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.steps))


if __name__ == "__main__":
    main()
