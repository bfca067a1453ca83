"""What a pipeline reads from, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event as Gate

from bot.core.address import Address
from bot.core.banlist import BanList, Hit
from bot.core.capability import Capabilities
from bot.core.case import Case
from bot.core.effect import Post
from bot.core.errors import ModelFailed, Rejected
from bot.core.event import Event, Message, MessageDeleted, MessageEdited, MessagePosted, Role
from bot.core.evidence import Record
from bot.core.learning import Calibrated, Label
from bot.core.passage import Fact, Passage, Wordy
from bot.core.poll import Poll
from bot.core.ports import Context, Needs, Readers, Scores
from bot.core.stored import Found
from bot.core.wave import Known, Part

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def _under(place: Address, wide: Address | None) -> bool:
    return wide is None or str(place) == str(wide) or str(place).startswith(f"{wide}/")


def _cosine(first: bytes, second: bytes) -> float:
    """As if all vectors were of length 10."""
    return sum(a * b for a, b in zip(first, second, strict=False)) / 100


@dataclass(slots=True)
class House:
    """A store that can only be read, and the places around it; `roles` is by place or community, then member."""

    cases: Sequence[Case] = ()
    messages: Mapping[str, Found] = field(default_factory=dict)
    counted: int = 0
    held: Sequence[Poll] = ()
    heard: Sequence[Event] = ()
    known: Sequence[Passage] = ()
    vectors: Mapping[str, bytes] = field(default_factory=dict)
    unplaced: Sequence[Wordy] = ()
    ours: Mapping[str, Post] = field(default_factory=dict)
    spendings: Mapping[str, int] = field(default_factory=dict)
    remembered: Sequence[Fact] = ()
    audiences: Mapping[str, Readers] = field(default_factory=dict)
    roles: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    can: Capabilities = field(default_factory=lambda: Capabilities(max_text=2000, ephemeral=True))
    now: datetime = NOON
    secretive: bool = False
    lists: Mapping[str, BanList] = field(default_factory=dict)
    places: Sequence[Address] = ()
    decided: Sequence[Label] = ()
    checks: int = 0
    learned: Sequence[Calibrated] = ()
    parts: Sequence[Part] = ()

    @property
    def context(self) -> Context:
        return Context(
            self,
            lambda: self.now,
            self.capabilities,
            self.role,
            self.readers,
            self.moderators,
            self.lacking,
            self.ban_lists,
        )

    async def readers(self, where: Address) -> Readers:
        return self.audiences.get(str(where.parent), Readers(everyone=True))

    async def capabilities(self, where: Address) -> Capabilities:
        return self.can

    async def role(self, where: Address, user_id: str) -> Role:
        """The member's role at the place itself, or in its whole community."""
        places = (where.parent, where.community)
        return max((self.roles.get((str(place), user_id), Role.MEMBER) for place in places), default=Role.MEMBER)

    async def moderators(self, where: Address) -> frozenset[str]:
        if self.secretive:
            raise Rejected("too many members")
        return frozenset(who for (_, who), role in self.roles.items() if role >= Role.MODERATOR)

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        return [f"{community} {place.channel}: {', '.join(sorted(needs(place)))}" for place in self.places]

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """Those that are there, with the hits in that place or community, of that member or of all."""
        known = [self.lists[str(each)] for each in lists if str(each) in self.lists]
        if len(known) < len(lists):
            raise Rejected("I am not in that room.")
        return [replace(each, hits=tuple(hit for hit in each.hits if _meant(hit, where, member_id))) for each in known]

    async def case(self, number: int) -> Case | None:
        # What no database column holds is a fault of the caller.
        assert number.bit_length() < 64
        return next((case for case in self.cases if case.number == number), None)

    async def open_case(self, where: Address, message_id: str) -> Case | None:
        about = ((case, (case.where.platform, case.message_id)) for case in self.cases if case.decision is None)
        return next((case for case, key in about if key == (where.platform, message_id)), None)

    async def case_about(self, where: Address, message_id: str) -> Case | None:
        about = ((case, (case.where.platform, case.message_id)) for case in self.cases)
        return next((case for case, key in about if key == (where.platform, message_id)), None)

    async def open_cases(self, under: Address | None, limit: int) -> list[Case]:
        waiting = [case for case in self.cases if case.decision is None and _under(case.where, under)]
        return sorted(waiting, key=lambda case: (not case.reporters, case.number))[:limit]

    async def waiting(self, room: Address) -> tuple[int, datetime | None]:
        opened = [case.opened_at for case in self.cases if case.decision is None and case.room == room]
        return len(opened), min(opened, default=None)

    async def known_wave(self, name: str) -> Known | None:
        case = await self.wave_case(name)
        return Known(wave=name, decision=case.decision) if case else None

    async def wave_case(self, name: str) -> Case | None:
        return next((case for case in self.cases if case.wave and case.wave.name == name), None)

    async def wave(self, case: int) -> list[Part]:
        return list(self.parts) if any(one.number == case and one.wave for one in self.cases) else []

    async def lately(self, since: datetime, limit: int) -> list[Message]:
        said = [each for each in self.heard if isinstance(each, MessagePosted | MessageEdited) and each.at >= since]
        return said[-limit:]

    async def message(self, platform: str, message_id: str) -> Found | None:
        return self.messages.get(f"{platform}:{message_id}")

    async def record(self, community: Address, user_id: str) -> Record:
        return Record()

    async def approved(self, where: Address) -> int:
        return self.counted

    async def gone(self, platform: str, message_id: str) -> bool:
        return any(isinstance(event, MessageDeleted) and event.message_id == message_id for event in self.heard)

    async def event(self, key: str) -> Event | None:
        return next((event for event in self.heard if event.key == key), None)

    async def passages(self, community: Address, words: Sequence[str], limit: int) -> list[Passage]:
        found = [each for each in self.known if set(words) & set(each.words.lower().split())]
        return [each for each in found if each.where.community == community][:limit]

    async def alike(self, community: Address, vector: bytes, limit: int) -> list[Passage]:
        found = [replace(each, rank=_cosine(vector, self.vectors.get(each.message_id, b""))) for each in self.known]
        near = sorted((each for each in found if each.where.community == community), key=lambda each: -each.rank)
        return near[:limit]

    async def around(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        answered = {each.reply_to for each in self.known if each.message_id in message_ids}
        return [each for each in self.known if each.reply_to in message_ids or each.message_id in answered]

    async def standing(self, platform: str, message_ids: Collection[str]) -> list[Passage]:
        return [each for each in self.known if each.where.platform == platform and each.message_id in message_ids]

    async def latest(self, where: Address, limit: int) -> list[Passage]:
        return [each for each in self.known if each.where == where][-limit:]

    async def posted(self, platform: str, message_id: str) -> Post | None:
        return self.ours.get(message_id)

    async def spent(self, day: str, scopes: Collection[str]) -> Mapping[str, int]:
        return {scope: tokens for scope, tokens in self.spendings.items() if scope in scopes}

    async def facts(self, community: Address, member: str) -> list[Fact]:
        return [fact for fact in self.remembered if (fact.community, fact.member) == (community, member)]

    async def wordy(self, limit: int) -> list[Wordy]:
        return list(self.unplaced[:limit])

    async def poll(self, poll_id: str) -> Poll | None:
        return next((poll for poll in self.held if poll.asked.id == poll_id), None)

    async def poll_shown_as(self, where: Address, message_id: str) -> Poll | None:
        return next((poll for poll in self.held if poll.message_id == message_id), None)

    async def open_polls(self, under: Address) -> list[Poll]:
        return [poll for poll in self.held if not poll.ended and _under(poll.asked.to, under)]

    async def labels(self, community: Address) -> list[Label]:
        return [label for label in self.decided if label.community == str(community)]

    async def audits(self, community: Address, since: datetime) -> int:
        return self.checks if since <= self.now else 0

    async def calibration(self, number: int) -> Calibrated | None:
        return next((made for made in self.learned if made.number == number), None)

    async def calibrations(self, community: Address) -> list[Calibrated]:
        return [made for made in self.learned if made.community == str(community)]


@dataclass(slots=True)
class Opinion:
    """A classifier of one opinion, which remembers what it was asked; an error instead of a score is raised."""

    says: Scores | Exception
    version: str = "model-1"
    asked: list[Sequence[str]] = field(default_factory=list)

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        self.asked.append(tuple(texts))
        if isinstance(self.says, Exception):
            raise self.says
        return [self.says] * len(texts)


class Silence:
    """A classifier that never answers."""

    version = "model-silent"

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        await asyncio.Event().wait()
        raise ModelFailed("unreachable")


@dataclass(slots=True)
class Lengths:
    """A model that thinks a text as toxic as it is long, in hundredths; it breaks on "poison" and hangs on "hang"."""

    version: str = "lengths"
    batches: list[list[str]] = field(default_factory=list)
    released: Gate = field(default_factory=Gate)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.batches.append(list(texts))
        if "hang" in texts:
            # A test that forgets to release it must not hang the whole run.
            self.released.wait(timeout=10)
        if "poison" in texts:
            raise MemoryError("poison")
        return [Scores(toxic=len(text) / 100, labels={}) for text in texts]


def _meant(hit: Hit, where: Address, member_id: str) -> bool:
    there = hit.where == where if where.channel else hit.where.community == where
    return there and member_id in ("", hit.user_id)
