"""Texts that grow: as Slack's own streams where it has them, else by changing one message."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.core.effect import Draft, Edit, Post
from bot.core.errors import RateLimited, Rejected, Transient
from bot.core.stored import Receipt
from connectors.recent import Recent
from connectors.slack import render
from connectors.slack.limits import CHANGE_S, MAX_STATUS
from connectors.slack.links import direct
from connectors.slack.reading import Json, located, message_id, stamp
from connectors.slack.sent import Sent
from connectors.slack.team import Team
from connectors.slack.texts import THINKING
from connectors.slack.wire import NotFound, Refused

OVER = "message_not_in_streaming_state"
STOPPED = "stopped_by_user"
_CALL = re.compile(r"<(?=[@!#])")
_LINK = re.compile(r"https://[^\s<>()]+/archives/[^\s<>()]+")
log = structlog.get_logger()

Say = Callable[[Post, str], Awaitable[Receipt]]


@dataclass(slots=True)
class Growth:
    """One message: what of its text was sent, whether its stream lives, and when it was changed last."""

    stream: str
    sent: str = ""
    live: bool = False
    stopped: bool = False
    changed: float = field(default=float("-inf"))


@dataclass(slots=True)
class TeamScreen:
    """One workspace; implements `connectors.streaming.Screen`. `say` posts a message, each key once."""

    team: Team
    sent: Sent
    say: Say
    native: bool
    _growths: Recent[str, Growth] = field(default_factory=Recent)

    async def hint(self, draft: Draft) -> None:
        """The status line of the thread, which fades by itself."""
        thread = render.thread_of(_as_post(draft))
        if thread:
            status = {"channel_id": draft.to.channel, "thread_ts": thread, "status": THINKING[:MAX_STATUS]}
            await self.team.wire.send("assistant.threads.setStatus", status)

    async def begin(self, draft: Draft) -> str:
        """A stream where Slack lets us, else a message."""
        start = self._start(draft) if self.native else None
        if start is not None:
            try:
                said = await self.team.wire.send("chat.startStream", start)
            except (Refused, RateLimited) as error:
                log.info("stream_refused", problem=str(error))
            else:
                return self._began(draft, stamp(said.get("ts")))
        receipt = await self.say(_as_post(draft), draft.stream)
        self._growths.keep(receipt.message_id, Growth(draft.stream, draft.text))
        return receipt.message_id

    async def change(self, draft: Draft, message_id: str) -> None:
        """Append what is new; a stream that is over goes on as a message that is changed."""
        growth = self._growths.get(message_id) or Growth(draft.stream)
        self._growths.keep(message_id, growth)
        if growth.live and draft.text.startswith(growth.sent):
            try:
                await self._append(draft, growth, message_id)
            except Refused as error:
                self._ended(growth, error)
            else:
                return
        await self._redraw(draft, growth, message_id)

    async def withdraw(self, draft: Draft, message_id: str) -> None:
        """Delete our own message."""
        del draft
        channel, ts = located(message_id)
        await self._stop(self._growths.pop(message_id, None), channel, ts)
        await self.team.wire.send("chat.delete", {"channel": channel, "ts": ts})

    async def end(self, post: Post, message_id: str, key: str) -> Receipt:
        """What somebody took away while it grew stays away, and so does the rest of what somebody stopped."""
        message_id = message_id or next(
            (name for name, each in self._growths.items() if each.stream == post.stream), ""
        )
        if not message_id:
            # A restart lost the first words from our memory; they may still stand there.
            message_id = await self.sent.find(render.mark(post.stream), post.to.channel, render.thread_of(post))
        if not message_id:
            return await self.say(post, key)
        growth = self._growths.get(message_id) or Growth(post.stream)
        if growth.stopped:
            return Receipt(message_id)
        receipt = await self._end(post, growth, message_id, key)
        self._growths.pop(message_id, None)
        return receipt

    async def close(self) -> None:
        """End every stream, marked so that whoever comes after us finds it."""
        for message, growth in self._growths.items():
            channel, ts = located(message)
            await self._stop(growth, channel, ts)

    def _start(self, draft: Draft) -> Json | None:
        """None where a stream is not for us: outside of threads, or for nobody whom we know."""
        thread = render.thread_of(_as_post(draft))
        origin = self.team.memory.origins.get(draft.reply_to)
        if not thread or origin is None:
            return None
        return {
            "channel": draft.to.channel,
            "thread_ts": thread,
            "recipient_user_id": origin.author,
            "recipient_team_id": self.team.id,
            "markdown_text": streamed(_ready(draft.text)),
        }

    def _began(self, draft: Draft, ts: str) -> str:
        message = message_id(draft.to.channel, ts)
        self._growths.keep(message, Growth(draft.stream, _ready(draft.text), live=True))
        return message

    async def _append(self, draft: Draft, growth: Growth, message: str) -> None:
        channel, ts = located(message)
        ready = _ready(draft.text)
        if rest := ready[len(growth.sent) :]:
            body = {"channel": channel, "ts": ts, "markdown_text": streamed(rest)}
            await self.team.wire.send("chat.appendStream", body)
            growth.sent = ready

    def _ended(self, growth: Growth, error: Refused) -> None:
        """Raises it when nothing more is wanted."""
        growth.live = False
        if error.code == STOPPED:
            growth.stopped = True
            raise error
        if isinstance(error, NotFound):
            raise error
        log.info("stream_over", problem=str(error))

    async def _redraw(self, draft: Draft, growth: Growth, message: str) -> None:
        """All of it, no more often than Slack takes it; what is left out comes with the whole text."""
        now = self.team.wire.line.clock()
        if now - growth.changed >= CHANGE_S:
            growth.changed = now
            await self._update(Edit(to=draft.to, message_id=message, text=draft.text))

    async def _end(self, post: Post, growth: Growth, message: str, key: str) -> Receipt:
        channel, ts = located(message)
        if growth.live and post.text.startswith(growth.sent) and not _LINK.search(post.text):
            rest = post.text[len(growth.sent) :]
            body = {"channel": channel, "ts": ts, **({"markdown_text": streamed(rest)} if rest else {})}
            try:
                await self.team.wire.send("chat.stopStream", {**body, **_blocks(post)})
            except Refused as error:
                log.info("stream_over", problem=str(error))
            else:
                return Receipt(message)
        await self._stop(growth, channel, ts)
        return await self._whole(post, message, key)

    async def _whole(self, post: Post, message: str, key: str) -> Receipt:
        try:
            await self._update(Edit(to=post.to, message_id=message, text=post.text, buttons=post.buttons))
        except NotFound:
            return Receipt(message, gone=True)
        except Refused as error:
            log.info("stream_not_changed", problem=str(error))
            return await self.say(post, key)
        return Receipt(message)

    async def _stop(self, growth: Growth | None, channel: str, ts: str) -> None:
        if growth is None or not growth.live:
            return
        growth.live = False
        metadata = {"event_type": render.SAID, "event_payload": {"key": render.mark(growth.stream)}}
        try:
            await self.team.wire.send("chat.stopStream", {"channel": channel, "ts": ts, "metadata": metadata})
        except (Rejected, Transient) as error:
            # It ends by itself after some minutes.
            log.info("stream_not_stopped", problem=str(error))

    async def _update(self, edit: Edit) -> None:
        await self.team.wire.send("chat.update", render.edit(edit, located(edit.message_id)[1]))


def streamed(text: str) -> str:
    """Markdown that calls nobody: Slack reads a member's id between angle brackets as a mention."""
    return _LINK.sub(lambda link: direct(link[0]), _CALL.sub("&lt;", text))


def _ready(text: str) -> str:
    """What can be sent by itself: the beginning of what may become a mention waits for its end."""
    return text.removesuffix("<")


def _blocks(post: Post) -> Json:
    return {"blocks": render.row(post.buttons)} if post.buttons else {}


def _as_post(draft: Draft) -> Post:
    return Post(to=draft.to, text=draft.text, reply_to=draft.reply_to)
