"""What other platforms keep on their servers: who is here, which rooms there are and what was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from bot.core.address import Address
from bot.core.effect import Button, Penalty
from bot.core.event import Author, Event, MessageDeleted, MessageEdited, MessagePosted, Role
from bot.core.ports import Readers

GENERAL = Address("console", "home", "general")
MODS = Address("console", "home", "mods")
PARLEY = Author(id="parley", name="Parley", is_bot=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message as it stands; `number` is what people type, `id` what the store keeps.

    Of two messages the one with the higher `shown` was on the screen last.
    """

    number: int
    shown: int = 0
    id: str
    where: Address
    who: Author
    text: str
    buttons: tuple[Button, ...] = ()
    whisper_to: str = ""
    revision: int = 0
    gone: bool = False


class House:
    """Everything said and everyone present since the start; numbers begin at 1, ids carry the `session`."""

    def __init__(self, session: str) -> None:
        self.entries: list[Entry] = []
        self.members: dict[str, Author] = {}
        self._kicked: set[str] = set()
        self._silenced: dict[str, datetime] = {}
        self._numbers: dict[str, int] = {}
        self._moments = count(1)
        self._ids = (f"{session}.{number}" for number in count(1))

    def new_id(self) -> str:
        """An id that no other event or message of any session has."""
        return next(self._ids)

    def find(self, message_id: str) -> Entry | None:
        """The message, unless it is gone or of another session."""
        number = self._numbers.get(message_id)
        entry = self.entries[number - 1] if number else None
        return None if entry is None or entry.gone else entry

    def add(self, entry: Entry) -> Entry:
        """Keep a message under the next number."""
        numbered = replace(entry, number=len(self.entries) + 1, shown=next(self._moments))
        self.entries.append(numbered)
        self._numbers[numbered.id] = numbered.number
        return numbered

    def put(self, entry: Entry) -> Entry:
        """Keep a message as it reads from here on."""
        shown = replace(entry, shown=next(self._moments))
        self.entries[entry.number - 1] = shown
        return shown

    def hear(self, event: Event) -> Entry | None:
        """Do what the event says happened; the message it changed, if any."""
        match event:
            case MessagePosted():
                said = Entry(number=0, id=event.message_id, where=event.where, who=event.who, text=event.text)
                return self.add(said)
            case MessageEdited() if entry := self.find(event.message_id):
                return self.put(replace(entry, text=event.text, revision=event.revision))
            case MessageDeleted() if entry := self.find(event.message_id):
                return self.put(replace(entry, gone=True))
            case _:
                return None

    def enter(self, name: str, role: Role | None, at: datetime) -> bool:
        """Let somebody in, with their earlier role unless a new one is given; whether they were not here before."""
        known = self.members.get(name) or Author(id=name, name=name, joined_at=at)
        new = name not in self.members or name in self._kicked
        self._kicked.discard(name)
        self.members[name] = known if role is None else replace(known, role=role)
        return new

    def present(self) -> list[Author]:
        """Everyone who came in and was not kicked since."""
        return [who for name, who in self.members.items() if name not in self._kicked]

    def punish(self, name: str, penalty: Penalty, until: datetime) -> None:
        """Keep a member quiet until then, or out until they come back by themselves."""
        if penalty is Penalty.KICK:
            self._kicked.add(name)
        else:
            self._silenced[name] = until

    def pardon(self, name: str, now: datetime) -> bool:
        """Let a member speak again; False when they could already."""
        return self._silenced.pop(name, now) > now

    def punished(self, name: str, now: datetime) -> tuple[Penalty, timedelta] | None:
        """What keeps a member from acting and for how much longer, None when they are free to."""
        if name in self._kicked:
            return Penalty.KICK, timedelta()
        left = self._silenced.get(name, now) - now
        return (Penalty.TIMEOUT, left) if left > timedelta() else None

    def role(self, name: str) -> Role:
        """The role a member came with."""
        return self.members[name].role if name in self.members else Role.MEMBER

    def readers(self, where: Address) -> Readers:
        """Moderators have a room of their own; the others are open to all."""
        if where.parent != MODS:
            return Readers(everyone=True)
        return Readers(members=frozenset(who.id for who in self.members.values() if who.role >= Role.MODERATOR))

    def may_read(self, name: str, where: Address) -> bool:
        """Whether the member is among the readers of that room."""
        readers = self.readers(where)
        return readers.everyone or name in readers.members
