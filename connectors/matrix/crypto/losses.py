"""Messages that could not be read yet: counted, and found again when their key comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.matrix.crypto.files import read, write
from connectors.matrix.crypto.machine import RoomKey
from connectors.matrix.reading import Json, ident, mapping, whole

LOSSES = "unread.json"
# Of so many it is remembered where they are; older ones are only counted.
REMEMBERED = 2_000
# After so many in a row nothing can be read in a room.
BLIND_AFTER = 3


@dataclass(slots=True)
class Losses:
    """Kept in a file, so that `parley check` can tell and a restart forgets none."""

    file: Path
    waiting: dict[str, RoomKey] = field(default_factory=dict)
    older: dict[str, int] = field(default_factory=dict)
    _in_a_row: dict[str, int] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def of(cls, folder: Path) -> Losses:
        """As they were; raises `OSError`, and `Rejected` for a damaged file."""
        kept = read(folder / LOSSES)
        waiting = {event_id: _key(entry) for event_id, entry in mapping(kept.get("waiting")).items()}
        older = {room_id: whole(count, 0) for room_id, count in mapping(kept.get("older")).items()}
        return cls(folder / LOSSES, waiting, older)

    def lost(self, event_id: str, key: RoomKey, *, spoilt: bool = False) -> bool:
        """It could not be read, and never will if it is `spoilt`; whether that is news."""
        if event_id in self.waiting and not spoilt:
            return False
        self._changed = True
        self._in_a_row[key.room_id] = self._in_a_row.get(key.room_id, 0) + 1
        self.waiting.pop(event_id, None)
        if spoilt:
            self._give_up(key)
        else:
            self.waiting[event_id] = key
        while len(self.waiting) > REMEMBERED:
            self._give_up(self.waiting.pop(next(iter(self.waiting))))
        return True

    def read(self, room_id: str, event_id: str = "") -> None:
        """Something there could be read."""
        self._in_a_row.pop(room_id, None)
        self._changed |= self.waiting.pop(event_id, None) is not None

    def found(self, has: Callable[[RoomKey], bool]) -> list[tuple[str, str]]:
        """What can be read by now, as room and event, in the order it was heard."""
        return [(key.room_id, event_id) for event_id, key in self.waiting.items() if has(key)]

    def one_of_each(self) -> list[tuple[str, RoomKey]]:
        """One message for every key that is missing."""
        return [(event_id, key) for key, event_id in {key: event_id for event_id, key in self.waiting.items()}.items()]

    def is_blind(self, room_id: str) -> bool:
        """Whether nothing that was said there lately could be read."""
        return self._in_a_row.get(room_id, 0) >= BLIND_AFTER

    def counts(self) -> dict[str, int]:
        """How many messages of each room were never read."""
        counts = dict(self.older)
        for key in self.waiting.values():
            counts[key.room_id] = counts.get(key.room_id, 0) + 1
        return counts

    def save(self) -> None:
        """Write it down, if there is anything new; raises `OSError`."""
        if self._changed:
            write(self.file, {"waiting": dict(self._entries()), "older": self.older})
            self._changed = False

    def _give_up(self, key: RoomKey) -> None:
        self.older[key.room_id] = self.older.get(key.room_id, 0) + 1

    def _entries(self) -> Iterator[tuple[str, Json]]:
        for event_id, key in self.waiting.items():
            yield event_id, {"room": key.room_id, "session": key.session_id}


def _key(entry: object) -> RoomKey:
    return RoomKey(ident(mapping(entry).get("room")), ident(mapping(entry).get("session")))
