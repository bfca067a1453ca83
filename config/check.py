"""Check all settings at once: every problem with its place and its fix, or one model for each section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from bot.core.errors import ConfigError
from config.fault import Fault, examine, masked
from config.load import PREFIX, Source
from config.overlay import Layers, overlay
from config.shape import (
    Kinds,
    Path,
    Sections,
    fields,
    follow,
    inside,
    is_known,
    is_section,
    kinds_at,
    models,
    names_at,
    stranger,
    variable,
)
from config.value import duration, is_duration


def check(source: Source, sections: Sections) -> dict[str, BaseModel]:
    """One model for each dotted section name; raises `ConfigError` with every problem of every section."""
    layers = overlay(source, sections)
    problems = [*layers.problems, *_strangers(layers, layers.tree)]
    checked: dict[str, BaseModel] = {}
    for section, model in sections.items():
        settings, faults = examine(model, _data(layers, section))
        problems += [_sentence(layers, section, fault) for fault in faults]
        if settings is not None:
            checked[section] = settings
    if problems:
        raise ConfigError(*(masked(problem, layers.secrets) for problem in dict.fromkeys(problems)))
    return checked


def _strangers(layers: Layers, value: object, path: Path = ()) -> Iterator[str]:
    """Every key of the file that no model knows, and every section that is no table."""
    if path and not isinstance(value, Mapping) and is_section(layers.sections, path):
        key = ".".join(path)
        yield f"{layers.place(path)}: {key} must be a table: write [{key}] and its keys on the lines below."
        return
    for part, inner in _parts(value):
        whole = (*path, part)
        if is_known(layers.sections, whole):
            yield from _strangers(layers, inner, whole)
        elif _is_closed(layers.sections, path):
            known = names_at(layers.sections, path)
            yield f"{layers.place(whole)}: {'.'.join(whole)}{stranger(whole, known)}"


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(index), entry) for index, entry in enumerate(value))


def _is_closed(sections: Sections, path: Path) -> bool:
    """Whether only known keys may stand here; what is no table at all is told by its model."""
    return not path or is_section(sections, path) or bool(models(kinds_at(sections, path)))


def _data(layers: Layers, section: str) -> dict[str, object]:
    """The section's own tree, without strangers and without sections that lie below it."""
    path = tuple(section.split("."))
    here: object = layers.tree
    for part in path:
        here = here.get(part) if isinstance(here, Mapping) else None
    if not isinstance(here, Mapping):
        return {}
    own = {key: value for key, value in here.items() if kinds_at(layers.sections, (*path, key))}
    below = {key for key in own if is_section(layers.sections, (*path, key))}
    model = layers.sections[section]
    return {key: _tidy(inside((model,), key), value) for key, value in own.items() if key not in below}


def _tidy(kinds: Kinds, value: object) -> object:
    """The value without strangers, and with durations such as "10m" in seconds."""
    if isinstance(value, str) and is_duration(kinds):
        seconds = duration(value)
        return value if seconds is None else seconds
    if isinstance(value, list):
        return [_tidy(inside(kinds, str(index)), entry) for index, entry in enumerate(value)]
    if isinstance(value, Mapping):
        known = {key: inside(kinds, key) for key in value}
        return {key: _tidy(known[key], inner) for key, inner in value.items() if known[key] or not models(kinds)}
    return value


def _sentence(layers: Layers, section: str, fault: Fault) -> str:
    path = (*section.split("."), *fault.path)
    key, place = ".".join(path), layers.place(path)
    if fault.text == " is missing":
        return f"{place}: {key} is missing: {_remedy(layers, section, fault.path)}."
    return f"{place}: {key}{fault.text}"


def _remedy(layers: Layers, section: str, path: Path) -> str:
    name = _variable(layers.sections[section], path)
    spelt = PREFIX + "__".join([*section.split("."), *path]).upper().replace("-", "_")
    table = ".".join([section, *path[:-1]])
    return f"set {name or spelt}, or write {path[-1]} = ... under [{table}] in {layers.source.file}"


def _variable(model: type[BaseModel], path: Path) -> str:
    found = [fields(inner).get(path[-1]) for inner in models(follow((model,), path[:-1]))]
    return next((variable(field) for field in found if field is not None), "")
