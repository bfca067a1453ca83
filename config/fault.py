"""What is wrong with settings, in words for people who never heard of the validator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.shape import Kinds, Path, follow, is_secret, names, nearest, stranger

LONGEST = 40
SHORTEST_SECRET = 4
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at a path below a section; `text` goes right behind the key and ends the sentence."""

    path: Path
    text: str


@runtime_checkable
class Doubtful(Protocol):
    """Settings that can tell what is half-made about them: a key and a sentence each."""

    def problems(self) -> list[tuple[str, str]]:
        """Empty when all is well."""
        ...


NUMBER, WHOLE, LIST = "a number", "a whole number", 'a list such as ["a", "b"]'
TABLE, SPAN = "a table of keys and values", 'a duration such as "10m" or "2h 30m"'
DATE, LINK = "a date such as 2030-12-31", "an address such as https://example.org"
WANTED = {
    "string": "text in quotes",
    "int": WHOLE,
    "float": NUMBER,
    "decimal": NUMBER,
    "finite_number": "a finite number",
    "bool": "true or false",
    "list": LIST,
    "tuple": LIST,
    "set": LIST,
    "frozen_set": LIST,
    "iterable": LIST,
    "dict": TABLE,
    "mapping": TABLE,
    "model": TABLE,
    "dataclass": TABLE,
    "time_delta": SPAN,
    "datetime": "a date and time such as 2030-12-31T18:00:00Z",
    "date": DATE,
    "time": "a time such as 18:00",
    "timezone": "a date and time with its time zone",
    "url": LINK,
    "path": "a file or folder that exists",
    "path_type": "text in quotes",
    "uuid": "a UUID",
    "none_required": "left out",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "at least {min_length} characters long",
    "string_too_long": "at most {max_length} characters long",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_unicode": "text without broken characters",
    "too_short": "at least {min_length} entries long",
    "too_long": "at most {max_length} entries long",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "union_tag_invalid": "a table whose {discriminator} is one of {expected_tags}",
    "union_tag_not_found": "a table that says its {discriminator}",
    "url_scheme": "an address that begins with {expected_schemes}",
}


def examine(model: type[S], data: Mapping[str, object]) -> tuple[S | None, list[Fault]]:
    """The settings, or everything that is wrong with them."""
    try:
        settings = model.model_validate(data)
    except ValidationError as error:
        return None, faults(error, data, (model,))
    # As an object: the type checker takes it for granted that no settings have that method.
    judged: object = settings
    half_made = judged.problems() if isinstance(judged, Doubtful) else []
    found = [Fault(tuple(key.split(".")) if key else (), f": {ended(text)}") for key, text in half_made]
    return (None if found else settings), found


def faults(error: ValidationError, data: object, kinds: Kinds) -> list[Fault]:
    """One fault for each key, its alternatives joined by "or"; values of secrets are left out."""
    grouped: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(_trace(detail, data), []).append(detail)
    return [_fault(path, details, kinds) for path, details in grouped.items()]


def masked(sentence: str, secrets: Iterable[str]) -> str:
    """The sentence without any secret that a validator may have quoted."""
    for secret in secrets:
        sentence = sentence.replace(secret, "***") if len(secret) >= SHORTEST_SECRET else sentence
    return sentence


def _fault(path: Path, details: Sequence[ErrorDetails], kinds: Kinds) -> Fault:
    types = {detail["type"] for detail in details}
    own = [ended(str(detail["msg"]).partition(", ")[2]) for detail in details if _is_own(detail)]
    if own:
        return Fault(path, f": {own[0]}")
    if types == {"missing"}:
        return Fault(path, " is missing")
    if types == {"extra_forbidden"}:
        return Fault(path, stranger(path, names(follow(kinds, path[:-1]))))
    wanted = " or ".join(dict.fromkeys(_wanted(detail) for detail in details))
    given = "" if is_secret(follow(kinds, path)) else _given(details[0]["input"])
    return Fault(path, f" must be {wanted}{given}{_hint(details)}")


def _is_own(detail: ErrorDetails) -> bool:
    return detail["type"] in {"value_error", "assertion_error"}


def _trace(detail: ErrorDetails, data: object) -> Path:
    """The keys on the way to an error, without the validator's own names for members of a union."""
    path: list[str] = []
    for part in detail["loc"]:
        found = _entry(data, part)
        if found:
            (data,) = found
        elif detail["type"] != "missing" or part is not detail["loc"][-1]:
            continue
        path.append(str(part))
    return tuple(path)


def _entry(data: object, part: str | int) -> list[object]:
    """What lies there, in a list that is empty when nothing does."""
    if isinstance(data, list | tuple):
        return [data[part]] if isinstance(part, int) and part < len(data) else []
    return [data[part]] if isinstance(data, Mapping) and part in data else []


def _wanted(detail: ErrorDetails) -> str:
    kind = detail["type"]
    stem = re.sub(r"_(type|parsing|from_float|parsing_size|sub_type|attributes_type|not_\w+|exists)$", "", kind)
    template = WANTED.get(kind) or WANTED.get(stem) or WANTED.get(stem.partition("_")[0])
    if template is None:
        return re.sub(r"^.*?should (be|have) ", "", str(detail["msg"])).rstrip(".")
    return template.format(**_facts(detail))


def _facts(detail: ErrorDetails) -> dict[str, object]:
    facts = detail.get("ctx", {}).items()
    return {name: f"{fact:g}" if isinstance(fact, float) else str(fact).replace("'", "") for name, fact in facts}


def _given(value: object) -> str:
    if not isinstance(value, str | int | float) or value == "":
        return ", not empty" if value == "" else ""
    shown = json.dumps(value, ensure_ascii=False)
    return f", not {shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + '…'}"


def _hint(details: Sequence[ErrorDetails]) -> str:
    """A full stop, or the choice that was probably meant."""
    expected = str(details[0].get("ctx", {}).get("expected", ""))
    value = details[0]["input"]
    near = nearest(value, re.findall(r"'([^']*)'", expected)) if isinstance(value, str) else ""
    return f": did you mean {near}?" if near else "."


def ended(sentence: str) -> str:
    """The sentence with a full stop, unless it ends already."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
