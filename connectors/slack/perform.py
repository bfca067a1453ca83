"""Do an effect, so that doing it again with the same key changes nothing more."""

from __future__ import annotations

import structlog

from bot.core.effect import ClosePoll, Delete, Draft, Edit, Effect, OpenPoll, OpenThread, Penalty, Post, React, Restrict
from bot.core.errors import BotError, Rejected, Transient, Unsupported
from bot.core.markdown import literal
from bot.core.ports import Clock
from bot.core.stored import Receipt
from connectors.recent import Recent
from connectors.slack import render
from connectors.slack.growing import TeamScreen
from connectors.slack.limits import APPEND_S, CHANGE_S, MAX_TEXT
from connectors.slack.memory import Origin
from connectors.slack.reactions import name_of
from connectors.slack.reading import Json, ident, located, message_id, stamp
from connectors.slack.removal import remove
from connectors.slack.replies import Replies
from connectors.slack.sent import Sent
from connectors.slack.team import Team
from connectors.slack.texts import GENERAL, NO_MEMBER, NO_MESSAGE
from connectors.slack.wire import NotFound, Refused
from connectors.streaming import Editor

REACTED = "already_reacted"
OUTSIDE = "not_in_channel"
FORBIDDEN = frozenset(
    {"restricted_action", "cant_kick_from_general", "method_not_supported_for_channel_type", "missing_scope"}
)
log = structlog.get_logger()


class Performer:
    """Speaks in one workspace."""

    def __init__(self, team: Team, clock: Clock) -> None:
        self._team = team
        self._wire = team.wire
        self._sent = Sent(team, clock)
        self._replies = Replies(team, clock, self._sent)
        self._native = TeamScreen(team, self._sent, self._say, native=True)
        self._plain = TeamScreen(team, self._sent, self._say, native=False)
        self._streams: Recent[str, Editor] = Recent()
        # All streams of a workspace share what Slack allows an hour: one editor for them, and one for changes.
        self._appending = Editor(self._native, interval_s=APPEND_S, limit=MAX_TEXT, always_ends=True)
        self._changing = Editor(self._plain, interval_s=CHANGE_S, limit=MAX_TEXT, always_ends=True)

    async def perform(self, effect: Effect, key: str, cookie: str) -> Receipt:  # noqa: C901, PLR0911  # one line for each effect
        """Raises `Transient`, `RateLimited`, `Rejected`, `Unsupported`, `Revoked`."""
        match effect:
            case Post(whisper_to=whispered) if whispered:
                return await self._replies.whisper(effect, key, cookie)
            case Post(stream=stream) if stream:
                render.message(effect.text, effect.buttons)
                return await self._editor(stream).finish(effect, key)
            case Post():
                return await self._say(effect, key)
            case Edit():
                return await self._edit(effect)
            case Delete():
                gone = [await remove(self._team, each) for each in effect.message_ids]
                return Receipt(gone=all(gone))
            case React():
                return await self._react(effect)
            case OpenThread():
                return await self._thread(effect, key)
            case OpenPoll():
                return await self._send(render.poll(effect, key), key)
            case ClosePoll():
                # The drawing that follows has no buttons any more, and nobody counts what comes late.
                return Receipt(effect.message_id)
            case Restrict(penalty=Penalty.KICK):
                return await self._kick(effect, key)
            case _:
                raise Unsupported(f"{type(effect).__name__} is beyond what Slack lets an app do")

    def preview(self, draft: Draft) -> None:
        """Show it soon; raises `Rejected` where there is nothing to show it in."""
        if draft.stream not in self._streams:
            known = draft.reply_to in self._team.memory.origins
            thread = render.thread_of(Post(to=draft.to, text="", reply_to=draft.reply_to))
            self._streams.keep(draft.stream, self._appending if known and thread else self._changing)
        self._streams[draft.stream].show(draft)

    def question_gone(self, message: str) -> None:
        """Nobody waits for the answer to that message any more."""
        self._appending.question_gone(message)
        self._changing.question_gone(message)

    async def close(self) -> None:
        """Stop what is under way; streams are ended."""
        await self._appending.close()
        await self._changing.close()
        await self._native.close()

    def _editor(self, stream: str) -> Editor:
        return self._streams.get(stream, self._changing)

    async def _say(self, post: Post, key: str) -> Receipt:
        return await self._send(render.post(post, key), key)

    async def _send(self, said: Json, key: str) -> Receipt:
        channel, thread, mark = ident(said.get("channel")), stamp(said.get("thread_ts")), render.mark(key)
        if not channel:
            raise Rejected("There is no such channel.")
        known = await self._sent.find(mark, channel, thread)
        if not known:
            known = await self._post(said, channel, thread)
            self._sent.keep(mark, known)
        return Receipt(known)

    async def _post(self, said: Json, channel: str, thread: str) -> str:
        try:
            answer = await self._wire.send("chat.postMessage", said)
        except Transient:
            # It may stand there all the same.
            self._sent.doubt(channel, thread)
            raise
        known = message_id(channel, stamp(answer.get("ts")))
        self._team.memory.origins.keep(known, Origin(self._team.memory.me, thread))
        return known

    async def _edit(self, edit: Edit) -> Receipt:
        _, ts = _message(edit.message_id)
        try:
            await self._wire.send("chat.update", render.edit(edit, ts))
        except NotFound:
            return Receipt(edit.message_id, gone=True)
        return Receipt(edit.message_id)

    async def _react(self, react: React) -> Receipt:
        channel, ts = _message(react.message_id)
        body = {"channel": channel, "timestamp": ts, "name": name_of(react.reaction)}
        try:
            await self._wire.send("reactions.add", body)
        except NotFound:
            return Receipt(react.message_id, gone=True)
        except Refused as error:
            if error.code != REACTED:
                raise
        return Receipt(react.message_id)

    async def _thread(self, effect: OpenThread, key: str) -> Receipt:
        """A thread is what answers a message; its title is the first answer, or the message itself."""
        text = f"**{literal(effect.title)}**"
        said = await self._say(Post(to=effect.to, text=text, reply_to=effect.message_id), key)
        return Receipt(effect.message_id or said.message_id)

    async def _kick(self, effect: Restrict, key: str) -> Receipt:
        channel, user = effect.to.channel, ident(effect.user_id)
        if channel.startswith("D"):
            raise Unsupported("nobody can be sent out of a conversation of two")
        if not user:
            raise Rejected(NO_MEMBER)
        await self._tell(effect, key)
        try:
            await self._wire.send("conversations.kick", {"channel": channel, "user": user})
        except Refused as error:
            if isinstance(error, NotFound) or error.code == OUTSIDE:
                return Receipt(gone=True)
            if error.code in FORBIDDEN:
                self._team.not_kickable(channel)
                raise Rejected(GENERAL if error.code != "missing_scope" else str(error)) from error
            raise
        return Receipt()

    async def _tell(self, effect: Restrict, key: str) -> None:
        """Before it happens, so that whoever is sent out reads why."""
        if not effect.tell:
            return
        said = Post(to=effect.to, text=effect.tell[:MAX_TEXT], whisper_to=effect.user_id, buttons=effect.tell_buttons)
        try:
            await self._replies.tell(said, f"{key}#tell")
        except BotError as error:
            log.info("member_not_told", user=effect.user_id, problem=str(error))


def _message(message: str) -> tuple[str, str]:
    channel, ts = located(message)
    if not ts:
        raise Rejected(NO_MESSAGE)
    return channel, ts
