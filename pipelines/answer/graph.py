"""An answer by a language model, step by step: classify, gather, compose, generate, check, cite."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Final, Protocol, TypedDict, TypeVar

import structlog
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from bot.core.action import Spend
from bot.core.errors import ModelFailed
from bot.core.llm import LanguageModel, ToolCall
from bot.core.passage import Passage
from bot.core.ports import Context, Embedder
from pipelines.answer.asked import Asked, Standing
from pipelines.answer.cite import Cited, checked
from pipelines.answer.compose import UNKNOWN, Budget, Prompt, Spoken, composed, tokens
from pipelines.answer.gathering import Gathering
from pipelines.answer.guard import growing, guarded
from pipelines.answer.links import links
from pipelines.answer.purse import Held, Purse
from pipelines.answer.scrub import Scrubber
from pipelines.answer.writing import Kind, Written, kind_of

T = TypeVar("T")
log = structlog.get_logger(__name__)

RECURSION: Final = 15
CHECK_EVERY_S: Final = 2.0
# Less than a job is lent for: one that took longer would begin again.
LONGEST_S: Final = 240.0
DRAFT_EVERY_S: Final = 0.25


class State(TypedDict, total=False):
    """What the steps hand on."""

    asked: Asked
    steps: Steps
    kind: Kind
    sources: Sequence[Passage]
    talk: Sequence[Spoken]
    prompt: Prompt
    held: Held
    spent: Spend
    received: str
    failure: str
    standing: Standing
    cited: Cited
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of one answer; `scrubber` must not be shared with another."""

    context: Context
    model: LanguageModel
    embedder: Embedder | None
    budget: Budget
    purse: Purse
    monotonic: Callable[[], float] = time.monotonic
    scrubber: Scrubber = field(default_factory=Scrubber)

    async def classify(self, state: State) -> State:
        """A greeting needs no model."""
        return {"kind": kind_of(state["asked"].question)}

    async def gather(self, state: State) -> State:
        """Conversation and sources, without what the audience may not read."""
        gathered = await Gathering(self.context, self.embedder).gather(state["asked"])
        return {"talk": gathered.talk, "sources": gathered.sources}

    async def compose(self, state: State) -> State:
        """Everything private is a mark to the model."""
        scrub = self.scrubber.scrub
        prompt = composed(state["asked"].question, state["sources"], state["talk"], self.budget, scrub)
        return {"prompt": prompt, "sources": prompt.sources}

    async def afford(self, state: State) -> State:
        """Tokens are set aside before the call."""
        held = await self.purse.hold(state["asked"].event, state["prompt"].shares.whole, self.context)
        if isinstance(held, Held):
            return {"held": held}
        return {"written": Written(near=state["sources"], over=held)}

    async def generate(self, state: State) -> State:
        """Receive the text and show it while it grows; what was received before a failure counts."""
        # What was gathered a moment ago was looked at then.
        show, failure = _Show(self, state, checked_at=self.monotonic()), ""
        try:
            async with _closing(self.model.stream(state["prompt"].turns, limit=self.budget.answer)) as pieces:
                failure = await self._receive(pieces, show)
        except ModelFailed as error:
            failure = str(error) or type(error).__name__
        finally:
            used = state["prompt"].shares.read + tokens(show.received) if show.received else 0
            spent = state["held"].spent(used, self.context.clock())
        if failure:
            log.warning("answer not complete", reason=failure, received=len(show.received))
        return {"received": show.received, "failure": failure, "standing": show.standing, "spent": spent}

    async def _receive(self, pieces: AsyncIterator[str | ToolCall], show: _Show) -> str:
        """Why it was not received to the end, '' where it was or nobody wants it any more."""
        count, until = 0, self.monotonic() + LONGEST_S
        async for piece in pieces:
            # No tools were offered, so what calls one is noise.
            if isinstance(piece, str):
                count += tokens(piece)
                await show.grow(piece)
            if show.standing is not Standing.FINE:
                return ""
            # The endpoint was told the limit too, but need not keep it.
            if count > 2 * self.budget.answer:
                return "longer than it may be"
            if self.monotonic() > until:
                return "slower than it may be"
        return ""

    async def check(self, state: State) -> State:
        """Once more whether all of it may be told, and whether it stands where it says."""
        standing = state["standing"]
        if standing is Standing.FINE:
            standing = await state["asked"].standing(state["sources"], self.context)
        text = self.scrubber.restore(state["received"])
        sources = [passage.words for passage in state["sources"]]
        return {"standing": standing, "cited": checked(text.replace(UNKNOWN, ""), sources)}

    async def cite(self, state: State) -> State:
        """The text as it will be read, with the sources it names."""
        cited, sources = state["cited"], state["sources"]
        text = guarded(cited.text, links(sources))
        named = [sources[place] for place in cited.sources]
        written = Written(
            text=text,
            named=named,
            near=sources,
            standing=state["standing"],
            failure=state["failure"],
            spent=(state["spent"],),
        )
        return {"written": written}


@dataclass(slots=True)
class _Show:
    """Hands on what may be shown of a growing text, now and then."""

    steps: Steps
    state: State
    checked_at: float
    received: str = ""
    standing: Standing = Standing.FINE
    shown_at: float = float("-inf")

    async def grow(self, piece: str) -> None:
        """Take a piece; whoever is no longer to see the text is looked for before any of it is shown."""
        self.received += piece
        now = self.steps.monotonic()
        if now - self.checked_at >= CHECK_EVERY_S:
            self.standing = await self.state["asked"].standing(self.state["sources"], self.steps.context)
            self.checked_at = now
        if self.standing is Standing.FINE and now - self.shown_at >= DRAFT_EVERY_S:
            self._show(now)

    def _show(self, now: float) -> None:
        text = self.received.strip()
        shown = "" if UNKNOWN.startswith(text) else self._guarded()
        if shown:
            get_stream_writer()(shown)
            self.shown_at = now

    def _guarded(self) -> str:
        return growing(self.steps.scrubber.restore(self.received), links(self.state["sources"]))


@asynccontextmanager
async def _closing(said: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Most are generators, which hold on to what they use until they are closed."""
    try:
        yield said
    finally:
        if isinstance(said, AsyncGenerator):
            await said.aclose()


async def write(asked: Asked, steps: Steps) -> AsyncGenerator[str | Written, None]:
    """Texts that grow, and at the end what was written."""
    state: State = {}
    given: State = {"asked": asked, "steps": steps}
    running = _graph().astream(given, {"recursion_limit": RECURSION}, stream_mode=["custom", "values"])
    async with _closing(running) as chunks:
        async for _, chunk in chunks:
            if isinstance(chunk, str):
                yield chunk
            else:
                state = State(**chunk)  # type: ignore[typeddict-item]  # to the library it is any dict
    yield state.get("written") or Written(kind=state["kind"])


@cache
def _graph() -> CompiledStateGraph[State, None, State, State]:
    """Put together once: that costs more than all its steps."""
    graph = StateGraph(State)
    for name in ("classify", "gather", "compose", "afford", "generate", "check", "cite"):
        graph.add_node(name, _step(name))
    graph.add_edge(START, "classify")
    graph.add_conditional_edges("classify", _if_question, ["gather", END])
    graph.add_conditional_edges("gather", _if_found, ["compose", END])
    graph.add_edge("compose", "afford")
    graph.add_conditional_edges("afford", _if_affordable, ["generate", END])
    for first, then in pairwise(("generate", "check", "cite", END)):
        graph.add_edge(first, then)
    return graph.compile()


class Step(Protocol):
    """A node of the graph, as the library calls it."""

    def __call__(self, state: State) -> Awaitable[State]:
        """What it adds."""


def _step(name: str) -> Step:
    async def step(state: State) -> State:
        taken: Step = getattr(state["steps"], name)
        return await taken(state)

    return step


def _if_question(state: State) -> str:
    return "gather" if state["kind"] is Kind.QUESTION else END


def _if_affordable(state: State) -> str:
    return "generate" if "held" in state else END


def _if_found(state: State) -> str:
    """Without sources nothing could be said."""
    return "compose" if state["sources"] else END
