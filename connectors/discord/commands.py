"""Parley's commands as Discord's own, and what somebody gave back as their options."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.core.command import MAX_DIGITS, CommandSpec, Kind, Option
from bot.core.event import Role
from connectors.discord.limits import MAX_CHOICES, MAX_COMMANDS_PER_GROUP, MAX_DESCRIPTION
from connectors.discord.permissions import Permission
from connectors.discord.reading import Json, encode, objects, words

GROUP = "parley"
# Discord hides whole commands from members, never a part of one: so moderators have a group of their own.
MODERATORS = "parley-mod"
REPORT = "Report to moderators"
WHY = "Why was this removed?"
SUBCOMMAND, STRING, INTEGER, BOOLEAN = 1, 3, 4, 5
ON_MESSAGE = 3
IN_SERVERS, IN_DIRECT = 0, 1
TYPES = {
    Kind.WORD: STRING,
    Kind.REST: STRING,
    Kind.NAMED: STRING,
    Kind.NUMBER: INTEGER,
    Kind.SWITCH: BOOLEAN,
}


def registration(specs: Sequence[CommandSpec]) -> list[Json]:
    """All application commands there should be."""
    members = [spec for spec in specs if spec.role < Role.MODERATOR]
    moderators = [spec for spec in specs if spec.role >= Role.MODERATOR]
    found: list[Json] = []
    if members:
        found.append(_group(GROUP, "What I can do for you", members))
    if moderators:
        hidden = {"default_member_permissions": int(Permission.MANAGE_MESSAGES)}
        found.append({**_group(MODERATORS, "What moderators can do here", moderators), **hidden})
    menus = [REPORT, *([WHY] if any(spec.name == "why" for spec in specs) else [])]
    return [*found, *({"type": ON_MESSAGE, "name": name, "contexts": [IN_SERVERS]} for name in menus)]


def fingerprint(commands: Sequence[Json]) -> str:
    """Changes when the commands do."""
    return hashlib.sha256(encode(list(commands))).hexdigest()[:20]


def given(data: Json) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The name of a command and its options as text; a switch that is off was not given."""
    command = next(iter(objects(data.get("options"))), data)
    pairs = [(words(each.get("name")), _value(each.get("value"))) for each in objects(command.get("options"))]
    return words(command.get("name")), tuple((name, value) for name, value in pairs if name and value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value) if isinstance(value, int) else words(value)


def _group(name: str, summary: str, specs: Sequence[CommandSpec]) -> dict[str, object]:
    return {
        "type": 1,
        "name": name,
        "description": summary,
        "contexts": [IN_SERVERS, IN_DIRECT] if name == GROUP else [IN_SERVERS],
        "options": [_subcommand(spec) for spec in specs[:MAX_COMMANDS_PER_GROUP]],
    }


def _subcommand(spec: CommandSpec) -> Json:
    """Discord wants required options first."""
    options = sorted(spec.options, key=lambda option: not option.required)
    return {
        "type": SUBCOMMAND,
        "name": spec.name,
        "description": spec.summary[:MAX_DESCRIPTION],
        "options": [_option(option) for option in options],
    }


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
    return found
