"""Rooms in which texts grow by edits, marked as growing for clients that know MSC4357."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from bot.core.effect import Draft, Edit, Post
from bot.core.stored import Receipt
from connectors.matrix.account import Account
from connectors.matrix.reading import Json, mapping
from connectors.matrix.render import render
from connectors.matrix.speech import Speech
from connectors.matrix.wire import NotFound, path

TYPING_MS = 10_000


class RoomScreen:
    """All rooms of an account, whose rate limit is one; implements `connectors.streaming.Screen`.

    `put` and `edit` say a whole text with its buttons; `redact` takes a message away with its edits.
    """

    def __init__(
        self,
        account: Account,
        speech: Speech,
        *,
        put: Callable[[Post, str], Awaitable[Receipt]],
        edit: Callable[[Edit, str], Awaitable[Receipt]],
        redact: Callable[[str, str, str], Awaitable[object]],
    ) -> None:
        self._account = account
        self._speech = speech
        self._put = put
        self._edit = edit
        self._redact = redact

    async def hint(self, draft: Draft) -> None:
        """“is typing”."""
        where = path("rooms", draft.to.channel, "typing", self._account.me)
        await self._account.wire.put(where, {"typing": True, "timeout": TYPING_MS})

    async def begin(self, draft: Draft) -> str:
        """The stream is the key, so that after a restart the whole text finds its first words."""
        post = Post(to=draft.to, text=draft.text, reply_to=draft.reply_to)
        return await self._speech.say(post, draft.stream, growing=True)

    async def change(self, draft: Draft, message_id: str) -> None:
        """Each text once."""
        grown = hashlib.sha256(draft.text.encode("utf-8", "replace")).hexdigest()
        edit = Edit(to=draft.to, message_id=message_id, text=draft.text)
        await self._speech.say(edit, f"{draft.stream}#{grown}", growing=True)

    async def withdraw(self, draft: Draft, message_id: str) -> None:
        """Our own message, with its edits."""
        await self._redact(draft.to.channel, message_id, f"{draft.stream}#withdrawn")

    async def end(self, post: Post, message_id: str, key: str) -> Receipt:
        """What somebody took away while it grew stays away."""
        if not message_id:
            receipt = await self._put(post, post.stream)
            shown = await self._shown(post.to.channel, receipt.message_id)
            # A restart lost the first words from our memory, and the key brought that message back.
            if shown is None or shown.get("body") == render(post)[1].get("body"):
                return receipt
            message_id = receipt.message_id
        elif await self._shown(post.to.channel, message_id) is None:
            return Receipt(message_id, gone=True)
        return await self._edit(Edit(to=post.to, message_id=message_id, text=post.text, buttons=post.buttons), key)

    async def _shown(self, room_id: str, message_id: str) -> Json | None:
        """The message as it was first said; None when it was taken away."""
        try:
            content = mapping((await self._account.event(room_id, message_id)).get("content"))
        except NotFound:
            return None
        return content or None
