"""What a person can ask of their data: to be forgotten, and to be given it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.core.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account on one platform, by the platform's whole id."""

    platform: str
    id: str

    @classmethod
    def parse(cls, text: str) -> Member:
        """Read `platform/id`; raises `ValueError` with a sentence."""
        platform, slash, user_id = text.partition("/")
        if not (platform and slash and user_id):
            raise ValueError(f"“{text}” names no member: write platform/id, such as discord/80351110224678912")
        return cls(platform=platform, id=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was forgotten: how many rows of each kind changed or went. `mark` stands where the member did."""

    mark: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows there were."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One thing that is kept about a member: when and where it was, what kind of thing, and what it says."""

    kind: str
    at: datetime | None
    where: Address | None
    what: str
    outcome: str = ""


class Privacy(Protocol):
    """The part of the store that answers to the people in it."""

    async def erase(self, member: Member) -> Forgotten:
        """Forget everything that they said and who they are; doing it again finds nothing more."""

    async def scrub(self) -> None:
        """Overwrite what was forgotten in the files too, as far as the database can; may take a while."""

    async def remembered(self, member: Member) -> list[Remembered]:
        """Everything that is kept about them, oldest first."""
