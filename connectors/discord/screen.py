"""A channel in which texts grow."""

from __future__ import annotations

from bot.core.effect import Draft, Edit, Post
from bot.core.stored import Receipt
from connectors.discord import render
from connectors.discord.reading import Json, snowflake, words
from connectors.discord.wire import NotFound, Wire, path


class ChannelScreen:
    """One channel or thread; implements `connectors.streaming.Screen`."""

    def __init__(self, wire: Wire, channel: str) -> None:
        self._wire = wire
        self._channel = channel

    async def hint(self, draft: Draft) -> None:
        """“is typing”, for about ten seconds."""
        del draft
        await self._wire.send("POST", path("channels", self._channel, "typing"))

    async def begin(self, draft: Draft) -> str:
        """The stream is the nonce, so that after a restart the whole text finds its first words."""
        post = Post(to=draft.to, text=draft.text, reply_to=draft.reply_to)
        return snowflake((await self._say(render.post(post, draft.stream))).get("id"))

    async def change(self, draft: Draft, message_id: str) -> None:
        """Raises `NotFound` when somebody took it away."""
        await self._edit(Edit(to=draft.to, message_id=message_id, text=draft.text))

    async def withdraw(self, draft: Draft, message_id: str) -> None:
        """Delete our own message."""
        del draft
        await self._wire.send("DELETE", path("channels", self._channel, "messages", message_id))

    async def end(self, post: Post, message_id: str, key: str) -> Receipt:
        """What somebody took away while it grew stays away."""
        del key
        if not message_id:
            payload = render.post(post, post.stream)
            said = await self._say(payload)
            message_id = snowflake(said.get("id"))
            # A restart lost the first words from our memory, and the nonce brought that message back.
            if words(said.get("content")) == words(payload.get("content")).strip():
                return Receipt(message_id)
        try:
            await self._edit(Edit(to=post.to, message_id=message_id, text=post.text, buttons=post.buttons))
        except NotFound:
            return Receipt(message_id, gone=True)
        return Receipt(message_id)

    async def _say(self, payload: Json) -> Json:
        return await self._wire.send(
            "POST", path("channels", self._channel, "messages"), payload, power="Send Messages"
        )

    async def _edit(self, edit: Edit) -> None:
        where = path("channels", self._channel, "messages", edit.message_id)
        await self._wire.send("PATCH", where, render.edit(edit, of_components=False))
