"""The nearest of many vectors: by their signs in memory first, then exactly by what the table holds.

Signs alone are a thirty-second of the floats, and their Hamming distance orders like the angle (Charikar 2002). Nothing
is said to be near that is not in the table at that moment, so what goes there is found no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, bindparam, func, select

from storage.tables_answers import MEANING

Numbers = npt.NDArray[np.int64]
Distances = npt.NDArray[np.uint16]
WORD: Final = 8
PAGE: Final = 10_000
# So many of the nearest by their signs are looked at closely: with fewer, one in a hundred of the best is missed.
CLOSER: Final = 400
# Farther than anything can be.
BEYOND: Final = np.iinfo(np.uint16).max
_NEW = (
    select(MEANING.c.seq, MEANING.c.community, MEANING.c.vector)
    .where(MEANING.c.seq > bindparam("after"))
    .order_by(MEANING.c.seq)
    .limit(PAGE)
)
_THESE = select(MEANING.c.seq, MEANING.c.passage, MEANING.c.vector).where(
    MEANING.c.seq.in_(bindparam("seqs", expanding=True))
)
_COUNT = select(func.count()).select_from(MEANING)


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs of some vectors, a row for each 64 of them; never changed."""

    seqs: Numbers
    homes: npt.NDArray[np.int32]
    bits: npt.NDArray[np.uint64]

    def only(self, kept: npt.NDArray[np.bool_]) -> _Signs:
        return _Signs(self.seqs[kept], self.homes[kept], np.ascontiguousarray(self.bits[:, kept]))

    def near(self, home: int, vector: npt.NDArray[np.int8], limit: int) -> tuple[Numbers, Distances]:
        """The nearest of one home, in no order, and how far they are."""
        asked = _signs(vector[None])
        if len(asked) != len(self.bits):
            return self.seqs[:0], np.zeros(0, np.uint16)
        far = np.zeros(len(self.seqs), np.uint16)
        for row, word in zip(self.bits, asked, strict=True):
            far += np.bitwise_count(row ^ word[0])
        far[self.homes != home] = BEYOND
        nearest = np.argpartition(far, limit)[:limit] if limit < len(far) else np.arange(len(far))
        nearest = nearest[far[nearest] < BEYOND]
        return self.seqs[nearest], far[nearest]


@dataclass(slots=True)
class Vectors:
    """Signs of all vectors of a database, read on with every search; one for a store."""

    _pages: list[_Signs] = field(default_factory=list)
    _homes: dict[str, int] = field(default_factory=dict)
    _last: int = 0
    _lock: Lock = field(default_factory=Lock)

    def search(self, connection: Connection, community: str, vector: bytes, limit: int) -> list[tuple[int, float]]:
        """Numbers of the nearest passages with the cosine, nearest first."""
        pages = self._read_on(connection)
        home, asked = self._homes.get(community), np.frombuffer(vector, np.int8)
        if home is None:
            return []
        near = [page.near(home, asked, CLOSER) for page in pages]
        seqs, far = (np.concatenate(parts) for parts in zip(*near, strict=True))
        return _closer(connection, seqs[np.argsort(far, kind="stable")[:CLOSER]].tolist(), asked, limit)

    def tidy(self, connection: Connection) -> None:
        """Let go of what is in the table no more."""
        pages = self._read_on(connection)
        if sum(len(page.seqs) for page in pages) == connection.scalar(_COUNT):
            return
        there = np.array(connection.scalars(select(MEANING.c.seq)).all(), np.int64)
        with self._lock:
            kept = [page.only(np.isin(page.seqs, there)) for page in self._pages]
            self._pages = [page for page in kept if len(page.seqs)]

    def _read_on(self, connection: Connection) -> Sequence[_Signs]:
        with self._lock:
            while page := connection.execute(_NEW, {"after": self._last}).all():
                for width in sorted({len(row.vector) for row in page}):
                    rows = [row for row in page if len(row.vector) == width]
                    self._add([row.seq for row in rows], [row.community for row in rows], [row.vector for row in rows])
                self._last = page[-1].seq
            return list(self._pages)

    def _add(self, seqs: Sequence[int], communities: Sequence[str], vectors: Sequence[bytes]) -> None:
        homes = [self._homes.setdefault(community, len(self._homes)) for community in communities]
        rows = np.frombuffer(b"".join(vectors), np.int8).reshape(len(vectors), -1)
        self._pages.append(_Signs(np.array(seqs, np.int64), np.array(homes, np.int32), _signs(rows)))
        # As in a binary counter, so that there are never many.
        while len(self._pages) > 1 and _joins(*self._pages[-2:]):
            second, first = self._pages.pop(), self._pages.pop()
            self._pages.append(_joined(first, second))


def _joins(first: _Signs, second: _Signs) -> bool:
    return len(first.bits) == len(second.bits) and len(first.seqs) <= 2 * len(second.seqs)


def _joined(first: _Signs, second: _Signs) -> _Signs:
    return _Signs(
        np.concatenate([first.seqs, second.seqs]),
        np.concatenate([first.homes, second.homes]),
        np.concatenate([first.bits, second.bits], axis=1),
    )


def _signs(vectors: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """A column for each vector, a row for each 64 numbers; what is missing of the last row is 0 in all."""
    packed = np.packbits(vectors > 0, axis=1)
    filled = np.pad(packed, ((0, 0), (0, -packed.shape[1] % WORD)))
    return np.ascontiguousarray(filled.view(np.uint64).T)


def _closer(
    connection: Connection, seqs: Sequence[int], asked: npt.NDArray[np.int8], limit: int
) -> list[tuple[int, float]]:
    rows = connection.execute(_THESE, {"seqs": seqs}).all()
    if not rows:
        return []
    there = np.frombuffer(b"".join(row.vector for row in rows), np.int8).reshape(len(rows), -1).astype(np.float32)
    vector = asked.astype(np.float32)
    cosines = there @ vector / np.maximum(np.linalg.norm(there, axis=1) * np.linalg.norm(vector), 1)
    best = np.argsort(-cosines, kind="stable")[:limit]
    return [(rows[place].passage, float(cosines[place])) for place in best]
