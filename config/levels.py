"""Settings with levels: built in, configured, and set by moderators for a platform, a community or a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from bot.core.address import Address
from bot.core.errors import ConfigError
from config.fault import Fault, ended, examine
from config.overlay import merged, nested
from config.shape import follow, names, stranger

S = TypeVar("S", bound=BaseModel)
T = TypeVar("T")
Tree = Mapping[str, object]
BUILT_IN, CONFIGURED = "built-in", "configuration"
WORDS = ("everywhere", "platform", "community", "channel")
# Places whose result is remembered under their address: forgotten all at once, and cheap to find again.
REMEMBERED = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One setting as moderators see it: its dotted key, its JSON value (secrets masked) and its level in words."""

    key: str
    value: object
    level: str


def given(settings: BaseModel) -> dict[str, object]:
    """What was configured, without what is built in: the base for `Levels`."""
    return settings.model_dump(exclude_unset=True, by_alias=True)


class Levels(Generic[S, T]):
    """One section's settings for every place, made into what its code works with.

    `base` is what `given` returns. `build` may refuse settings with `ValueError` or `ConfigError`.
    """

    def __init__(self, section: str, model: type[S], base: Tree, build: Callable[[S], T]) -> None:
        self._section = section
        self._model = model
        self._build = build
        self._base = base
        self._own: dict[str, dict[str, object]] = {}
        self._built: dict[str, T] = {}
        self._seen: dict[Address, T] = {}
        self._built[""] = self._made("", self._tree(base, self._own, ""))

    def at(self, where: Address) -> T:
        """What holds there; raises `ConfigError` while stored values do not fit together.

        A dictionary look-up, until something changes.
        """
        try:
            return self._seen[where]
        except KeyError:
            return self._found(where)

    def put(self, scope: str, key: str, value: object) -> None:
        """Set a dotted key on a level, or take it back with None. Ask `problem` first: nothing is checked here."""
        own = {**self._own.get(scope, {}), key: value}
        if value is None:
            del own[key]
        self._own[scope] = own
        if not own:
            del self._own[scope]
        self._seen.clear()
        self._built = {built: made for built, made in self._built.items() if not _is_under(built, scope)}

    def stored(self) -> Iterator[tuple[str, str, object]]:
        """What was set besides the configuration: the level, the dotted key and its value."""
        for scope, own in self._own.items():
            yield from ((scope, key, value) for key, value in own.items())

    def problem(self, scope: str, key: str, value: object) -> str:
        """'' when this would leave valid settings there and everywhere below, else one sentence."""
        if not _is_level(scope):
            return f"{self._section}.{key} cannot be set on {scope}: name a platform, a community or a channel."
        path = tuple(key.split("."))
        if value is not None and not follow((self._model,), path):
            known = names(follow((self._model,), path[:-1]))
            return f"{self._section}.{key}{stranger((self._section, *path), known)}"
        own = {**self._own, scope: {**self._own.get(scope, {}), key: value}}
        return next(self._worse(self._base, own, scope), "")

    def set_to(self, key: str, value: object, below: str) -> list[str]:
        """The scopes below one that set a dotted key to exactly this value."""
        inside = [scope for scope in self._own if scope != below and _is_under(scope, below)]
        return [scope for scope in inside if self._own[scope].get(key) == value]

    def faults(self) -> list[str]:
        """Everything wrong with stored values, a sentence each: an upgrade may have changed what is allowed."""
        return [sentence for scope in self._own for sentence in self._faults(self._base, self._own, scope)]

    def rebase(self, base: Tree) -> None:
        """Take over a reloaded configuration; raises `ConfigError` and keeps the old one when that would break any."""
        worse = list(self._worse(base, self._own, ""))
        if worse:
            raise ConfigError(*worse)
        self._base = base
        self._built.clear()
        self._seen.clear()

    def shown(self, where: Address) -> list[Shown]:
        """Every setting that holds there with the level it comes from."""
        tree = self._tree(self._base, self._own, str(where.parent))
        settings, faults = examine(self._model, tree)
        if settings is None:
            raise ConfigError(*(self._sentence(str(where.parent), fault) for fault in faults))
        dumped = settings.model_dump(mode="json", by_alias=True, fallback=str)
        levels = [(CONFIGURED, set(_keys(self._base)))]
        for word, scope in zip(WORDS, where.levels(), strict=True):
            levels.append((word, set(_keys(_grown(self._own.get(scope, {}))))))
        return [Shown(key=key, value=value, level=_level(key, levels)) for key, value in _flat(dumped)]

    def _found(self, where: Address) -> T:
        scope = next((level for level in reversed(where.levels()) if level in self._own), "")
        if scope not in self._built:
            self._built[scope] = self._made(scope, self._tree(self._base, self._own, scope))
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[where] = self._built[scope]
        return self._built[scope]

    def _tree(self, base: Tree, own: Mapping[str, Tree], scope: str) -> Tree:
        tree = base
        for level in dict.fromkeys(_levels(scope)):
            tree = merged(tree, _grown(own[level])) if level in own else tree
        return tree

    def _made(self, scope: str, tree: Tree) -> T:
        settings, faults = examine(self._model, tree)
        if settings is None:
            raise ConfigError(*(self._sentence(scope, fault) for fault in faults))
        try:
            return self._build(settings)
        except ValueError as error:
            raise ConfigError(self._sentence(scope, Fault((), f": {ended(str(error))}"))) from None

    def _faults(self, base: Tree, own: Mapping[str, Tree], scope: str) -> tuple[str, ...]:
        try:
            self._made(scope, self._tree(base, own, scope))
        except ConfigError as error:
            return error.problems
        return ()

    def _worse(self, base: Tree, own: Mapping[str, Tree], scope: str) -> Iterator[str]:
        """What would be wrong at or below a scope that is not wrong already."""
        for level in dict.fromkeys([scope, *(level for level in own if _is_under(level, scope))]):
            before = self._faults(self._base, self._own, level)
            yield from (sentence for sentence in self._faults(base, own, level) if sentence not in before)

    def _sentence(self, scope: str, fault: Fault) -> str:
        place = f" (in {scope})" if scope else ""
        text = f"{fault.text}: set it first." if fault.text == " is missing" else fault.text
        return f"{'.'.join((self._section, *fault.path))}{place}{text}"


def _is_level(scope: str) -> bool:
    try:
        return scope == "" or scope in Address.parse(scope).levels()
    except ValueError:
        return False


def _levels(scope: str) -> tuple[str, ...]:
    return Address.parse(scope).levels() if scope else ("",)


def _is_under(scope: str, wide: str) -> bool:
    return not wide or scope == wide or scope.startswith(wide + "/")


def _grown(own: Tree) -> Tree:
    """The tree of dotted keys, without those that were taken back; a longer key goes over a shorter one."""
    tree: Tree = {}
    for key in sorted(own, key=lambda key: key.count(".")):
        tree = tree if own[key] is None else merged(tree, nested(tuple(key.split(".")), own[key]))
    return tree


def _flat(tree: Tree, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _keys(tree: Tree) -> Iterator[str]:
    return (key for key, _ in _flat(tree))


def _level(key: str, levels: list[tuple[str, set[str]]]) -> str:
    """The narrowest level that sets the key."""
    return next((word for word, keys in reversed(levels) if key in keys), BUILT_IN)
