"""Do an effect, so that doing it again with the same key changes nothing more."""

from __future__ import annotations

from typing import assert_never

from bot.core.address import Address
from bot.core.banlist import Bar, Enlist, Pardon
from bot.core.effect import (
    BanAll,
    ClosePoll,
    Delete,
    Edit,
    Effect,
    Lift,
    OpenPoll,
    OpenThread,
    Post,
    React,
    Restrict,
    Screen,
)
from bot.core.errors import Rejected, Unsupported
from bot.core.ports import Clock
from bot.core.stored import Receipt
from bot.core.surface import legible
from connectors.discord import limits, render
from connectors.discord.account import Account
from connectors.discord.automod import screen
from connectors.discord.memory import DIRECT
from connectors.discord.reading import snowflake, whole
from connectors.discord.removal import remove
from connectors.discord.replies import Replies
from connectors.discord.restricting import ban_all, lift, restrict
from connectors.discord.screen import ChannelScreen
from connectors.discord.wire import NotFound, Refused, path
from connectors.recent import Recent
from connectors.streaming import Editor

THREAD_STANDS = 160004
POLL_OVER = 520001
MAX_EDITORS = 500


class Performer:
    """Speaks for one account."""

    def __init__(self, account: Account, replies: Replies, clock: Clock) -> None:
        self._account = account
        self._wire = account.wire
        self._replies = replies
        self._clock = clock
        self._editors: dict[str, Editor] = {}
        self._of_components: Recent[str, bool] = Recent()
        self._removed: Recent[str, bool] = Recent()

    async def perform(self, effect: Effect, key: str, cookie: str) -> Receipt:  # noqa: C901, PLR0911, PLR0912  # one line for each effect
        """Raises `Transient`, `RateLimited`, `Rejected`, `Unsupported`, `Revoked`."""
        match effect:
            case Post():
                return await self._post(effect, key, cookie)
            case Edit():
                return await self._edit(effect)
            case Delete():
                return Receipt(gone=await remove(self._wire, effect, self._clock(), self._removed))
            case React():
                return await self._react(effect)
            case OpenThread():
                return await self._thread(effect)
            case OpenPoll():
                return await self._poll(effect, key, cookie)
            case ClosePoll():
                return await self._close_poll(effect, cookie)
            case Restrict():
                return await restrict(self._wire, self._replies, effect, key=key, now=self._clock())
            case Lift():
                return await lift(self._wire, effect)
            case BanAll():
                return await ban_all(self._wire, effect)
            case Screen():
                guild = await self._account.guild(effect.to.space)
                return Receipt(remarks=await screen(self._wire, effect, guild, self._account.me))
            case Enlist() | Pardon() | Bar():
                raise Unsupported("Discord knows no lists of bans")
            case _:
                assert_never(effect)

    def editor(self, where: Address) -> Editor:
        """The one that edits in this channel, which is how Discord counts edits."""
        channel = _target(where)
        if channel not in self._editors:
            if len(self._editors) >= MAX_EDITORS:
                self._editors = {name: editor for name, editor in self._editors.items() if not editor.idle}
            interval_s = limits.EDIT_INTERVAL.total_seconds()
            screen = ChannelScreen(self._wire, channel)
            self._editors[channel] = Editor(screen, interval_s=interval_s, limit=limits.MAX_TEXT)
        return self._editors[channel]

    def question_gone(self, channel: str, message_id: str) -> None:
        """Nobody waits for the answer to that message any more."""
        if channel in self._editors:
            self._editors[channel].question_gone(message_id)

    async def close(self) -> None:
        """Stop what is under way."""
        for editor in self._editors.values():
            await editor.close()
        self._editors.clear()

    async def _post(self, post: Post, key: str, cookie: str) -> Receipt:
        if post.whisper_to:
            return await self._replies.whisper(post, key, cookie)
        payload = render.post(post, key)
        channel = _target(post.to)
        if post.stream:
            receipt = await self.editor(post.to).finish(post, key)
        elif await self._is_forum(post.to):
            return await self._thread(OpenThread(to=post.to, title=post.text))
        else:
            said = await self._wire.send("POST", path("channels", channel, "messages"), payload, power="Send Messages")
            receipt = Receipt(snowflake(said.get("id")))
        self._of_components.keep(receipt.message_id, bool(post.buttons))
        await self._replies.spoken(cookie)
        return receipt

    async def _edit(self, edit: Edit) -> Receipt:
        where = path("channels", _target(edit.to), "messages", _message(edit.message_id))
        try:
            of_components = await self._is_of_components(edit.message_id, where)
            await self._wire.send("PATCH", where, render.edit(edit, of_components=of_components))
        except NotFound:
            return Receipt(edit.message_id, gone=True)
        self._of_components.keep(edit.message_id, of_components or bool(edit.buttons))
        return Receipt(edit.message_id)

    async def _is_of_components(self, message_id: str, where: str) -> bool:
        known = self._of_components.get(message_id)
        if known is None:
            known = bool(whole((await self._wire.get(where)).get("flags")) & render.COMPONENTS_V2)
        return known

    async def _react(self, react: React) -> Receipt:
        message, emoji = _message(react.message_id), legible(react.reaction).strip()
        if not emoji or "/" in emoji:
            raise Rejected("That is no reaction that Discord knows.")
        where = path("channels", _target(react.to), "messages", message, "reactions", emoji, DIRECT)
        try:
            await self._wire.send("PUT", where, power="Add Reactions")
        except NotFound:
            return Receipt(react.message_id, gone=True)
        return Receipt(react.message_id)

    async def _thread(self, effect: OpenThread) -> Receipt:
        channel, power = _target(effect.to.parent), "Create Public Threads"
        on_message = ("messages", _message(effect.message_id)) if effect.message_id else ()
        body = render.thread(effect, forum=await self._is_forum(effect.to))
        try:
            made = await self._wire.send("POST", path("channels", channel, *on_message, "threads"), body, power=power)
        except NotFound:
            return Receipt(effect.message_id, gone=True)
        except Refused as error:
            if error.code != THREAD_STANDS:
                raise
            return Receipt(effect.message_id)
        return Receipt(snowflake(made.get("id")))

    async def _is_forum(self, where: Address) -> bool:
        if where.space in ("", DIRECT) or where.thread:
            return False
        channel = (await self._account.guild(where.space)).channels.get(where.channel)
        return channel is not None and channel.is_forum

    async def _poll(self, effect: OpenPoll, key: str, cookie: str) -> Receipt:
        where = path("channels", _target(effect.to), "messages")
        said = await self._wire.send("POST", where, render.poll(effect, key), power="Create Polls")
        await self._replies.spoken(cookie)
        return Receipt(snowflake(said.get("id")))

    async def _close_poll(self, effect: ClosePoll, cookie: str) -> Receipt:
        where = path("channels", _target(effect.to), "polls", _message(effect.message_id), "expire")
        try:
            await self._wire.send("POST", where)
        except NotFound:
            return Receipt(effect.message_id, gone=True)
        except Refused as error:
            if error.code != POLL_OVER:
                raise
        await self._replies.spoken(cookie)
        return Receipt(effect.message_id)


def _target(where: Address) -> str:
    channel = where.thread or where.channel
    if not snowflake(channel):
        raise Rejected("There is no such channel.")
    return channel


def _message(message_id: str) -> str:
    if not snowflake(message_id):
        raise Rejected("There is no such message.")
    return message_id
