"""The rows that the transformer is trained on: a share of each source, read twice in forms of its own each time."""

import csv
import gzip
import html
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.moderation.neural.evade import TRICKS, decorate
from pipelines.moderation.neural.foreign import FOREIGN
from pipelines.moderation.normalise import has_letters, normalise
from pipelines.moderation.plain import plain
from pipelines.moderation.templates import HARMLESS, THREATS, sentences
from pipelines.moderation.train import LABELS, SHARE_ALIKE, labels_of

OUTPUTS: Final = ("toxic", *LABELS)
MAX_CHARS: Final = 600
SEED: Final = 11

# How many training rows of a source are taken: hard and large ones are thinned out, the rest is taken whole.
_MOST: Final = {"davidson": 15_000, "paradetox": 21_000, "edos_neg": 8_000, "ubuntu_irc": 7_000}
_OFTEN: Final = {"tg_spam": 8}
_MOST_PER_FRAME: Final = 180
_WEAK: Final = 0.5
# What the emoji says in there is lost once it is dropped.
_HALF_READ: Final = {"hatemojibuild": 0.5}
_PASSES: Final = 2
_DECORATED, _DISGUISED, _NORMALISED = 0.18, 0.22, 0.4
# What the normaliser cannot take back needs the most practice.
_HARD: Final = ("swapped", "spaced", "starred", "dotted")

# Who is addressed, and what a data set put in the place of names and links, is no part of what is said.
_HANDLE: Final = re.compile(r"(?:\bRT )?@\w+:?|\[(?:USER|URL)\]")
_ESCAPED: Final = re.compile(r"\\n|\\u[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text as it was written; `labels` holds what the source knows, 0 or 1."""

    source: str
    text: str
    weight: float
    labels: Mapping[str, float]


def read(path: Path, split: str) -> list[Row]:
    """Every usable row of a split, in the order of the file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [_row(row) for row in csv.DictReader(file) if row["split"] == split]
    return [row for row in rows if row is not None]


def learning(path: Path) -> Iterator[Row]:
    """Yield the rows to learn from, pass after pass, each shuffled anew and each row in one of its forms.

    The same file gives the same rows.
    """
    source = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    rows = [*_thinned(read(path, "train"), source), *_made_up()]
    for _ in range(_PASSES):
        source.shuffle(rows)
        for row in rows:
            text = _form(row.text, source)
            if has_letters(text):
                yield Row(row.source, text, row.weight, row.labels)


def _form(text: str, source: random.Random) -> str:
    chance = source.random()
    if chance < _DISGUISED:
        text = TRICKS[source.choice((*TRICKS, *_HARD))](text, source)
    elif chance < _DISGUISED + _DECORATED:
        text = decorate(text, source)
    # A disguise is mostly met in the form that takes it off.
    share = 1 - _NORMALISED / 2 if chance < _DISGUISED else _NORMALISED
    return normalise(text) if source.random() < share else plain(text)


def _thinned(rows: list[Row], source: random.Random) -> Iterator[Row]:
    source.shuffle(rows)
    taken: dict[str, int] = {}
    for row in rows:
        taken[row.source] = taken.get(row.source, 0) + 1
        if taken[row.source] <= _MOST.get(row.source, len(rows)):
            yield from [row] * _OFTEN.get(row.source, 1)


def _made_up() -> Iterator[Row]:
    harmless = dict.fromkeys(OUTPUTS, 0.0)
    for frames in (HARMLESS, FOREIGN):
        for text in sentences(frames, most=_MOST_PER_FRAME, seed=SEED):
            yield Row("templates", text, 1.0, harmless)
    for text in sentences(THREATS, most=_MOST_PER_FRAME, seed=SEED):
        yield Row("templates", text, 1.0, {"toxic": 1.0, "threat": 1.0, "spam": 0.0})


def _row(row: Mapping[str, str]) -> Row | None:
    if row["source"] in SHARE_ALIKE:
        return None
    text = " ".join(_ESCAPED.sub(" ", _HANDLE.sub(" ", html.unescape(row["text"][:MAX_CHARS]))).split())
    labels = labels_of(row)
    if not labels or not has_letters(text):
        return None
    weight = (_WEAK if row["weak"] == "1" else 1.0) * _HALF_READ.get(row["source"], 1.0)
    return Row(row["source"], text, weight, labels)
