"""Commands, declared once as data, and how a typed line becomes one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.event import Role

# Numbers people type; anything longer would not fit a database.
MAX_DIGITS = 16


class Kind(StrEnum):
    """What an option takes: a word, the rest of the line, a whole number, its name as a switch, or `name=word`."""

    WORD = "word"
    REST = "rest"
    NUMBER = "number"
    SWITCH = "switch"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One argument of a command; `choices` empty means anything of its kind.

    `suggests` says that whoever answers the command can complete what was typed of it so far.
    """

    name: str
    summary: str
    kind: Kind = Kind.WORD
    choices: tuple[str, ...] = ()
    required: bool = False
    suggests: bool = False


class Target(StrEnum):
    """What a menu hangs on."""

    MESSAGE = "message"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A command in the menu of a message or a member, whose id becomes `option`.

    With `asks`, the label of a text that is asked for first, which becomes the option `answer`.
    """

    title: str
    target: Target
    option: str
    asks: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that an option could have, and how it reads in a list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """A command as every connector offers it: natively where the platform can, as a typed line elsewhere.

    `menu` also puts it where people point at a message or a member, on platforms that have such menus.
    """

    name: str
    summary: str
    options: tuple[Option, ...] = ()
    role: Role = Role.MEMBER
    menu: Menu | None = None

    @property
    def usage(self) -> str:
        """The command with its options, `[optional]` in brackets."""
        return " ".join([self.name, *(_usage(option) for option in self.options)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was typed, understood; `problem` is a sentence for whoever typed it."""

    name: str
    options: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def read(line: str, specs: Sequence[CommandSpec]) -> Command:
    """Understand a typed line without its prefix; an empty one asks for help."""
    name, *words = line.split() or ["help"]
    by_name = {spec.name: spec for spec in specs}
    spec = by_name.get(name.lower())
    if spec is None:
        return Command(name="help", problem=_unknown(name, list(by_name)))
    return check(spec, tuple(_assign(spec, words)))


def check(spec: CommandSpec, given: tuple[tuple[str, str], ...]) -> Command:
    """The command, with the first thing that is wrong with its options as its problem."""
    problems = [_wrong(spec, option, dict(given).get(option.name, "")) for option in spec.options]
    surplus = [value for name, value in given if name == ""]
    if surplus:
        problems.append(f"I do not understand “{surplus[0][:40]}”. Usage: {spec.usage}")
    return Command(name=spec.name, options=given, problem=next(filter(None, problems), ""))


def _assign(spec: CommandSpec, words: list[str]) -> list[tuple[str, str]]:
    named, words = _named(spec, words)
    takers = [option for option in spec.options if option.kind not in (Kind.SWITCH, Kind.NAMED)]
    rest = next((before for before, option in enumerate(takers) if option.kind is Kind.REST), len(words))
    given, plain = _switched(spec, words, rest)
    for option in takers:
        if not plain:
            break
        taken, plain = (plain, []) if option.kind is Kind.REST else (plain[:1], plain[1:])
        given.append((option.name, " ".join(taken)))
    return named + given + [("", word) for word in plain[:1]]


def _named(spec: CommandSpec, words: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """What is given by name, and the other words."""
    names = {option.name for option in spec.options if option.kind is Kind.NAMED}
    given: list[tuple[str, str]] = []
    others: list[str] = []
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name.lower() in names:
            given.append((name.lower(), value))
        else:
            others.append(word)
    return given, others


def _switched(spec: CommandSpec, words: list[str], rest: int) -> tuple[list[tuple[str, str]], list[str]]:
    """The switches, and the other words: after more than `rest` of those, a switch's name is a word like any other."""
    switches = {option.name for option in spec.options if option.kind is Kind.SWITCH}
    given: list[tuple[str, str]] = []
    plain: list[str] = []
    for word in words:
        if word.lower() in switches and len(plain) <= rest:
            given.append((word.lower(), "yes"))
        else:
            plain.append(word)
    return given, plain


def _wrong(spec: CommandSpec, option: Option, value: str) -> str:
    if not value:
        return f"{option.summary} is missing. Usage: {spec.usage}" if option.required else ""
    if option.kind is Kind.NUMBER and not (value.isascii() and value.isdigit() and len(value) < MAX_DIGITS):
        return f"“{value[:40]}” is no whole number. Usage: {spec.usage}"
    if option.choices and value not in option.choices:
        return f"“{value[:40]}” is none of {', '.join(option.choices)}."
    return ""


def _unknown(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"I do not know the command “{name[:40]}”.{hint}"


def _usage(option: Option) -> str:
    if option.kind is Kind.NAMED:
        return f"[{option.name}={option.name.upper()}]"
    shown = option.name if option.kind is Kind.SWITCH else "|".join(option.choices) or option.name.upper()
    return shown if option.required else f"[{shown}]"
