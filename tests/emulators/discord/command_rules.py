"""What an application command must look like: https://discord.com/developers/docs/interactions/application-commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.emulators.discord.refusal import Json, Refusal, field

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MOST_OPTIONS = 25
MOST_CHOICES = 25
MOST_CHARACTERS = 8000
DESCRIPTION = 100
SUBCOMMAND, GROUP = 1, 2
_NAME = re.compile(r"[-_'\w]{1,32}")


def check_commands(commands: list[Json]) -> None:
    """Refuse commands that are too many, ambiguous or malformed."""
    counted = Counter(each.get("type") or CHAT_INPUT for each in commands)
    if any(count > MOST.get(kind, 1) for kind, count in counted.items()):
        raise Refusal(30032)
    names = Counter((each.get("type") or CHAT_INPUT, each.get("name")) for each in commands)
    for index, command in enumerate(commands):
        if names[command.get("type") or CHAT_INPUT, command.get("name")] > 1:
            path = f"{index}.name"
            raise field(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        check_command(command, f"{index}.")


def check_command(command: Json, path: str = "") -> None:
    """Refuse one command that is malformed."""
    if (command.get("type") or CHAT_INPUT) == CHAT_INPUT:
        _check_named(command, path)
        _check_options(command.get("options") or [], path, depth=0)
        if sum(map(len, _characters(command))) > MOST_CHARACTERS:
            message = f"Command exceeds maximum size ({MOST_CHARACTERS})"
            raise field(path + "_", "APPLICATION_COMMAND_TOO_LARGE", message)
        return
    if not 0 < len((command.get("name") or "").strip()) <= 32:
        raise field(path + "name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
    if command.get("description") or command.get("options"):
        message = "Context menu commands cannot have description"
        raise field(path + "description", "APPLICATION_COMMAND_DESCRIPTION_INVALID", message)


def _check_named(it: Json, path: str) -> None:
    name = it.get("name") or ""
    if not _NAME.fullmatch(name) or name != name.lower():
        raise field(path + "name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not 0 < len(it.get("description") or "") <= DESCRIPTION:
        raise field(path + "description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")


def _check_options(options: list[Json], path: str, *, depth: int) -> None:
    if len(options) > MOST_OPTIONS:
        raise field(path + "options", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_OPTIONS} or fewer in length.")
    nested = [each.get("type") in (SUBCOMMAND, GROUP) for each in options]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        raise field(path + "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    required = [bool(each.get("required")) for each in options]
    if required != sorted(required, reverse=True):
        message = "Required options must be placed before non-required options"
        raise field(path + "options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    if len({each.get("name") for each in options}) != len(options):
        message = "Option names must be unique"
        raise field(path + "options", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
    for index, option in enumerate(options):
        _check_option(option, f"{path}options.{index}.", depth=depth)


def _check_option(option: Json, path: str, *, depth: int) -> None:
    _check_named(option, path)
    kind = option.get("type")
    if (kind == GROUP and depth > 0) or (kind == SUBCOMMAND and depth > 1):
        raise field(path + "type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep")
    if len(option.get("choices") or ()) > MOST_CHOICES:
        raise field(path + "choices", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_CHOICES} or fewer in length.")
    if option.get("choices") and option.get("autocomplete"):
        message = "Options with choices cannot be set to autocomplete"
        raise field(path + "autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message)
    _check_options(option.get("options") or [], path, depth=depth + 1)


def _characters(it: Json) -> Iterator[str]:
    yield it.get("name") or ""
    yield it.get("description") or ""
    for each in it.get("choices") or ():
        yield from (each.get("name") or "", str(each.get("value") or ""))
    for each in it.get("options") or ():
        yield from _characters(each)
