"""What one event came to, written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.action import AskReview, Configure, Decide, EndPoll, Later, Remember, Spend, Unlearn, Vote
from bot.core.address import Address
from bot.core.effect import Delete, Effect, Outgoing, Post, Restrict
from bot.core.evidence import Evidence
from bot.core.passage import Meaning
from bot.core.privacy import Member


class Outcome(StrEnum):
    """What became of one revision of a message."""

    APPROVED = "approved"
    ACTED = "acted"
    ASKED = "asked"
    WAITING = "waiting"
    SHADOWED = "shadowed"
    GONE = "gone"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome with its evidence; in shadow also what would have been done."""

    outcome: Outcome
    evidence: Evidence
    would: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One row for the outbox: `key` is stable across retries and given to the platform."""

    key: str
    effect: Outgoing
    cookie: str = ""
    urgent: bool = False

    @property
    def line(self) -> str:
        """Rows of one line are performed in order: a place has one, and each member one for what only they read."""
        effect = self.effect
        return f"{effect.to} {effect.whisper_to}" if isinstance(effect, Post) and effect.whisper_to else str(effect.to)


@dataclass(slots=True)
class Settlement:
    """Everything one event or job caused, written in one transaction with its handled mark.

    `event_key` is '' for what no event caused, and `cause` then tells one such settlement from the next;
    `at` is when it was decided, by the clock everybody is given; `finished` names a job that is done, by name and key;
    `index` is how many messages should become findable, by what they mean those in `meanings`; `erased` members are
    forgotten.
    """

    event_key: str = ""
    cause: str = ""
    where: Address | None = None
    at: datetime | None = None
    verdict: Verdict | None = None
    notes: list[Note] = field(default_factory=list)
    reviews: list[AskReview] = field(default_factory=list)
    decisions: list[Decide] = field(default_factory=list)
    ballots: list[Vote | EndPoll] = field(default_factory=list)
    index: int = 0
    meanings: list[Meaning] = field(default_factory=list)
    noted: list[Spend | Remember | Unlearn] = field(default_factory=list)
    erased: list[Member] = field(default_factory=list)
    settings: list[Configure] = field(default_factory=list)
    jobs: list[Later] = field(default_factory=list)
    finished: tuple[str, str] | None = None

    @property
    def more(self) -> bool:
        """Whether there is anything to write besides the mark and the verdict."""
        asked = self.reviews or self.decisions or self.ballots or self.index or self.meanings
        written = self.noted or self.erased or self.settings or self.jobs or self.finished
        return bool(self.notes or asked or written)


def note(key: str, effect: Outgoing, cookie: str = "") -> Note:
    """The outbox row of an effect; what keeps a room safe goes before what is said in it."""
    return Note(key=key, effect=effect, cookie=cookie, urgent=isinstance(effect, Delete | Restrict))
