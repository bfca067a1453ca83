"""Show growing texts by editing messages: one editor for all that share a rate limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import structlog

from bot.core.effect import Draft, Post
from bot.core.errors import BotError, RateLimited, Transient
from bot.core.split import split
from bot.core.stored import Receipt

log = structlog.get_logger()

# Platforms show the hint for about ten seconds.
HINT_S = 8.0
MAX_HINTS = 20
MAX_STREAMS = 1_000


class Screen(Protocol):
    """What a platform does for an editor; errors are those of `Connector.perform`."""

    async def hint(self, draft: Draft) -> None:
        """Show that a text is coming."""
        ...

    async def begin(self, draft: Draft) -> str:
        """Post the first text; returns the message's id. The same stream again must not post twice."""
        ...

    async def change(self, draft: Draft, message_id: str) -> None:
        """Put a longer text in place of it."""
        ...

    async def withdraw(self, draft: Draft, message_id: str) -> None:
        """Take it away: nobody asks for it any more."""
        ...

    async def end(self, post: Post, message_id: str, key: str) -> Receipt:
        """Say the whole text there, in a message of its own where `message_id` is ''; gone if that was taken away."""
        ...


@dataclass(slots=True)
class _Final:
    post: Post
    key: str
    receipt: asyncio.Future[Receipt]


@dataclass(slots=True)
class _Stream:
    """`shown` stands in the message; `waiting` is the number of the request that is served next, oldest first."""

    waiting: int
    draft: Draft | None = None
    final: _Final | None = None
    message_id: str = ""
    shown: str = ""
    closed: bool = False
    unwanted: bool = False
    hinting: bool = False

    @property
    def wants(self) -> bool:
        """Whether there is something to show."""
        if self.final is not None or self.unwanted:
            return self.final is not None or bool(self.message_id)
        return self.draft is not None and self.draft.text not in ("", self.shown)


class Editor:
    """Keeps only the latest of each text, one edit under way, `interval_s` between two, whole texts first.

    No text is shown twice in a row, and every stream ends with its `finish`, unless its question was taken away.
    `limit` is what a message holds; `always_ends` also ends texts that are whole already, where showing is not saying.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        interval_s: float,
        limit: int,
        always_ends: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._screen = screen
        self._interval_s = interval_s
        self._limit = limit
        self._always_ends = always_ends
        self._clock = clock
        self._sleep = sleep
        self._streams: dict[str, _Stream] = {}
        self._numbers = count()
        self._free_at = 0.0
        self._working: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, draft: Draft) -> None:
        """Show it soon, unless a later one comes first; an empty one only says that a text is coming."""
        stream = self._stream(draft.stream)
        if stream.closed:
            return
        if not stream.wants:
            stream.waiting = next(self._numbers)
        text = split(draft.text, self._limit)[0] if draft.text.strip() else ""
        stream.draft = Draft(to=draft.to, text=text, stream=draft.stream, reply_to=draft.reply_to)
        if not text and not stream.message_id and not stream.hinting:
            stream.hinting = True
            self._start(self._hint(stream))
        self._work()

    def question_gone(self, message_id: str) -> None:
        """What this message asked needs no answer any more: texts that grow as replies to it are taken away."""
        for stream in self._streams.values():
            if stream.draft is not None and stream.draft.reply_to == message_id and stream.final is None:
                stream.closed = stream.unwanted = True
        self._work()

    async def finish(self, post: Post, key: str) -> Receipt:
        """Say the whole text; raises what the platform raises, and can be asked again after `Transient`."""
        stream = self._stream(post.stream)
        stream.closed, stream.waiting = True, next(self._numbers)
        stream.final = _Final(post, key, asyncio.get_running_loop().create_future())
        self._work()
        return await stream.final.receipt

    async def close(self) -> None:
        """Stop showing; whoever waits for the end of a text is told to ask again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stream in self._streams.values():
            if stream.final and not stream.final.receipt.done():
                stream.final.receipt.set_exception(Transient("I am being stopped"))
        self._streams.clear()

    @property
    def idle(self) -> bool:
        """Whether no text grows."""
        return not self._streams

    def _stream(self, name: str) -> _Stream:
        if name not in self._streams:
            self._streams[name] = _Stream(waiting=next(self._numbers))
            if len(self._streams) > MAX_STREAMS:
                self._forget()
        return self._streams[name]

    def _forget(self) -> None:
        """Let go of the oldest text that nobody ended."""
        oldest = next((name for name, stream in self._streams.items() if stream.final is None), None)
        if oldest is not None:
            del self._streams[oldest]

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _work(self) -> None:
        if self._working is None or self._working.done():
            self._working = self._start(self._serve())

    async def _serve(self) -> None:
        while self._next() is not None:
            pause_s = self._free_at - self._clock()
            if pause_s > 0:
                await self._sleep(pause_s)
            # While we waited, later texts and whole ones came.
            if (name := self._next()) is not None:
                await self._turn(name, self._streams[name])

    def _next(self) -> str | None:
        wanting = [
            (stream.final is None, stream.waiting, name) for name, stream in self._streams.items() if stream.wants
        ]
        return min(wanting)[2] if wanting else None

    async def _turn(self, name: str, stream: _Stream) -> None:
        if stream.final is not None:
            await self._end(name, stream, stream.final)
        elif stream.draft is not None and stream.unwanted:
            await self._withdraw(stream, stream.draft)
        elif stream.draft is not None:
            await self._draft(stream, stream.draft)

    async def _withdraw(self, stream: _Stream, draft: Draft) -> None:
        message_id, stream.message_id = stream.message_id, ""
        try:
            await self._screen.withdraw(draft, message_id)
        except BotError as error:
            log.info("draft_not_withdrawn", problem=str(error))
        self._pause()

    async def _draft(self, stream: _Stream, draft: Draft) -> None:
        try:
            if stream.message_id:
                await self._screen.change(draft, stream.message_id)
            else:
                stream.message_id = await self._screen.begin(draft)
            stream.shown = draft.text
        except BotError as error:
            # A preview may be left out: the whole text is what must arrive.
            stream.shown = draft.text
            stream.closed = not isinstance(error, Transient)
            log.info("draft_not_shown", problem=str(error))
            self._pause(error)
        else:
            self._pause()
        stream.waiting = next(self._numbers)

    async def _end(self, name: str, stream: _Stream, final: _Final) -> None:
        draft, stream.final, stream.draft = stream.draft, None, None
        try:
            receipt = await self._said(stream, final, draft)
        except BotError as error:
            self._pause(error)
            if not isinstance(error, Transient):
                self._streams.pop(name, None)
            _tell(final, error)
        except BaseException:
            _tell(final, Transient("I am being stopped"))
            raise
        else:
            self._streams.pop(name, None)
            if not final.receipt.done():
                final.receipt.set_result(receipt)

    async def _said(self, stream: _Stream, final: _Final, draft: Draft | None) -> Receipt:
        if stream.unwanted:
            if stream.message_id and draft is not None:
                await self._withdraw(stream, draft)
            return Receipt(gone=True)
        whole = stream.message_id and stream.shown == final.post.text and not final.post.buttons
        if whole and not self._always_ends:
            return Receipt(stream.message_id)
        receipt = await self._screen.end(final.post, stream.message_id, final.key)
        self._pause()
        return receipt

    def _pause(self, error: BotError | None = None) -> None:
        pause_s = error.retry_after if isinstance(error, RateLimited) else self._interval_s
        self._free_at = self._clock() + max(pause_s, self._interval_s)

    async def _hint(self, stream: _Stream) -> None:
        for _ in range(MAX_HINTS):
            draft = stream.draft
            if draft is None or draft.text or stream.closed:
                return
            try:
                await self._screen.hint(draft)
            except BotError:
                return
            await self._sleep(HINT_S)


def _tell(final: _Final, error: BotError) -> None:
    if not final.receipt.done():
        final.receipt.set_exception(error)
