"""Turn texts into bucket numbers of hashed character and word n-grams, a whole batch at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Buckets = npt.NDArray[np.int32]

CHAR_LENGTHS: Final = (3, 4, 5)
BUCKET_BITS: Final = 18

_SPACE: Final = ord(" ")
_BASE: Final = 0x9E3779B97F4A7C15
_BASE_INVERSE: Final = pow(_BASE, -1, 2**64)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_SHIFT: Final = np.uint64(32)
_WORD_SALT: Final = 101
_PAIR_SALT: Final = 102
_NO_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The n-grams of one kind in a batch: that of `buckets[i]` begins at byte `starts[i]`; ascending."""

    starts: Ints
    buckets: Buckets


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts end to end as UTF-8, each between two spaces: text i is `data[offsets[i]:offsets[i + 1]]`."""

    data: npt.NDArray[np.uint8]
    offsets: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Batch":
        """Join normalised texts; every digit is read as 0, so that amounts and numbers share their n-grams."""
        pieces = [f" {text} ".encode(errors="replace").translate(_NO_DIGITS) for text in texts]
        offsets = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
        return cls(np.frombuffer(b"".join(pieces), np.uint8), offsets)


def ngrams(batch: Batch) -> Iterator[Ngrams]:
    """Yield each kind in turn: `CHAR_LENGTHS` bytes (spaces count), words, pairs of neighbouring words of one text.

    Polynomial hashes over prefix sums modulo 2**64 (Karp and Rabin 1987): a window costs one subtraction and one
    product with the inverse power, whatever its length.
    """
    hashes = _Hashes(batch.data)
    ends = np.repeat(batch.offsets[1:], np.diff(batch.offsets))
    for length in CHAR_LENGTHS:
        starts = np.flatnonzero(np.arange(length, len(ends) + length) <= ends)
        yield Ngrams(starts, hashes.buckets(starts, starts + length, salt=length))
    first, last = _words(batch.data)
    yield Ngrams(first, hashes.buckets(first, last, salt=_WORD_SALT))
    paired = np.flatnonzero(last[1:] < ends[first[:-1]]) if len(first) else first
    yield Ngrams(first[paired], hashes.buckets(first[paired], last[paired + 1], salt=_PAIR_SALT))


class _Hashes:
    """Prefix sums of byte * base**position, from which the hash of any window follows."""

    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self._inverse = _powers(_BASE_INVERSE, len(data))
        self._prefix = np.zeros(len(data) + 1, np.uint64)
        # One is added so that a NUL would count as a character.
        np.cumsum((data.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(data)), out=self._prefix[1:])

    def buckets(self, starts: Ints, stops: Ints, *, salt: int) -> Buckets:
        hashed = (self._prefix[stops] - self._prefix[starts]) * self._inverse[starts]
        hashed += np.uint64(salt)
        hashed ^= hashed >> _SHIFT
        hashed *= _MIX
        return (hashed >> np.uint64(64 - BUCKET_BITS)).astype(np.int32)


def _powers(base: int, count: int) -> U64:
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return np.cumprod(factors)


def _words(data: npt.NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Where each word starts and stops; every text begins and ends with a space, so that none spans two texts."""
    inside = (data != _SPACE).view(np.int8)
    edges = np.diff(inside)
    return np.flatnonzero(edges == 1) + 1, np.flatnonzero(edges == -1) + 1
