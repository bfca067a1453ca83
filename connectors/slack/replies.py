"""What only one member reads: answers to what they did, or a direct message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import structlog

from bot.core.address import Address
from bot.core.effect import Post
from bot.core.errors import Rejected
from bot.core.ports import Clock
from bot.core.stored import Receipt
from connectors.recent import Recent
from connectors.slack import render
from connectors.slack.cookie import Cookie, read_cookie
from connectors.slack.limits import MAX_RESPONSES
from connectors.slack.reading import message_id, stamp
from connectors.slack.sent import Sent
from connectors.slack.team import Team
from connectors.slack.wire import Refused

log = structlog.get_logger()


@dataclass(slots=True)
class Replies:
    """Speaks to members of one workspace, each key once."""

    team: Team
    clock: Clock
    sent: Sent
    _answered: Recent[str, Receipt] = field(default_factory=Recent)
    _used: Recent[str, int] = field(default_factory=Recent)

    async def whisper(self, post: Post, key: str, cookie: str) -> Receipt:
        """Say it to `post.whisper_to` alone; raises what `perform` raises."""
        if key not in self._answered:
            self._answered.keep(key, await self._whisper(post, key, cookie))
        return self._answered[key]

    async def tell(self, post: Post, key: str) -> Receipt:
        """A direct message."""
        channel = await self.team.direct(post.whisper_to)
        to = Address(post.to.platform, post.to.space, channel)
        said = render.post(replace(post, to=to, reply_to=""), key)
        mark = render.mark(key)
        known = await self.sent.find(mark, channel, "")
        if not known:
            answer = await self.team.wire.send("chat.postMessage", said)
            known = message_id(channel, stamp(answer.get("ts")))
            self.sent.keep(mark, known)
        return Receipt(known)

    async def _whisper(self, post: Post, key: str, cookie: str) -> Receipt:
        found = read_cookie(cookie)
        # A press by a moderator also causes words to others, who must not come through the moderator's interaction.
        if found and found.serves(post.whisper_to, self.clock()):
            try:
                return await self._answer(post, found)
            except Refused as error:
                log.info("whisper_not_shown", problem=str(error))
        return await self.tell(post, key)

    async def _answer(self, post: Post, cookie: Cookie) -> Receipt:
        used = self._used.get(cookie.url, 0)
        if cookie.url and used < MAX_RESPONSES:
            self._used.keep(cookie.url, used + 1)
            said = render.whisper(post)
            try:
                await self.team.wire.respond(cookie.url, said)
            except Rejected as error:
                log.info("interaction_over", problem=str(error))
            else:
                return Receipt()
        return await self._beside(post)

    async def _beside(self, post: Post) -> Receipt:
        """In the channel, for their eyes only."""
        thread = render.thread_of(post)
        said = {
            "channel": post.to.channel,
            "user": post.whisper_to,
            **render.message(post.text, post.buttons),
            **({"thread_ts": thread} if thread else {}),
        }
        await self.team.wire.send("chat.postEphemeral", said)
        return Receipt()
