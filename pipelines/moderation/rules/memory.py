"""What was said just before: each author's pace, and messages that say nearly the same.

One object for a process, bounded, and told the time by the messages themselves, so that a replay remembers alike.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from bot.core.event import Message, MessagePosted
from pipelines.moderation.normalise import normalise

LONGEST: Final = timedelta(minutes=10)
_AUTHORS: Final = 20_000
_COMMUNITIES: Final = 1_000
_GROUPS: Final = 256
_PACE, _MEMBERS = 64, 512
# A sketch keeps the smallest hashes of all runs of five letters (Broder 1997): what two sketches share of theirs
# tells how much two texts share.
_RUN, _SKETCH = 5, 24
_ALIKE: Final = 0.5
_FEWEST: Final = 8


@dataclass(frozen=True, slots=True)
class Copy:
    """One message of a group."""

    at: datetime
    author: str
    place: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Recent:
    """`pace` holds when the author last spoke in this community, `copies` what said nearly the same, this message last.

    `group` names the copies; it is '' where the text is too short to be a copy of anything.
    """

    pace: tuple[datetime, ...] = ()
    group: str = ""
    copies: tuple[Copy, ...] = ()


NOTHING: Final = Recent()


@dataclass(slots=True)
class _Group:
    name: str
    sketch: frozenset[int]
    copies: deque[Copy] = field(default_factory=lambda: deque(maxlen=_MEMBERS))


@dataclass(slots=True)
class _Groups:
    """The groups of one community, the least recently joined first to go."""

    by_name: OrderedDict[str, _Group] = field(default_factory=OrderedDict)
    by_hash: dict[int, set[str]] = field(default_factory=dict)

    def join(self, sketch: frozenset[int], copy: Copy, name: str) -> _Group:
        group = self._like(sketch, copy.at) or self._new(sketch, name)
        group.copies.append(copy)
        self.by_name.move_to_end(group.name)
        return group

    def _like(self, sketch: frozenset[int], at: datetime) -> _Group | None:
        shared = Counter(name for each in sketch for name in self.by_hash.get(each, ()))
        for name, count in shared.most_common(3):
            group = self.by_name[name]
            alike = count >= _ALIKE * max(len(sketch), len(group.sketch))
            if alike and at - group.copies[-1].at <= LONGEST:
                return group
        return None

    def _new(self, sketch: frozenset[int], name: str) -> _Group:
        while len(self.by_name) >= _GROUPS:
            self._drop(self.by_name.popitem(last=False)[1])
        if name in self.by_name:
            self._drop(self.by_name.pop(name))
        group = self.by_name[name] = _Group(name, sketch)
        for each in sketch:
            self.by_hash.setdefault(each, set()).add(name)
        return group

    def _drop(self, group: _Group) -> None:
        for each in group.sketch:
            names = self.by_hash[each]
            names.discard(group.name)
            if not names:
                del self.by_hash[each]


@dataclass(slots=True)
class Memory:
    """Each message is noted once, as it comes in; an edit is compared, and counts for nobody's pace."""

    _pace: OrderedDict[tuple[str, str], deque[datetime]] = field(default_factory=OrderedDict)
    _groups: OrderedDict[str, _Groups] = field(default_factory=OrderedDict)

    def note(self, message: Message) -> Recent:
        """What is known of the author and the text, this message included."""
        community = str(message.where.community)
        pace = self._paced(community, message) if isinstance(message, MessagePosted) else ()
        sketch = sketch_of("\n".join(surface.text for surface in message.surfaces))
        if len(sketch) < _FEWEST:
            return Recent(pace=pace)
        group = self._community(community).join(sketch, _copy(message), message.key)
        return Recent(pace=pace, group=group.name, copies=tuple(group.copies))

    def _paced(self, community: str, message: Message) -> tuple[datetime, ...]:
        key = (community, message.who.id)
        times = self._pace.setdefault(key, deque(maxlen=_PACE))
        times.append(message.at)
        self._pace.move_to_end(key)
        if len(self._pace) > _AUTHORS:
            self._pace.popitem(last=False)
        return tuple(times)

    def _community(self, name: str) -> _Groups:
        groups = self._groups.setdefault(name, _Groups())
        self._groups.move_to_end(name)
        if len(self._groups) > _COMMUNITIES:
            self._groups.popitem(last=False)
        return groups


def sketch_of(text: str) -> frozenset[int]:
    """The smallest hashes of the runs of letters and digits in a text, its links included."""
    letters = "".join(char for char in normalise(text.replace("://", " ")) if char.isalnum()).encode()
    runs = {crc32(letters[at : at + _RUN]) for at in range(len(letters) - _RUN + 1)}
    return frozenset(sorted(runs)[:_SKETCH])


def _copy(message: Message) -> Copy:
    return Copy(message.at, message.who.id, str(message.where.parent), message.message_id)
