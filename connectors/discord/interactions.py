"""Commands, presses and forms: the first answer that Discord wants within three seconds, and the event in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.address import Address
from bot.core.command import Command, CommandSpec, check
from bot.core.event import Author, ButtonPressed, CommandGiven, Event, Reported
from connectors.discord.commands import REPORT, WHY, given
from connectors.discord.cookie import COMMAND, PRESS, Cookie
from connectors.discord.reading import Json, made_at, mapping, objects, snowflake, whole, words

GIVEN, PRESSED, TYPING, FILLED_IN = 2, 3, 4, 5
SLASH, ON_MESSAGE = 1, 3
EPHEMERAL = 1 << 6
THINKING: Json = {"type": 5, "data": {"flags": EPHEMERAL}}
NOTED: Json = {"type": 6}
NO_CHOICES: Json = {"type": 8, "data": {"choices": []}}
REPORT_FORM = "report-"
MAX_ANSWER = 1_000


def acknowledgement(raw: Json) -> Json | None:
    """What must be answered at once so that the user is not told of a failure; None for what wants no answer."""
    match whole(raw.get("type")):
        case 2 if _menu(raw) == REPORT:
            return _form(_target(raw))
        case 2 | 5:
            return THINKING
        case 3:
            return NOTED
        case 4:
            return NO_CHOICES
        case _:
            return None


def interaction(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> list[Event]:
    """The event in an interaction: none in one that only opens a form."""
    read = READERS.get(whole(raw.get("type")))
    if read is None or not snowflake(raw.get("id")) or not who.id:
        return []
    return read(raw, where, who, commands)


def _cookie(raw: Json, who: Author, kind: str) -> str:
    token = words(raw.get("token"))
    return str(Cookie(kind, who.id, snowflake(raw.get("id")), token)) if token else ""


def _command(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> list[Event]:
    menu = _menu(raw)
    if menu == REPORT:
        return []
    command = _why(raw) if menu == WHY else _slash(raw, commands)
    interaction_id = snowflake(raw.get("id"))
    return [
        CommandGiven(
            id=interaction_id,
            at=made_at(interaction_id),
            where=where,
            who=who,
            cookie=_cookie(raw, who, COMMAND),
            name=command.name,
            options=command.options,
            problem=command.problem,
            message_id=_target(raw),
        )
    ]


def _why(raw: Json) -> Command:
    return Command(name="why", options=(("message", _target(raw)),))


def _slash(raw: Json, commands: Sequence[CommandSpec]) -> Command:
    name, options = given(mapping(raw.get("data")))
    spec = next((spec for spec in commands if spec.name == name), None)
    if spec is None:
        return Command(name="help", problem=f"I do not know the command “{name[:40]}”.")
    return check(spec, options)


def _pressed(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> list[Event]:
    del commands
    interaction_id = snowflake(raw.get("id"))
    button, message_id = (
        words(mapping(raw.get("data")).get("custom_id")),
        snowflake(mapping(raw.get("message")).get("id")),
    )
    if not button or not message_id:
        return []
    return [
        ButtonPressed(
            id=interaction_id,
            at=made_at(interaction_id),
            where=where,
            who=who,
            cookie=_cookie(raw, who, PRESS),
            message_id=message_id,
            button_id=button,
        )
    ]


def _filled_in(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> list[Event]:
    del commands
    data, interaction_id = mapping(raw.get("data")), snowflake(raw.get("id"))
    form = words(data.get("custom_id"))
    message_id = snowflake(form.removeprefix(REPORT_FORM)) if form.startswith(REPORT_FORM) else ""
    if not message_id:
        return []
    return [
        Reported(
            id=interaction_id,
            at=made_at(interaction_id),
            where=where,
            who=who,
            cookie=_cookie(raw, who, COMMAND),
            message_id=message_id,
            reason=_written(data),
        )
    ]


def _written(data: Json) -> str:
    """What stands in the form's one field, which Discord has wrapped in two ways over time."""
    rows = objects(data.get("components"))
    fields = [field for row in rows for field in (mapping(row.get("component")), *objects(row.get("components")))]
    return next((words(field.get("value"))[:MAX_ANSWER] for field in fields if "value" in field), "")


def _menu(raw: Json) -> str:
    data = mapping(raw.get("data"))
    return words(data.get("name")) if whole(data.get("type")) == ON_MESSAGE else ""


def _target(raw: Json) -> str:
    return snowflake(mapping(raw.get("data")).get("target_id"))


def _form(message_id: str) -> Json:
    field = {"type": 4, "custom_id": "reason", "style": 2, "required": False, "max_length": MAX_ANSWER}
    label = {
        "type": 18,
        "label": "What is wrong with it?",
        "description": "You may leave this empty.",
        "component": field,
    }
    return {
        "type": 9,
        "data": {"custom_id": REPORT_FORM + message_id, "title": REPORT, "components": [label]},
    }


READERS: dict[int, Callable[[Json, Address, Author, Sequence[CommandSpec]], list[Event]]] = {
    GIVEN: _command,
    PRESSED: _pressed,
    FILLED_IN: _filled_in,
}
