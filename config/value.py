"""Turn typed text into what a setting wants."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta

from pydantic import BaseModel, TypeAdapter, ValidationError

from config.fault import Fault, faults
from config.shape import Kinds, adapter, bare, follow, names, stranger

UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
WORDS = r"(w(?:eeks?)?|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)"
DURATION = re.compile(rf"(?:\d{{1,9}}(?:\.\d{{1,6}})?\s*{WORDS}[\s,]*)+", re.IGNORECASE)
PIECE = re.compile(rf"(\d+(?:\.\d+)?)\s*{WORDS}", re.IGNORECASE)


def read_value(model: type[BaseModel], key: str, text: str) -> object:
    """What `text` means for the dotted `key`, as JSON data; raises `ValueError` with a sentence.

    Knows "0.8", "yes", "a, b, c", "2h 30m", "none" and JSON, each where the field's type wants it.
    """
    path = tuple(key.split("."))
    kinds = follow((model,), path)
    if not kinds:
        raise ValueError(key + stranger(path, names(follow((model,), path[:-1]))))
    value, problems = fit(kinds, text)
    if problems:
        raise ValueError(" ".join(f"{'.'.join((key, *fault.path))}{fault.text}" for fault in problems))
    return _plain(kinds, value, key)


def fit(kinds: Kinds, text: str) -> tuple[object, list[Fault]]:
    """The first reading of `text` that the types accept, else the closest one with what is wrong with it."""
    validator = adapter(kinds)
    closest: tuple[int, object, list[Fault]] = (-1, text, [])
    for value in _readings(kinds, text):
        try:
            validator.validate_python(value)
        except ValidationError as error:
            deep = max(len(detail["loc"]) for detail in error.errors(include_url=False))
            closest = max(closest, (deep, value, faults(error, value, kinds)), key=lambda found: found[0])
        else:
            return value, []
    return closest[1:]


def duration(text: str) -> float | None:
    """Seconds in "90s", "10 minutes" or "2h 30m"; None for anything else."""
    if not DURATION.fullmatch(text.strip()):
        return None
    return sum(float(number) * UNITS[unit[0].lower()] for number, unit in PIECE.findall(text))


def in_words(span: timedelta) -> str:
    """The shortest text that `duration` reads back to the same span; seconds for the rest."""
    seconds = span.total_seconds()
    for unit, size in UNITS.items():
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


def is_duration(kinds: Kinds) -> bool:
    """Whether the types want a span of time."""
    return timedelta in bare(kinds)


def _readings(kinds: Kinds, text: str) -> Iterator[object]:
    """Every way to understand the text, the plainest first: a token that looks like a number stays text."""
    yield text
    if is_duration(kinds):
        yield duration(text)
    for parse in (json.loads, _toml):
        try:
            yield parse(text)
        except (ValueError, RecursionError):
            continue
    if not text.lstrip().startswith(("[", "{")):
        yield [part.strip() for part in text.split(",") if part.strip()]
    if text.strip().lower() in {"none", "null", ""}:
        yield None


def _toml(text: str) -> object:
    return tomllib.loads(f"value = {text.strip()}")["value"]


def _plain(kinds: Kinds, value: object, key: str) -> object:
    """The value as JSON data; as it was read where dumping would lose it, as it does for secrets."""
    validator = adapter(kinds)
    checked = validator.validate_python(value)
    try:
        dumped: object = validator.dump_python(checked, mode="json", fallback=str)
        kept = dumped if _means(validator, dumped, checked) else value
        for data in (dumped, kept):
            json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{key} must be text without broken characters.") from None
    except ValueError:
        raise ValueError(f"{key} must be a finite number.") from None
    return kept


def _means(validator: TypeAdapter[object], dumped: object, checked: object) -> bool:
    try:
        return validator.validate_python(dumped) == checked
    except ValidationError:
        return False
