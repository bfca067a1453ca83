"""Read what was said while nobody listened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

import structlog

from bot.core.errors import RateLimited, Rejected, Transient
from bot.core.event import MessagePosted
from bot.core.ports import Clock
from bot.core.stored import Cursor, Heard
from connectors.discord.account import Account
from connectors.discord.guilds import Channel, Guild
from connectors.discord.intake import Intake, stream
from connectors.discord.limits import PAGE
from connectors.discord.parse import as_edit, counted, said
from connectors.discord.permissions import READING
from connectors.discord.reading import Json, encode, later, mapping, moment, snowflake, whole
from connectors.discord.view import View
from connectors.discord.wire import path

AT_ONCE = 4
MAX_LOOKUPS = 500
# Messages from before the gap that may have been edited in it.
LOOK_BACK = 50
# After a resumed session Discord sends what was missed; these are looked at in case it did not.
RECENT = 10
MAX_PAUSE_S = 60.0
# The type of the notice that a poll has ended.
POLL_RESULT = 46
log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class CatchUp:
    """Reads gaps through the same intake as everything else. `limit` messages a channel, `position` as stored."""

    account: Account
    intake: Intake
    position: Callable[[str], Awaitable[str]]
    clock: Clock
    limit: int
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lookups: int = 0
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def hold(self, guild: Guild) -> list[Channel]:
        """The channels to read; from now on until they are read their marks stay."""
        channels = [channel for channel in guild.channels.values() if channel.holds_messages]
        self.intake.marks.held.update(channel.id for channel in channels)
        return channels

    async def guild(self, guild: Guild, channels: Sequence[Channel]) -> None:
        """Read what the channels said since their marks; new ones of a server that was known from their beginning."""
        marks = dict(zip([each.id for each in channels], await self._positions(channels), strict=True))
        seen = max((int(mark) for mark in marks.values() if mark), default=0)
        await asyncio.gather(*(self._channel(guild, each, marks[each.id], seen) for each in channels))

    async def recent(self) -> None:
        """Look again at the channels in which something was said last."""
        marks = self.intake.marks
        newest = sorted(marks.positions.items(), key=lambda entry: -int(entry[1] or 0))[:RECENT]
        for guild in list(self.account.memory.guilds.values()):
            channels = [guild.channels[name] for name, _ in newest if name in guild.channels]
            channels = [channel for channel in channels if channel.id not in marks.held]
            marks.held.update(channel.id for channel in channels)
            await asyncio.gather(*(self._gap(guild, each, marks.positions[each.id]) for each in channels))

    async def _positions(self, channels: Iterable[Channel]) -> list[str]:
        known = self.intake.marks.positions
        return [known.get(each.id) or snowflake(await self.position(stream(each.id))) for each in channels]

    async def _channel(self, guild: Guild, channel: Channel, mark: str, seen: int) -> None:
        if not mark and seen and int(channel.id) > seen:
            # It was opened while we were away; a forum's first message has the id of its thread.
            mark = str(int(channel.id) - 1)
        if not mark:
            await self._store(self.intake.marks.release(channel.id, channel.last or channel.id))
        elif int(channel.last or 0) > int(mark):
            await self._gap(guild, channel, mark)
        else:
            self.intake.marks.release(channel.id, mark)

    async def _gap(self, guild: Guild, channel: Channel, mark: str) -> None:
        try:
            async with self._turn:
                position = await self._read(guild, channel, mark)
        except Rejected as error:
            log.warning("gap_unreadable", channel=channel.id, problem=str(error))
            position = mark
        await self._store(self.intake.marks.release(channel.id, position))

    async def _read(self, guild: Guild, channel: Channel, mark: str) -> str:
        """The position that was reached."""
        if READING & ~guild.permissions(self.account.me, await self._my_roles(guild), channel.id):
            return mark
        await self._look_back(guild, channel, mark)
        position, read = mark, 0
        while read < self.limit:
            page = await self._page(channel.id, {"after": position, "limit": str(PAGE)})
            await self._take(guild, channel, page)
            read += len(page)
            position = snowflake(page[-1].get("id")) if page else position
            if len(page) < PAGE:
                break
        else:
            log.warning("gap_too_long", channel=channel.id, read=read, left="newer messages stay unread")
            position = channel.last
        log.info("gap_read", channel=channel.id, messages=read)
        return later(position, channel.last)

    async def _look_back(self, guild: Guild, channel: Channel, mark: str) -> None:
        page = await self._page(channel.id, {"before": str(int(mark) + 1), "limit": str(LOOK_BACK)})
        edited = [raw for raw in page if moment(raw.get("edited_timestamp"))]
        found = await self._said(guild, channel, edited)
        await self.intake.ingest([Heard(as_edit(posted, posted.at), raw) for posted, raw in found])

    async def _take(self, guild: Guild, channel: Channel, page: Sequence[Json]) -> None:
        heard = [Heard(posted, raw) for posted, raw in await self._said(guild, channel, page)]
        for raw in page:
            heard += await self._result(guild, channel, raw)
        if page:
            await self.intake.ingest(heard, Cursor(stream(channel.id), snowflake(page[-1].get("id"))))

    async def _result(self, guild: Guild, channel: Channel, raw: Json) -> list[Heard]:
        """The counts of a poll of ours: Discord's notice that it ended tells only the winner."""
        author = snowflake(mapping(raw.get("author")).get("id"))
        poll = snowflake(mapping(raw.get("message_reference")).get("message_id"))
        if whole(raw.get("type")) != POLL_RESULT or author != self.account.me or not poll:
            return []
        shown = await self._page(channel.id, {"around": poll, "limit": "1"})
        view = View(memory=self.account.memory, now=self.clock())
        messages = [{**message, "guild_id": guild.id, "channel_id": channel.id} for message in shown]
        return [Heard(ended, encode(message)) for message in messages for ended in counted(message, view)]

    async def _said(self, guild: Guild, channel: Channel, page: Sequence[Json]) -> list[tuple[MessagePosted, bytes]]:
        view = View(memory=self.account.memory, now=self.clock())
        where = self.account.memory.address(guild.id, channel.id)
        found: list[tuple[MessagePosted, bytes]] = []
        for raw in page:
            await self._look_up(guild, raw)
            message = {**raw, "guild_id": guild.id}
            if posted := said(message, view, where, guild):
                found.append((posted, encode(message)))
        return found

    async def _look_up(self, guild: Guild, raw: Json) -> None:
        """History tells no roles, and whoever moderates must not be taken for anybody."""
        user = snowflake(mapping(raw.get("author")).get("id"))
        known = self.account.memory.member(guild.id, user)
        if not user or known or raw.get("webhook_id") or self.lookups >= MAX_LOOKUPS:
            return
        self.lookups += 1
        try:
            await self.account.member(guild.id, user)
        except Transient as error:
            log.warning("role_not_known", user=user, problem=str(error))

    async def _my_roles(self, guild: Guild) -> tuple[str, ...]:
        me = await self.account.member(guild.id, self.account.me)
        return me.roles if me else ()

    async def _page(self, channel: str, query: dict[str, str]) -> list[Json]:
        """Oldest first; tried again while Discord has trouble."""
        where = path("channels", channel, "messages")
        for failures in count(1):
            try:
                page = await self.account.wire.get_all(where, query)
                break
            except Transient as error:
                pause_s = error.retry_after if isinstance(error, RateLimited) else min(MAX_PAUSE_S, 2.0**failures)
                await self.sleep(pause_s)
        return sorted((raw for raw in page if snowflake(raw.get("id"))), key=lambda raw: int(snowflake(raw.get("id"))))

    async def _store(self, cursor: Cursor) -> None:
        await self.intake.ingest([], cursor)
