"""Write the example settings file from the models, so that it can never disagree with them."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.shape import Kinds, Sections, adapter, fields, follow, is_secret, models, typed, variable
from config.value import in_words

Above: TypeAlias = tuple[type[BaseModel], ...]

WIDTH = 100
TOP = """\
## Every setting of Parley with its default.
## Lines that begin with one # are settings: take the # away to change one. Lines with ## explain.
## PARLEY_SECTION__KEY in the environment goes over this file, for example PARLEY_STORE__URL; so do the
## variables named below. Each has a twin that ends in _FILE and names a file to read the value from.
"""


def example(sections: Sections, examples: Mapping[str, str] = MappingProxyType({})) -> str:
    """A TOML text that sets nothing; with one # less on each line it sets exactly the defaults.

    `examples` are TOML to imitate, by section; each stands in ## lines at the end of its section.
    """
    blocks = ("\n".join([*_table(name, model), *_imitable(examples.get(name, ""))]) for name, model in sections.items())
    return "\n".join([TOP, *(block + "\n" for block in blocks)])


def _imitable(toml: str) -> Iterator[str]:
    if toml:
        yield from ("", "## For example, without the ## in front:")
        yield from (f"## {line}".rstrip() for line in toml.strip().split("\n"))


def _table(name: str, model: type[BaseModel], above: Above = ()) -> Iterator[str]:
    """A table's explanation, header, plain settings and, below them, its tables."""
    if model.__doc__:
        yield from _explained(inspect.cleandoc(model.__doc__))
    yield f"[{name}]"
    tables: list[tuple[str, FieldInfo]] = []
    for key, field in fields(model).items():
        if _is_table(field):
            tables.append((key, field))
        if not _is_table(field) or _holds_entries(field):
            yield from _setting(key, field)
    for key, field in tables:
        yield ""
        yield from _inner(f"{name}.{key}", field, (*above, model))


def _is_table(field: FieldInfo) -> bool:
    return bool(models((typed(field),)) or models(follow((typed(field),), ["name"])))


def _holds_entries(field: FieldInfo) -> bool:
    """Whether entries are built in: they stand on one line above all tables, where TOML still allows it."""
    default = field.get_default(call_default_factory=True, validated_data={})
    return isinstance(default, Mapping | list) and bool(default)


def _inner(name: str, field: FieldInfo, above: Above) -> Iterator[str]:
    """A table that is always there, or in ## lines what one that may be added looks like."""
    if field.description and not _holds_entries(field):
        yield from _explained(field.description)
    inner = next(iter(models((typed(field),))), None)
    if inner is not None and _is_built_in(inner, field):
        yield from _table(name, inner, above)
        return
    entries: Kinds = (typed(field),) if inner else follow((typed(field),), ["name"])
    named = name if inner else f"{name}.name"
    for model in models(entries):
        if model not in above:
            yield from (_as_text(line) for line in _table(named, model, above))


def _is_built_in(model: type[BaseModel], field: FieldInfo) -> bool:
    """Whether the table is always there, with the model's own defaults."""
    default = field.get_default(call_default_factory=True, validated_data={})
    if not isinstance(default, model) or any(inner.is_required() for inner in fields(model).values()):
        return False
    return default == model.model_validate({})


def _as_text(line: str) -> str:
    return line if line.startswith("##") or not line else f"## {line.removeprefix('# ')}"


def _setting(key: str, field: FieldInfo) -> Iterator[str]:
    if field.description:
        yield from _explained(field.description)
    if variable(field):
        yield f"## Environment: {variable(field)}"
    yield from _value(key, field)


def _value(key: str, field: FieldInfo) -> Iterator[str]:
    if field.is_required():
        yield f"## {key} = (must be set)"
        return
    default = field.get_default(call_default_factory=True, validated_data={})
    plain = adapter((typed(field),)).dump_python(default, mode="json", fallback=str)
    if default is None:
        yield f"## {key} = (unset)"
    elif plain and is_secret((typed(field),)):
        yield f"## {key} = (secret)"
    elif isinstance(default, timedelta):
        yield f'# {key} = "{in_words(default)}"'
    else:
        yield f"# {key} = {_toml(plain)}"


def _toml(value: object) -> str:
    """A JSON value on one line of TOML; keys without a value do not exist there."""
    if isinstance(value, Mapping):
        pairs = (f"{_quoted(str(key))} = {_toml(inner)}" for key, inner in value.items() if inner is not None)
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    # TOML wants DEL escaped, JSON does not.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _explained(text: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        yield from (f"## {line}".rstrip() for line in textwrap.wrap(paragraph, WIDTH) or [""])
