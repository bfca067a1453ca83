"""`parley classify`: JSON lines in, scores out, a line for a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

import orjson

from bot.core.ports import Scores
from bot.core.surface import clip, legible

BATCH = 256


def classify(lines: Iterable[bytes], out: TextIO) -> bool:
    """Whether every line could be read; one that could not is answered with what is wrong with it."""
    from pipelines.moderation.linear import LinearModel  # loads numpy and the weights

    model = LinearModel.load()
    well = True
    for batch in _batches(enumerate(lines, 1)):
        texts = [_text(number, line) for number, line in batch]
        scores = iter(model.score([text for text in texts if isinstance(text, str)]))
        for text in texts:
            well = well and isinstance(text, str)
            out.write(_answer(next(scores)) if isinstance(text, str) else orjson.dumps(text).decode() + "\n")
        out.flush()
    return well


def _batches(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _text(number: int, line: bytes) -> str | dict[str, str]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"error": f"line {number} is no JSON: {error}"}
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str):
        return {"error": f'line {number} must be an object such as {{"text": "..."}}'}
    return legible(clip(text))


def _answer(scores: Scores) -> str:
    labels = {label: round(score, 4) for label, score in scores.labels.items()}
    return orjson.dumps({"toxic": round(scores.toxic, 4), "labels": labels}).decode() + "\n"
