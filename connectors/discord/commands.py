"""Parley's commands as Discord's own, and what somebody gave back as their options."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.command import MAX_DIGITS, CommandSpec, Kind, Option, Suggestion
from bot.core.event import Role
from connectors.discord import languages
from connectors.discord.forms import KINDS, ON_MESSAGE, REPORT
from connectors.discord.limits import (
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_COMMANDS_PER_GROUP,
    MAX_DESCRIPTION,
    MAX_MENU_NAME,
    MAX_MENUS,
)
from connectors.discord.permissions import Permission
from connectors.discord.reading import Json, encode, objects, whole, words

GROUP = "parley"
# Discord hides whole commands from members, never a part of one: so moderators have a group of their own.
MODERATORS = "parley-mod"
SUBCOMMAND, SUBGROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
IN_SERVERS, IN_DIRECT = 0, 1
TYPES = {
    Kind.WORD: STRING,
    Kind.REST: STRING,
    Kind.NAMED: STRING,
    Kind.NUMBER: INTEGER,
    Kind.SWITCH: BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A command by name, with its options as text; `focused` is the one being typed."""

    name: str
    options: tuple[tuple[str, str], ...]
    focused: str = ""


def registration(specs: Sequence[CommandSpec]) -> list[Json]:
    """All application commands there should be."""
    members = [spec for spec in specs if spec.role < Role.MODERATOR]
    moderators = [spec for spec in specs if spec.role >= Role.MODERATOR]
    found: list[Json] = []
    if members:
        found.append(_group(GROUP, "What I can do for you", members))
    if moderators:
        found.append({**_group(MODERATORS, "What moderators can do here", moderators), **_hidden(Role.MODERATOR)})
    return [*found, *_menus(specs)]


def fingerprint(commands: Sequence[Json]) -> str:
    """Changes when the commands do."""
    return hashlib.sha256(encode(list(commands))).hexdigest()[:20]


def given(data: Json, specs: Sequence[CommandSpec]) -> Typed:
    """What was typed; a switch that is off was not given."""
    command = next(iter(objects(data.get("options"))), data)
    name, options = words(command.get("name")), objects(command.get("options"))
    chosen: tuple[tuple[str, str], ...] = ()
    if whole(command.get("type")) == SUBGROUP and (verb := _verb(next((s for s in specs if s.name == name), None))):
        chosen = ((verb.name, words(options[0].get("name"))),) if options else ()
        options = objects(options[0].get("options")) if options else []
    pairs = [(words(each.get("name")), _value(each.get("value"))) for each in options]
    focused = next((words(each.get("name")) for each in options if each.get("focused") is True), "")
    return Typed(name, (*chosen, *((key, value) for key, value in pairs if key and value)), focused)


def choices(option: Option, suggestions: Sequence[Suggestion]) -> list[Json]:
    """Suggestions as Discord lists them; what it would not take is left out."""
    found: list[Json] = []
    for each in suggestions[:MAX_CHOICES]:
        label = " ".join(words(each.label).split())[:MAX_CHOICE]
        if label and 0 < len(each.value) <= MAX_CHOICE and (option.kind is not Kind.NUMBER or each.value.isdigit()):
            found.append({"name": label, "value": int(each.value) if option.kind is Kind.NUMBER else each.value})
    return found


def _hidden(role: Role) -> Json:
    """Who moderates by another permission is let in by the server's own settings; who runs it is checked anyway."""
    return {"default_member_permissions": int(Permission.MANAGE_MESSAGES)} if role >= Role.MODERATOR else {}


def _menus(specs: Sequence[CommandSpec]) -> list[Json]:
    found: list[Json] = [_menu(REPORT, ON_MESSAGE, Role.MEMBER)]
    for kind in KINDS.values():
        ours = [(spec, spec.menu) for spec in specs if spec.menu and KINDS[spec.menu.target] == kind]
        found += [_menu(menu.title, kind, spec.role) for spec, menu in ours[: MAX_MENUS - 1]]
    return found


def _menu(title: str, kind: int, role: Role) -> Json:
    named = {"type": kind, "name": title[:MAX_MENU_NAME], "contexts": [IN_SERVERS]}
    translated = languages.spoken(languages.MENUS.get(title))
    return {**named, **({"name_localizations": translated} if translated else {}), **_hidden(role)}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value) if isinstance(value, int) else words(value)


def _group(name: str, summary: str, specs: Sequence[CommandSpec]) -> Json:
    return {
        "type": 1,
        "name": name,
        **_described(summary, languages.GROUPS.get(name)),
        "contexts": [IN_SERVERS, IN_DIRECT] if name == GROUP else [IN_SERVERS],
        "options": [_subcommand(spec) for spec in specs[:MAX_COMMANDS_PER_GROUP]],
    }


def _described(summary: str, said: languages.Words | None) -> Json:
    translated = languages.spoken(said)
    return {
        "description": summary[:MAX_DESCRIPTION],
        **({"description_localizations": translated} if translated else {}),
    }


def _verb(spec: CommandSpec | None) -> Option | None:
    """The first option of a command that is nothing without a choice, which reads better as a word of its own."""
    first = spec.options[0] if spec and spec.options else None
    return first if first and first.required and first.choices and len(first.choices) <= MAX_CHOICES else None


def _subcommand(spec: CommandSpec) -> Json:
    described = _described(spec.summary, languages.COMMANDS.get(spec.name))
    if verb := _verb(spec):
        rest = _options(spec.options[1:])
        each = [{"type": SUBCOMMAND, "name": word, **described, "options": rest} for word in verb.choices]
        return {"type": SUBGROUP, "name": spec.name, **described, "options": each}
    return {"type": SUBCOMMAND, "name": spec.name, **described, "options": _options(spec.options)}


def _options(options: Sequence[Option]) -> list[Json]:
    """Discord wants required options first."""
    return [_option(option) for option in sorted(options, key=lambda option: not option.required)]


def _option(option: Option) -> Json:
    found: dict[str, object] = {
        "type": TYPES[option.kind],
        "name": option.name,
        "description": option.summary[:MAX_DESCRIPTION],
        "required": option.required,
    }
    if option.kind is Kind.NUMBER:
        found |= {"min_value": 0, "max_value": 10 ** (MAX_DIGITS - 1) - 1}
    if option.choices and len(option.choices) <= MAX_CHOICES and option.kind is not Kind.SWITCH:
        found["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    elif option.suggests and option.kind is not Kind.SWITCH:
        found["autocomplete"] = True
    return found
