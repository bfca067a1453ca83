"""What was said, in the order in which it was, and what should have become of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.address import Address
from bot.core.settlement import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message, by whom, where, and the verdict on it as it was first written."""

    where: Address
    who: str
    message: str
    outcome: Outcome


@dataclass(slots=True)
class Ledger:
    """`edited` holds the verdict on what a message was changed into, `gone` what nobody should read any more."""

    rows: list[Line] = field(default_factory=list)
    edited: dict[str, Outcome] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def note(self, where: Address, who: str, message: str, outcome: Outcome) -> None:
        """Write a line."""
        self.rows.append(Line(where=where, who=who, message=message, outcome=outcome))

    def places(self, chosen: Callable[[Line], bool] = lambda _: True) -> dict[Address, list[str]]:
        """The messages of each place, oldest first."""
        found: dict[Address, list[str]] = {}
        for row in filter(chosen, self.rows):
            found.setdefault(row.where, []).append(row.message)
        return found

    def removed(self) -> Counter[str]:
        """How many messages of each author went."""
        return Counter(row.who for row in self.rows if row.message in self.gone)
