"""Train the linear model: `python -m pipelines.moderation.train DATA.csv.gz [--out FILE] [--hold-out SOURCE ...]`."""

import argparse
import csv
import gzip
import html
import random
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.moderation.disguise import disguise
from pipelines.moderation.learn import (
    Recipe,
    Rows,
    area_under_curve,
    best_f1,
    calibrate,
    fit,
    recall_at,
)
from pipelines.moderation.linear import DEFAULT_PATH
from pipelines.moderation.neural.evade import TRICKS
from pipelines.moderation.ngrams import BUCKET_BITS
from pipelines.moderation.normalise import has_letters, normalise
from pipelines.moderation.templates import HARMLESS, THREATS, sentences
from pipelines.moderation.weights import LABEL_SHIFT, Weights

Floats = npt.NDArray[np.float64]

# Weights made from share-alike text might have to be shared alike; the product is MIT.
# topical_chat may stay: CDLA-Sharing 1.0, section 3.5, leaves what is computed from its data free.
SHARE_ALIKE: Final = frozenset({"stormfront", "wiki_cat_gn", "wiki_uib"})
# The label as the model calls it, and the column it comes from. `obscene` has 69 positives: too few.
LABELS: Final = {
    "identity_attack": "identity_hate",
    "insult": "insult",
    "threat": "threat",
    "sexual": "sexual",
    "spam": "spam",
}
OWN: Final = "templates"
TOXIC_RECIPE: Final = Recipe()
LABEL_RECIPE: Final = Recipe(shift=LABEL_SHIFT)

_COPIES: Final = 0.5
_MISSPELT: Final = 0.5
_MOST_PER_FRAME: Final = 200
_WEAK: Final = 0.5
_MAX_CHARS: Final = 1_000
_SEED: Final = 7
# Who retweets or is addressed is no part of what is said.
_HANDLE: Final = re.compile(r"(?:\bRT )?@\w+:?")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text, normalised; `labels` holds what the source knows, 0 or 1."""

    source: str
    text: str
    weak: bool
    labels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """How one output does on validation rows."""

    name: str
    rows: int
    positives: int
    area: float
    f1: float
    recall: float

    def __str__(self) -> str:
        """One row of a Markdown table."""
        share = f"{self.rows:,} | {self.positives:,}"
        return f"| {self.name} | {share} | {self.area:.3f} | {self.f1:.2f} | {self.recall:.2f} |"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The examples to learn from and those to measure and calibrate with."""

    train: Sequence[Example]
    valid: Sequence[Example]

    @classmethod
    def read(cls, path: Path, hold_out: Collection[str] = ()) -> "Corpus":
        """Every usable row by its split; with `hold_out`, train without these sources and measure on them alone."""
        train: list[Example] = []
        valid: list[Example] = []
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                example = _example(row)
                if example is None:
                    continue
                held_out = example.source in hold_out
                if held_out or (row["split"] == "valid" and not hold_out):
                    valid.append(example)
                elif row["split"] == "train":
                    train.append(example)
        return cls(train, valid)


def train(corpus: Corpus) -> tuple[Weights, list[Figures]]:
    """Learn every output and measure it on the validation rows; the same corpus gives the same weights.

    A label without both positives and negatives in both splits is left out; without them for `toxic`, ValueError.
    """
    examples = [*corpus.train, *_made_up()]
    learning = [*examples, *_disguised(examples)]
    rows, checks = Rows.of([item.text for item in learning]), Rows.of([item.text for item in corpus.valid])
    parts = {
        name: (_Part.of(name, learning, rows), _Part.of(name, corpus.valid, checks))
        for name in ("toxic", *LABELS)
        if _is_learnable(name, corpus.train) and _is_learnable(name, corpus.valid)
    }
    if "toxic" not in parts:
        msg = "the data need toxic and harmless rows in both splits"
        raise ValueError(msg)
    outputs = [_train_one(name, learn, check) for name, (learn, check) in parts.items()]
    return _assemble(tuple(parts)[1:], outputs), [output.figures for output in outputs]


@dataclass(frozen=True, slots=True, eq=False)
class _Output:
    steps: npt.NDArray[np.int8]
    worth: float
    bias: float
    figures: Figures


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The examples that say something about one output."""

    rows: Rows
    truth: Floats
    importance: Floats

    @classmethod
    def of(cls, name: str, examples: Sequence[Example], rows: Rows) -> "_Part":
        known = np.array([i for i, example in enumerate(examples) if name in example.labels], np.int64)
        truth = np.array([examples[i].labels[name] for i in known])
        importance = np.array([_WEAK if examples[i].weak else 1.0 for i in known])
        return cls(rows.choose(known), truth, importance)


def _is_learnable(name: str, examples: Sequence[Example]) -> bool:
    return {example.labels[name] for example in examples if name in example.labels} == {0.0, 1.0}


def _assemble(names: tuple[str, ...], outputs: Sequence[_Output]) -> Weights:
    toxic, *labels = outputs
    steps = np.empty((1 << (BUCKET_BITS - LABEL_SHIFT), len(labels)), np.int8)
    for column, label in enumerate(labels):
        steps[:, column] = label.steps
    worth = np.array([output.worth for output in outputs])
    return Weights(names, toxic.steps, steps, worth, np.array([output.bias for output in outputs]))


def _train_one(name: str, learn: _Part, check: _Part) -> _Output:
    recipe = TOXIC_RECIPE if name == "toxic" else LABEL_RECIPE
    exact = fit(learn.rows, learn.truth, learn.importance, recipe)[:-1]
    step = float(np.abs(exact).max()) / 127
    steps = np.rint(exact / step).astype(np.int8)
    sums = check.rows.coarse(recipe.shift).sums(steps.astype(np.float64))
    worth, bias = calibrate(sums, check.truth)
    return _Output(steps, worth, bias, _figures(name, sums, check.truth))


def _figures(name: str, sums: Floats, truth: Floats) -> Figures:
    recall = recall_at(sums, truth, false_alarms=0.01)
    return Figures(name, len(truth), int(truth.sum()), area_under_curve(sums, truth), best_f1(sums, truth), recall)


def _example(row: Mapping[str, str]) -> Example | None:
    if row["source"] in SHARE_ALIKE:
        return None
    text = normalise(_HANDLE.sub(" ", html.unescape(row["text"][:_MAX_CHARS])))
    labels = labels_of(row)
    if not labels or not has_letters(text):
        return None
    return Example(row["source"], text, row["weak"] == "1", labels)


def labels_of(row: Mapping[str, str]) -> dict[str, float]:
    """Give what a row of the data says, by the names of the outputs."""
    known = {name: row[column] for name, column in {"toxic": "toxic", **LABELS}.items()}
    labels = {name: float(value) for name, value in known.items() if value}
    # What is not toxic insults, threatens and attacks nobody; spam may be perfectly polite.
    if labels.get("toxic") == 0:
        labels = {name: 0.0 for name in LABELS if name != "spam"} | labels
    return labels


def _made_up() -> Iterator[Example]:
    harmless = dict.fromkeys(("toxic", *LABELS), 0.0)
    for text in sentences(HARMLESS, most=_MOST_PER_FRAME, seed=_SEED):
        yield Example(OWN, text, weak=False, labels=harmless)
    for text in sentences(THREATS, most=_MOST_PER_FRAME, seed=_SEED):
        yield Example(OWN, text, weak=False, labels={"toxic": 1.0, "threat": 1.0, "spam": 0.0})


def _disguised(examples: Sequence[Example]) -> Iterator[Example]:
    source = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
    for example in examples:
        if source.random() < _COPIES:
            yield Example(example.source, _disguise(example.text, source), example.weak, example.labels)


def _disguise(text: str, source: random.Random) -> str:
    """Misspelt in a way that no normaliser undoes, or disguised in one of the ways it tries to."""
    if source.random() < _MISSPELT:
        return disguise(text, source)
    tricked = normalise(source.choice(list(TRICKS.values()))(text, source))
    return tricked if has_letters(tricked) else text


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, print the figures; write the weights unless sources were held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT_PATH)
    parser.add_argument("--hold-out", nargs="+", default=[], metavar="SOURCE", help="measure on these, write nothing")
    options = parser.parse_args(arguments)
    weights, figures = train(Corpus.read(options.data, options.hold_out))
    lines = ["| output | rows | positives | AUC | best F1 | recall at 1 % false alarms |", f"|{' --- |' * 6}"]
    lines += map(str, figures)
    if not options.hold_out:
        weights.save(options.out)
        lines.append(f"wrote {options.out}, {options.out.stat().st_size:,} bytes")
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
