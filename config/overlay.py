"""Lay the environment over the file: one tree, and for each value where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File

from config.load import PREFIX, Source
from config.shape import Kinds, Path, Sections, is_known, is_secret, kinds_at, names_at, stranger, variables
from config.value import fit

FILE = "_FILE"


@dataclass(slots=True)
class Layers:
    """The tree as it grows, the variable that set each path, what is wrong so far, and the secrets seen."""

    source: Source
    sections: Sections
    tree: dict[str, object]
    set_by: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def place(self, path: Path) -> str:
        """The variable that set a key or a table around it, else its line in the file, else a variable below it."""
        around = [self.set_by[path[:cut]] for cut in range(len(path), 0, -1) if path[:cut] in self.set_by]
        below = [name for key, name in self.set_by.items() if key[: len(path)] == path]
        return next(iter(around or ([] if path in self.source.lines else below)), self.source.place(path))


def overlay(source: Source, sections: Sections) -> Layers:
    """The file's tree, `PARLEY_SECTION__KEY` over it, and the well-known variables over both."""
    layers = Layers(source, sections, _copied(source.tree))
    for name in sorted(source.environ):
        if name.startswith(PREFIX):
            _ours(layers, name)
    for section, model in sections.items():
        for path, name in variables(model):
            _well_known(layers, (*section.split("."), *path), name)
    for path, value in leaves(layers.tree):
        if isinstance(value, str) and is_secret(kinds_at(sections, path)):
            layers.secrets.append(value)
    return layers


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value in a tree that is no table or list, with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, str(index)))
    else:
        yield path, value


def merged(wide: Mapping[str, object], narrow: Mapping[str, object]) -> dict[str, object]:
    """Tables are merged key by key, anything else is replaced by the narrower value."""
    result = dict(wide)
    for key, value in narrow.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def nested(path: Path, value: object) -> dict[str, object]:
    """A tree that holds one value."""
    for part in reversed(path[1:]):
        value = {part: value}
    return {path[0]: value}


def _copied(tree: Mapping[str, object]) -> dict[str, object]:
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _ours(layers: Layers, name: str) -> None:
    parts = name.removeprefix(PREFIX).split("__")
    if len(parts) == 1:
        _misspelt(layers, name)
        return
    path = _path(layers, parts)
    kinds = kinds_at(layers.sections, path)
    if kinds:
        _set(layers, path, name, layers.source.environ[name])
    elif name.endswith(FILE) and kinds_at(layers.sections, without := _path(layers, _cut(parts))):
        _well_known(layers, without, name.removesuffix(FILE))
    else:
        layers.problems.append(f"{name}: {_unknown(layers.sections, path)}")


def _unknown(sections: Sections, path: Path) -> str:
    """The outermost part of the path that nobody knows."""
    cut = next((cut for cut in range(1, len(path)) if not is_known(sections, path[:cut])), len(path))
    return ".".join(path[:cut]) + stranger(path[:cut], names_at(sections, path[: cut - 1]))


def _cut(parts: list[str]) -> list[str]:
    return [*parts[:-1], parts[-1].removesuffix(FILE)]


def _path(layers: Layers, parts: list[str]) -> Path:
    """The path a variable means: names are folded because variables have neither small letters nor dashes."""
    path: Path = ()
    here: object = layers.tree
    for part in parts:
        present = list(here) if isinstance(here, Mapping) else []
        by_fold = {_fold(known): known for known in (*present, *names_at(layers.sections, path))}
        path = (*path, by_fold.get(_fold(part), part.lower()))
        here = here.get(path[-1]) if isinstance(here, Mapping) else None
    return path


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")


def _misspelt(layers: Layers, name: str) -> None:
    """Speak up about `PARLEY_STORE_URL` only: clusters set variables such as `PARLEY_PORT` by themselves."""
    known = {_squashed(variable): variable for variable in _spelt(layers.sections)}
    near = known.get(_squashed(name)) or known.get(_squashed(name.removesuffix(FILE)))
    if near:
        layers.problems.append(f"{name} is not read: two underscores part a section from its key, so write {near}.")


def _squashed(name: str) -> str:
    return name.replace("_", "")


def _spelt(sections: Sections) -> Iterator[str]:
    for section in sections:
        for key in names_at(sections, tuple(section.split("."))):
            yield PREFIX + "__".join([*section.split("."), key]).upper().replace("-", "_")


def _well_known(layers: Layers, path: Path, name: str) -> None:
    """Set a key from a variable or from the file its `_FILE` twin names."""
    environ = layers.source.environ
    key = ".".join(path)
    if name in environ and name + FILE in environ:
        layers.problems.append(f"{name}: {key} is also given by {name}{FILE}: keep one of the two.")
    elif name in environ:
        _set(layers, path, name, environ[name])
    elif name + FILE in environ:
        text = _read(File(environ[name + FILE]))
        if text is None:
            layers.problems.append(f"{name}{FILE}: {key} cannot be read from {environ[name + FILE]}: name a text file.")
        else:
            _set(layers, path, name + FILE, text)


def _read(file: File) -> str | None:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError, ValueError):
        return None


def _set(layers: Layers, path: Path, name: str, text: str) -> None:
    kinds: Kinds = kinds_at(layers.sections, path)
    value, _ = fit(kinds, text)
    layers.tree = merged(layers.tree, nested(path, value))
    layers.set_by[path] = name
