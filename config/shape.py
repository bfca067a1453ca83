"""What settings models say about a key: the types it may hold, its neighbours, its variable, whether it is secret."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, Field, Secret, SecretBytes, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from bot.core.setting import FromEnv

Path: TypeAlias = tuple[str, ...]
Kinds: TypeAlias = tuple[object, ...]
Sections: TypeAlias = Mapping[str, type[BaseModel]]

MANY = 8
# High enough not to offer "greeting" for "thing", low enough to offer "url" for "ulr".
ALIKE = 0.65


def bare(kinds: Kinds) -> Iterator[object]:
    """The plain types behind annotations and unions."""
    for kind in kinds:
        origin = get_origin(kind)
        if origin is Annotated:
            yield from bare(get_args(kind)[:1])
        elif origin is Union or origin is UnionType:
            yield from bare(get_args(kind))
        else:
            yield kind


def models(kinds: Kinds) -> list[type[BaseModel]]:
    """The settings models among the types."""
    return [kind for kind in bare(kinds) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by the name people write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def typed(field: FieldInfo) -> object:
    """The field's type together with its constraints."""
    marks = [*field.metadata, *([Field(discriminator=field.discriminator)] if field.discriminator else [])]
    if not marks:
        return field.annotation
    # The members are known at run time only.
    whole: object = Annotated.__class_getitem__((field.annotation, *marks))  # type: ignore[attr-defined]
    return whole


def adapter(kinds: Kinds) -> TypeAdapter[object]:
    """Validates and dumps one value of any of the types; there must be at least one."""
    # The members are known at run time only.
    return TypeAdapter(Union[kinds])  # type: ignore[arg-type] # noqa: UP007


def inside(kinds: Kinds, part: str) -> Kinds:
    """The types `part` may hold in a table or list of these types; () when it is not known there."""
    return tuple(found for kind in bare(kinds) for found in _inside(kind, part))


def _inside(kind: object, part: str) -> list[object]:
    if kind is Any or kind is object:
        return [object]
    origin = get_origin(kind) or kind
    if not isinstance(origin, type) or issubclass(origin, str | bytes):
        return []
    if issubclass(origin, BaseModel):
        return _field(origin, part)
    held = [argument for argument in get_args(kind) if argument is not Ellipsis] or [object]
    if issubclass(origin, Mapping):
        return held[-1:]
    return held if issubclass(origin, Collection) and part.isdigit() else []


def _field(model: type[BaseModel], part: str) -> list[object]:
    field = fields(model).get(part)
    if field is not None:
        return [typed(field)]
    return [object] if model.model_config.get("extra") == "allow" else []


def follow(kinds: Kinds, path: Iterable[str]) -> Kinds:
    """The types of what lies at `path`; () when there is no such key."""
    for part in path:
        kinds = inside(kinds, part)
    return kinds


def kinds_at(sections: Sections, path: Path) -> Kinds:
    """The types of a key given by its full path; the longest section name that fits counts."""
    for cut in range(len(path), 0, -1):
        model = sections.get(".".join(path[:cut]))
        if model is not None:
            return follow((model,), path[cut:])
    return ()


def names(kinds: Kinds) -> list[str]:
    """Every key known in a table of these types."""
    return [name for model in models(kinds) for name in fields(model)]


def names_at(sections: Sections, path: Path) -> list[str]:
    """Every name that may follow a full path: sections below it and keys."""
    deep = len(path)
    split = [tuple(name.split(".")) for name in sections]
    below = [name[deep] for name in split if len(name) > deep and name[:deep] == path]
    return list(dict.fromkeys([*below, *names(kinds_at(sections, path))]))


def is_secret(kinds: Kinds) -> bool:
    """Whether any part of such a value must never be shown."""
    plain = list(bare(kinds))
    if any(isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes | Secret) for kind in plain):
        return True
    origins = (get_origin(kind) for kind in plain)
    if any(isinstance(origin, type) and issubclass(origin, Secret) for origin in origins):
        return True
    return any(is_secret(get_args(kind)) for kind in plain if get_args(kind))


def variable(field: FieldInfo) -> str:
    """The well-known environment variable a field may be read from, '' when it has none."""
    return next((mark.name for mark in field.metadata if isinstance(mark, FromEnv)), "")


def variables(model: type[BaseModel], above: tuple[type[BaseModel], ...] = ()) -> Iterator[tuple[Path, str]]:
    """Each well-known variable of a model with the path of its field; models that hold themselves end there."""
    for name, field in fields(model).items():
        if variable(field):
            yield (name,), variable(field)
        for inner in models((field.annotation,)):
            if inner not in (*above, model):
                yield from (((name, *path), found) for path, found in variables(inner, (*above, model)))


def is_section(sections: Sections, path: Path) -> bool:
    """Whether a section stands at this full path or below it."""
    key = ".".join(path)
    return any(section == key or section.startswith(key + ".") for section in sections)


def is_known(sections: Sections, path: Path) -> bool:
    """Whether anything may stand at this full path."""
    return is_section(sections, path) or bool(kinds_at(sections, path))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, '' when none comes close."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=ALIKE)
    return by_lower[found[0]] if found else ""


def stranger(path: Path, known: Iterable[str]) -> str:
    """What to say after the name of a key that nobody knows."""
    known = sorted(set(known))
    near = nearest(path[-1], known)
    if near:
        return f" is not a setting: did you mean {'.'.join((*path[:-1], near))}?"
    if not 0 < len(known) <= MANY:
        return " is not a setting: remove it."
    return f" is not a setting: remove it, or use one of {', '.join(known)}."
