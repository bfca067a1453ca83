"""Perform what the outbox holds, and account for every attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot import text, text_screening
from bot.core.action import AskReview
from bot.core.address import Address
from bot.core.capability import Capabilities, Refused, lower
from bot.core.case import Case
from bot.core.effect import Card, Delete, Edit, Effect, Post, Screen, ShowPoll
from bot.core.errors import BotError, RateLimited, Rejected, Revoked, Transient
from bot.core.evidence import Evidence
from bot.core.meter import Meter, Unmetered, Went
from bot.core.ports import Cards, Clock, Connector
from bot.core.settlement import Note, Settlement, note
from bot.core.stored import Pending, Receipt, Store
from bot.core.wave import Swell
from bot.failpoint import failpoint
from bot.merging import Kind, groups, key, kind, left_undone, mergeable, merged
from bot.polling import PollBook
from bot.tact import Tact

log = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
# Pauses that the platform asked for do not end in giving up.
MAX_ATTEMPTS = 20
# Deletions of one place under way at a time: enough to hide latency, too few to trip a limit.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`jitter` gives a number from 0 to 1, `review_room` where a place's moderators are told of trouble."""

    connectors: Mapping[str, Connector]
    store: Store
    cards: Cards
    polls: PollBook
    review_room: Callable[[Address], Address | None]
    clock: Clock
    jitter: Callable[[], float]
    meter: Meter = field(default_factory=Unmetered)
    _quiet: dict[Kind, tuple[datetime, datetime]] = field(default_factory=dict)
    _tact: Tact = field(default_factory=Tact)

    async def deliver(self, run: Sequence[Pending]) -> None:
        """Rows of one place: posts in order, deletions a few at a time; stops at the first that has to wait."""
        if self._asked_to_wait(run[0]) is not None:
            await self._hold(run)
            return
        calls = await self._groups(run)
        width = AT_ONCE if run[0].note.urgent else 1
        for first in range(0, len(calls), width):
            went = await asyncio.gather(*(self._try(group) for group in calls[first : first + width]))
            if not all(went):
                await self._hold([row for group in calls[first + width :] for row in group])
                return

    async def _hold(self, rows: Sequence[Pending]) -> None:
        """What was not tried waits too, or it would run into the same limit."""
        until = self._asked_to_wait(rows[0]) if rows else None
        if rows and (until or rows[0].note.urgent):
            await self.store.postpone([row.note.key for row in rows], until or self.clock() + FIRST_PAUSE)

    def _asked_to_wait(self, row: Pending) -> datetime | None:
        """Until when the row's place wants no more of its kind."""
        now = self.clock()
        since, until = self._quiet.get(kind(row), (now, now))
        # Both ends are looked at, or a clock that steps back would make hours of seconds.
        if since <= now < until:
            return until
        self._quiet.pop(kind(row), None)
        return None

    async def _groups(self, run: Sequence[Pending]) -> list[list[Pending]]:
        """What the place takes in one call goes together."""
        if not mergeable(run):
            return [[row] for row in run]
        try:
            can = await self._capabilities(run[0].note.effect.to)
        except BotError:
            can = Capabilities(max_text=0)
        return groups(run, can)

    async def _try(self, group: list[Pending]) -> bool:
        """Whether the next row may follow."""
        keys = [row.note.key for row in group]
        await self.store.attempted(keys)
        failpoint("before_perform")
        try:
            receipt = await self._perform(group)
        except Transient as error:
            return await self._wait(group, error)
        except Revoked:
            raise
        except BotError as error:
            return await self._fail(group, error)
        except Exception as error:  # boundary: a connector's bug must neither lose the row nor try it in a hot loop
            log.exception("delivery failed", key=keys[0])
            return await self._wait(group, Transient(type(error).__name__))
        failpoint("after_perform")
        await self.polls.opened(group[0].note.effect, receipt.message_id)
        left = left_undone(group, receipt)
        done = [row for row in group if row not in left]
        if done:
            await self._delivered(done, receipt)
        return await self._one_by_one(left)

    async def _delivered(self, done: list[Pending], receipt: Receipt) -> None:
        keys = [row.note.key for row in done]
        await self._tell(done, receipt)
        await self.store.delivered(keys, receipt)
        self._count(done, Went.DONE)
        log.info("delivered", keys=len(keys), key=keys[0], gone=receipt.gone)

    async def _tell(self, group: list[Pending], receipt: Receipt) -> None:
        """Authors learn of a removal when it is one; not when they took the message away themselves."""
        told = Settlement()
        for row in group:
            effect = row.note.effect
            # Gone at a second attempt means that the first one did it.
            if isinstance(effect, Delete) and (not receipt.gone or row.attempts) and self._may_tell(effect):
                post = Post(to=effect.to, text=effect.tell, whisper_to=effect.tell_to, buttons=effect.tell_buttons)
                can = await self._capabilities(effect.to)
                parts = [part for part in lower(post, can) if not isinstance(part, Refused)]
                stem = effect.tell_once or row.note.key
                told.notes += [note(f"{stem}/told{n}", part, row.note.cookie) for n, part in enumerate(parts)]
            if isinstance(effect, Screen):
                said = text_screening.screened(len(effect.filters), (*effect.remarks, *receipt.remarks))
                told.notes += await self._screened(effect, said, row.note)
        if told.notes:
            await self.store.settle(told)

    def _may_tell(self, effect: Delete) -> bool:
        return bool(effect.tell) and self._tact.allows(f"{effect.to.platform}:{effect.tell_to}", self.clock())

    async def _screened(self, effect: Screen, said: str, row: Note) -> list[Note]:
        """The answer to who asked for it, which comes when the platform has confirmed or refused."""
        post = Post(to=effect.tell_in, text=said, whisper_to=effect.tell_to)
        parts = lower(post, await self._capabilities(effect.tell_in))
        posts = [part for part in parts if not isinstance(part, Refused)]
        return [note(f"{row.key}/told{number}", part, row.cookie) for number, part in enumerate(posts)]

    async def _perform(self, group: list[Pending]) -> Receipt:
        first = group[0].note
        if isinstance(first.effect, Card):
            return await self._card(first.effect, first.key, first.cookie)
        if isinstance(first.effect, ShowPoll):
            said = await self.polls.shown(first.effect, await self._capabilities(first.effect.to))
            return await self._say(said, first.key) if said else Receipt()
        return await self._do(merged(group), key(group), first.cookie)

    async def _do(self, effect: Effect, key: str, cookie: str = "") -> Receipt:
        return await self._connector(effect.to).perform(effect, key=key, cookie=cookie)

    def _connector(self, where: Address) -> Connector:
        connector = self.connectors.get(where.platform)
        if connector is None:
            raise Rejected(f"I am not connected to {where.platform}.")
        return connector

    async def _card(self, card: Card, key: str, cookie: str) -> Receipt:
        case = await self.store.case(card.case)
        if case is None:
            raise Rejected(f"There is no case {card.case}.")
        if card.whisper_to:
            return await self._say(self.cards.brief(case, card), key, cookie)
        return await self._show(case, card.to, key)

    async def _show(self, case: Case, room: Address, key: str) -> Receipt:
        record = await self.store.record(case.where.community, case.author.id)
        can = await self._capabilities(case.where)
        post = self.cards.full(case, record, can, room)
        if case.card_id:
            edit = Edit(to=room, message_id=case.card_id, text=post.text, buttons=post.buttons)
            return await self._say(edit, key)
        receipt = await self._say(post, key)
        await self.store.card_shown(case.number, receipt.message_id)
        return receipt

    async def _capabilities(self, where: Address) -> Capabilities:
        connector = self.connectors.get(where.platform)
        return await connector.capabilities(where) if connector else Capabilities(max_text=0)

    async def _say(self, effect: Post | Edit, key: str, cookie: str = "") -> Receipt:
        """The receipt of the last part, which carries the buttons."""
        receipt = Receipt()
        for number, part in enumerate(lower(effect, await self._connector(effect.to).capabilities(effect.to))):
            if not isinstance(part, Refused):
                receipt = await self._do(part, f"{key}/{number}" if number else key, cookie)
        return receipt

    async def _wait(self, group: list[Pending], error: Transient) -> bool:
        if group[0].attempts + 1 >= MAX_ATTEMPTS and not isinstance(error, RateLimited):
            return await self._fail(group, error)
        keys, now = [row.note.key for row in group], self.clock()
        until = now + timedelta(seconds=self._pause(group[0].attempts, error))
        if isinstance(error, RateLimited):
            self._quiet[kind(group[0])] = now, until
        log.info("postponed", keys=len(keys), key=keys[0], seconds=round((until - now).total_seconds(), 1))
        await self.store.postpone(keys, until)
        self._count(group, Went.POSTPONED)
        return False

    def _pause(self, attempts: int, error: Transient) -> float:
        if isinstance(error, RateLimited):
            return error.retry_after
        longest = min(FIRST_PAUSE.total_seconds() * 2.0**attempts, LONGEST_PAUSE.total_seconds())
        return longest * (0.5 + self.jitter() / 2)

    async def _fail(self, group: list[Pending], error: BotError) -> bool:
        """One by one if it was many; else give it up and tell whoever should know."""
        if len(group) > 1:
            return await self._one_by_one(group)
        row, reason = group[0], str(error) or type(error).__name__
        log.warning("abandoned", key=row.note.key, effect=type(row.note.effect).__name__, reason=reason)
        if row.note.urgent:
            # Before it is given up: whoever is killed in between tries again and tells again.
            await self.store.settle(await self._trouble(row, reason))
        if isinstance(row.note.effect, Screen):
            refused = await self._screened(row.note.effect, text_screening.not_screened(reason), row.note)
            await self.store.settle(Settlement(cause=row.note.key, at=self.clock(), notes=refused))
        await self.store.abandon([row.note.key], reason)
        self._count(group, Went.REFUSED)
        return True

    def _count(self, group: list[Pending], went: Went) -> None:
        for row in group:
            self.meter.delivered(row.note.effect.to.platform, type(row.note.effect).__name__, went)

    async def _one_by_one(self, group: list[Pending]) -> bool:
        for tried, row in enumerate(group, 1):
            if not await self._try([row]):
                await self._hold(group[tried:])
                return False
        return True

    async def _trouble(self, row: Pending, reason: str) -> Settlement:
        """The message's case again, and one alert per channel and hour."""
        effect = row.note.effect
        room = self.review_room(effect.to)
        trouble = Settlement(cause=row.note.key, at=self.clock())
        if isinstance(effect, Delete):
            trouble.reviews += [await self._again(effect, message_id, reason) for message_id in effect.message_ids]
        if room is not None:
            hour = f"{self.clock():%Y-%m-%dT%H}"
            alert = Post(to=room, text=text.trouble(effect.to, reason))
            trouble.notes.append(note(f"alert/{effect.to.parent}/{hour}", alert))
        return trouble

    async def _again(self, effect: Delete, message_id: str, reason: str) -> AskReview:
        case = await self.store.case_about(effect.to, message_id)
        if case is not None and case.wave is not None:
            return reopened(case, reason)
        found = await self.store.message(effect.to.platform, message_id)
        return AskReview(
            about=effect.to,
            message_id=message_id,
            evidence=found.verdict.evidence if found and found.verdict else Evidence(),
            proposal=(replace(effect, message_ids=(message_id,)),),
            review_room=self.review_room(effect.to),
            problem=reason,
        )


def reopened(case: Case, reason: str) -> AskReview:
    """Put a case back before the moderators, with what went wrong."""
    return AskReview(
        about=case.where,
        message_id=case.message_id,
        evidence=case.evidence,
        proposal=case.proposal,
        review_room=case.room,
        problem=reason,
        swell=Swell(wave=case.wave.name) if case.wave else None,
    )
