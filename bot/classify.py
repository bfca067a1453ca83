"""`parley classify`: JSON lines in, scores out, a line for a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

import orjson

from bot.core.ports import Scores
from bot.core.surface import clip, legible


def classify(chunks: Iterable[bytes], out: TextIO) -> bool:
    """Whether every line could be read; one that could not is answered with what is wrong with it.

    The lines of a chunk are scored together and answered before the next chunk is asked for.
    """
    from pipelines.moderation.linear import LinearModel  # loads numpy and the weights

    model = LinearModel.load()
    well, number = True, 1
    for lines in _lines(chunks):
        texts = [_text(n, line) for n, line in enumerate(lines, number)]
        scores = iter(model.score([text for text in texts if isinstance(text, str)]))
        out.writelines(_answer(next(scores)) if isinstance(text, str) else _line(text) for text in texts)
        out.flush()
        well = well and all(isinstance(text, str) for text in texts)
        number += len(lines)
    return well


def _lines(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The whole lines of each chunk; what is left at the end is the last one."""
    begun = bytearray()
    for chunk in chunks:
        begun += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(begun).split(b"\n")
            begun = bytearray(rest)
            yield lines
    if begun:
        yield [bytes(begun)]


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
    return _line({"toxic": round(scores.toxic, 4), "labels": labels})


def _line(value: object) -> str:
    return orjson.dumps(value).decode() + "\n"
