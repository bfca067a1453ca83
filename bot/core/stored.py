"""The database, seen from the path: what it keeps, and what it can be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.action import Configure
from bot.core.address import Address
from bot.core.case import Case
from bot.core.effect import OpenPoll, Post
from bot.core.event import Event, Message
from bot.core.evidence import Record
from bot.core.learning import Calibrated, Label
from bot.core.passage import Fact, Passage, Wordy
from bot.core.poll import Poll
from bot.core.privacy import Privacy
from bot.core.settlement import Note, Settlement, Verdict
from bot.core.wave import Known, Part


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with the payload it was made from (JSON bytes, b'' when there is none worth keeping)."""

    event: Event
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one stream of a platform was read; `position` belongs to the connector."""

    stream: str
    position: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform confirmed: the message made or changed, `gone` when there was nothing left to change.

    `remarks` are sentences on what could not be done of it, `undone` the members that it was not done to.
    """

    message_id: str = ""
    gone: bool = False
    remarks: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An outbox row to try; `attempts` says how often it was tried."""

    note: Note
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A leased piece of later work."""

    name: str
    key: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stored message with its latest verdict, None while it is being judged."""

    event: Message
    hash: str
    verdict: Verdict | None


class Inbox(Protocol):
    """Every event once, and what became of it."""

    async def accept(self, heard: Sequence[Heard], cursor: Cursor | None) -> list[Event]:
        """Store events and cursor in one transaction; returns those not known before."""

    async def unhandled(self) -> list[Event]:
        """What was accepted and not settled, oldest first."""

    async def settle(self, settlement: Settlement) -> None:
        """One transaction: handled mark, outbox, cases, settings, jobs."""

    async def position(self, stream: str) -> str:
        """The stream's cursor, '' when it was never read."""

    async def superseded(self, limit: int) -> list[Event]:
        """The newest edits and deletions, oldest first."""


class Outbox(Protocol):
    """What must still happen outside."""

    async def pending(self, now: datetime, busy: Collection[str], limit: int) -> list[Pending]:
        """Rows to try now: urgent ones first, then in the order they were written.

        Posts wait for earlier posts to the same place; those to the places in `busy` are left out.
        """

    async def next_delivery(self, now: datetime) -> datetime | None:
        """When the next row that is not due yet will be."""

    async def attempted(self, keys: Sequence[str]) -> None:
        """About to be tried: written before the platform is asked."""

    async def delivered(self, keys: Sequence[str], receipt: Receipt) -> None:
        """The platform confirmed."""

    async def postpone(self, keys: Sequence[str], until: datetime) -> None:
        """Not before `until`."""

    async def abandon(self, keys: Sequence[str], reason: str) -> None:
        """It will never happen; `reason` is a sentence."""

    async def card_shown(self, case: int, message_id: str) -> None:
        """Remember which message is the case's card."""

    async def poll_opened(self, asked: OpenPoll, message_id: str, ends_at: datetime) -> None:
        """Keep a poll that was posted, by its id; the same again changes nothing."""


class Reading(Protocol):
    """What a pipeline may look up."""

    async def case(self, number: int) -> Case | None:
        """A case by its number."""

    async def open_case(self, where: Address, message_id: str) -> Case | None:
        """The open case about a message."""

    async def case_about(self, where: Address, message_id: str) -> Case | None:
        """The case about a message, open or decided."""

    async def open_cases(self, under: Address | None, limit: int) -> list[Case]:
        """Open cases at or below a place, reported ones first, then oldest first."""

    async def waiting(self, room: Address) -> tuple[int, datetime | None]:
        """How many open cases a review room has, and since when the oldest waits."""

    async def known_wave(self, name: str) -> Known | None:
        """What became of a wave that has a case, by any name that it had."""

    async def wave_case(self, name: str) -> Case | None:
        """The case of a wave, by the name that it got first."""

    async def wave(self, case: int) -> list[Part]:
        """All messages of the wave that a case is about, in the order they were heard."""

    async def lately(self, since: datetime, limit: int) -> list[Message]:
        """The newest judged messages that were said since then, oldest first."""

    async def message(self, platform: str, message_id: str) -> Found | None:
        """The newest revision that was heard of a message."""

    async def record(self, community: Address, user_id: str) -> Record:
        """How an author's messages fared there."""

    async def approved(self, where: Address) -> int:
        """How many messages were approved in that channel."""

    async def gone(self, platform: str, message_id: str) -> bool:
        """Whether a message was taken away by its author or anybody else on the platform."""

    async def event(self, key: str) -> Event | None:
        """What was heard, by its key among all platforms."""

    async def passages(self, community: Address, words: Sequence[str], limit: int) -> list[Passage]:
        """Approved messages of a community that hold any of the words, best first."""

    async def alike(self, community: Address, vector: bytes, limit: int) -> list[Passage]:
        """Approved messages of a community whose vectors are nearest, best first; `rank` is the cosine."""

    async def around(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        """Approved messages that answer one of these, or that one of these answers, oldest first."""

    async def standing(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        """The messages as they stand in the index, without those that went or were never approved."""

    async def latest(self, where: Address, limit: int) -> list[Passage]:
        """The newest approved messages of a channel or thread, oldest first."""

    async def posted(self, platform: str, message_id: str) -> Post | None:
        """What we said with that message."""

    async def spent(self, day: str, scopes: Collection[str]) -> Mapping[str, int]:
        """How many tokens were counted against each of them that day; those without any are left out."""

    async def facts(self, community: Address, member: str) -> list[Fact]:
        """What a member asked to have remembered there, oldest first."""

    async def wordy(self, limit: int) -> list[Wordy]:
        """Passages without a vector, oldest first."""

    async def labels(self, community: Address) -> list[Label]:
        """What its moderators said about messages that a machine had judged, oldest first."""

    async def audits(self, community: Address, since: datetime) -> int:
        """How many messages its moderators were shown as a check since then."""

    async def calibration(self, number: int) -> Calibrated | None:
        """A calibration by its number."""

    async def calibrations(self, community: Address) -> list[Calibrated]:
        """All calibrations of a community, oldest first."""

    async def poll(self, poll_id: str) -> Poll | None:
        """A poll by its id, with its ballots."""

    async def poll_shown_as(self, where: Address, message_id: str) -> Poll | None:
        """The poll that a message shows."""

    async def open_polls(self, under: Address) -> list[Poll]:
        """Polls at or below a place that have not ended, oldest first, without their ballots."""


class Learning(Protocol):
    """What `parley calibrate` learns from, and where it keeps what it learned."""

    async def taught(self) -> list[Address]:
        """Communities whose moderators decided anything about messages that a machine had judged."""

    async def passed(self, community: Address, model: str, limit: int) -> list[float]:
        """The scores of the newest messages there that nobody had to look at, judged by that model."""

    async def keep(self, made: Calibrated) -> int:
        """The number that it is kept under for ever."""


class Jobs(Protocol):
    """Later work as rows: the queue only rings, the rows are the truth."""

    async def lease(self, now: datetime, until: datetime, limit: int) -> list[Job]:
        """Take due jobs that nobody holds at `now`; they are ours until `until`."""

    async def finish(self, job: Job) -> None:
        """It is done and forgotten."""

    async def retry(self, job: Job, at: datetime) -> None:
        """Give it back, to be taken again at `at`."""

    async def next_due(self) -> datetime | None:
        """When the next job may be taken, None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much is not done yet: events undecided, effects undelivered, jobs to run, cases open."""

    events: int = 0
    effects: int = 0
    jobs: int = 0
    cases: int = 0


class Store(Inbox, Outbox, Reading, Learning, Jobs, Privacy, Protocol):
    """The database, seen by the application."""

    @property
    def degraded(self) -> str:
        """Why nothing can be written at the moment, '' when all is well."""

    async def settings(self) -> list[Configure]:
        """What moderators have set."""

    async def backlog(self) -> Backlog:
        """How much is not done yet."""

    async def close(self) -> None:
        """Finish what was asked, then let go of the database."""
