"""Read what was said while nobody listened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import structlog

from bot.core.errors import RateLimited, Rejected, Transient
from bot.core.ports import Clock
from bot.core.stored import Cursor, Heard
from connectors.slack.intake import Intake, stream
from connectors.slack.limits import PAGE
from connectors.slack.memory import Mark, Origin
from connectors.slack.parse import as_edit, said
from connectors.slack.people import channel_of
from connectors.slack.reading import Json, encode, ident, mapping, message_id, objects, order, stamp, stamped, whole
from connectors.slack.team import Team
from connectors.slack.view import View
from connectors.slack.wire import next_cursor

AT_ONCE = 2
# Messages from before the gap that may have been edited in it.
LOOK_BACK = 50
# After a short time without connection these are looked at: what was heard last.
RECENT = 20
MAX_PAUSE_S = 60.0
MAX_LOOKUPS = 5_000
LOOKUP_TRIES = 5
KINDS = "public_channel,private_channel,mpim,im"
log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class CatchUp:
    """Reads gaps through the same intake as everything else. `limit` messages a channel, `position` as stored."""

    intake: Intake
    position: Callable[[str], Awaitable[str]]
    clock: Clock
    limit: int
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lookups: int = 0
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def team(self, team: Team) -> None:
        """Read what all our channels there said since their marks."""
        raws: list[Json] = []
        query = {"types": KINDS, "exclude_archived": "true", "limit": str(PAGE)}
        while True:
            page = await self._ask(team, "users.conversations", query)
            raws += objects(page.get("channels"))
            if not (cursor := next_cursor(page)):
                break
            query = {**query, "cursor": cursor}
        channels = [team.place(channel).id for raw in raws if (channel := channel_of(raw))]
        await self.channels(team, channels)

    async def recent(self, team: Team) -> None:
        """Look again at the channels in which something was said last."""
        ours = stream(team.id, "")
        marks = {name: mark for name, mark in self.intake.marks.positions.items() if name.startswith(ours)}
        newest = sorted(marks, key=lambda name: order(marks[name].ts), reverse=True)[:RECENT]
        await self.channels(team, [name.removeprefix(ours) for name in newest])

    async def channels(self, team: Team, channels: Sequence[str]) -> None:
        """Those that are not being read already."""
        free = [each for each in channels if stream(team.id, each) not in self.intake.marks.held]
        self.intake.marks.held.update(stream(team.id, each) for each in free)
        await asyncio.gather(*(self._channel(team, each) for each in free))

    async def _channel(self, team: Team, channel: str) -> None:
        name = stream(team.id, channel)
        mark = self.intake.marks.positions.get(name) or Mark.read(await self.position(name))
        if not mark.ts:
            await self._store(self.intake.marks.release(name, Mark(stamped(self.clock()))))
            return
        try:
            async with self._turn:
                mark = await self._gap(team, channel, mark)
        except Rejected as error:
            log.warning("gap_unreadable", channel=channel, problem=str(error))
        await self._store(self.intake.marks.release(name, mark))

    async def _gap(self, team: Team, channel: str, mark: Mark) -> Mark:
        """The mark that was reached."""
        await self._look_back(team, channel, mark)
        missed = await self._history(team, channel, mark.ts)
        answered = [stamp(raw.get("ts")) for raw in missed if whole(raw.get("reply_count"))]
        for thread in dict.fromkeys([*mark.threads, *answered]):
            missed += await self._replies(team, channel, thread, mark.ts)
        by_ts = {stamp(raw.get("ts")): raw for raw in missed if stamp(raw.get("ts"))}
        for ts in sorted(by_ts, key=order):
            mark = mark.advance(ts, stamp(by_ts[ts].get("thread_ts")))
        found = await self._said(team, channel, [by_ts[ts] for ts in sorted(by_ts, key=order)])
        for first in range(0, len(found), PAGE):
            await self.intake.ingest(found[first : first + PAGE])
        if by_ts:
            log.info("gap_read", channel=channel, messages=len(by_ts))
        return mark

    async def _history(self, team: Team, channel: str, oldest: str) -> list[Json]:
        """Newest first, as Slack tells them."""
        return await self._pages(team, "conversations.history", {"channel": channel, "oldest": oldest})

    async def _replies(self, team: Team, channel: str, thread: str, oldest: str) -> list[Json]:
        try:
            found = await self._pages(
                team, "conversations.replies", {"channel": channel, "ts": thread, "oldest": oldest}
            )
        except Rejected:
            # The thread is gone.
            return []
        # Slack tells its first message each time.
        return [raw for raw in found if order(stamp(raw.get("ts"))) > order(oldest)]

    async def _pages(self, team: Team, method: str, query: dict[str, str]) -> list[Json]:
        found: list[Json] = []
        query = {**query, "limit": str(PAGE)}
        while len(found) < self.limit:
            page = await self._ask(team, method, query)
            found += objects(page.get("messages"))
            if not (cursor := next_cursor(page)):
                return found
            query = {**query, "cursor": cursor}
        log.warning("gap_too_long", channel=query["channel"], read=len(found), left="the rest stays unread")
        return found

    async def _look_back(self, team: Team, channel: str, mark: Mark) -> None:
        query = {"channel": channel, "latest": mark.ts, "inclusive": "true", "limit": str(LOOK_BACK)}
        page = await self._ask(team, "conversations.history", query)
        edited = [raw for raw in objects(page.get("messages")) if _edited_since(raw, mark.ts)]
        view = View(memory=team.memory, now=self.clock())
        found = [(posted, raw) for raw in edited if (posted := said(raw, channel, view))]
        if found:
            await self.intake.ingest([Heard(as_edit(posted), encode(raw)) for posted, raw in found])

    async def _said(self, team: Team, channel: str, raws: Sequence[Json]) -> list[Heard]:
        found: list[Heard] = []
        for raw in raws:
            await self._look_up(team, ident(raw.get("user")))
            posted = said(raw, channel, View(memory=team.memory, now=self.clock()))
            if posted:
                origin = Origin(posted.who.id, posted.where.thread)
                team.memory.origins.keep(message_id(channel, stamp(raw.get("ts"))), origin)
                found.append(Heard(posted, encode(raw)))
        return found

    async def _look_up(self, team: Team, user: str) -> None:
        """History tells no roles, and whoever moderates must not be taken for anybody."""
        known = user in ("", team.memory.me) or user in team.memory.members
        if known or self.lookups >= MAX_LOOKUPS:
            return
        self.lookups += 1
        for failures in range(1, LOOKUP_TRIES + 1):
            try:
                await team.member(user)
            except Rejected as error:
                log.warning("role_not_known", user=user, problem=str(error))
            except Transient as error:
                log.warning("role_not_known", user=user, problem=str(error), tries=failures)
                await self.sleep(_pause_s(error, failures))
                continue
            return

    async def _ask(self, team: Team, method: str, query: dict[str, str]) -> Json:
        """Tried again while Slack has trouble."""
        for failures in count(1):
            try:
                return await team.wire.read(method, **query)
            except Transient as error:
                await self.sleep(_pause_s(error, failures))
        raise AssertionError

    async def _store(self, cursor: Cursor) -> None:
        await self.intake.ingest([], cursor)


def _pause_s(error: Transient, failures: int) -> float:
    return error.retry_after if isinstance(error, RateLimited) else min(MAX_PAUSE_S, 2.0**failures)


def _edited_since(raw: Json, ts: str) -> bool:
    edited = stamp(mapping(raw.get("edited")).get("ts"))
    return bool(edited) and order(edited) > order(ts)
