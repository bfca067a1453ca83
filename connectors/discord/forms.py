"""Forms: what a button, a menu or a report asks for, opened at once and read when they come back.

Nothing is kept of an open form: its id says what it is for, so that one filled in after a restart is understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.command import CommandSpec, Menu, Target
from bot.core.effect import Button
from bot.core.surface import legible
from connectors.discord.limits import MAX_CUSTOM_ID, MAX_FORM_LABEL, MAX_FORM_TITLE
from connectors.discord.reading import Json, mapping, objects, snowflake, whole, words

REPORT = "Report to moderators"
ON_MEMBER, ON_MESSAGE = 2, 3
KINDS = {Target.MESSAGE: ON_MESSAGE, Target.MEMBER: ON_MEMBER}
REPORT_FORM, PRESS_FORM, MENU_FORM = "report-", "press-", "menu-"
# Stands between a button's id and what it asks for; no id of ours has it.
ASKING = "\u241f"
MAX_ANSWER = 1_000


def custom_id(button: Button) -> str:
    """The id that travels with a button, with what it asks for; may be longer than Discord takes."""
    asks = legible(button.asks)[:MAX_FORM_LABEL]
    return legible(button.id) + (ASKING + asks if asks else "")


def button_id(travelled: str) -> tuple[str, str]:
    """A button's id and what it asks for."""
    identity, _, asks = travelled.partition(ASKING)
    return identity, asks


@dataclass(frozen=True, slots=True)
class Chosen:
    """A menu that somebody used, and what it hangs on."""

    title: str
    kind: int
    target: str


def chosen(raw: Json) -> Chosen | None:
    """The menu in an interaction, None for a slash command."""
    data = mapping(raw.get("data"))
    kind = whole(data.get("type"))
    return Chosen(words(data.get("name")), kind, snowflake(data.get("target_id"))) if kind in KINDS.values() else None


def offered(used: Chosen, commands: Sequence[CommandSpec]) -> tuple[CommandSpec, Menu] | None:
    """The command whose menu it is."""
    found = ((spec, spec.menu) for spec in commands if spec.menu)
    return next(((spec, m) for spec, m in found if (m.title, KINDS[m.target]) == (used.title, used.kind)), None)


def report_form(message_id: str) -> Json:
    """Asks what is wrong with a message."""
    return _form(REPORT_FORM + message_id, REPORT, "What is wrong with it?")


def press_form(travelled: str, label: str) -> Json | None:
    """What the pressed button asks for, None when it asks for nothing."""
    identity, asks = button_id(travelled)
    return _form(PRESS_FORM + identity, label or asks, asks) if asks else None


def label_of(message: Json, travelled: str) -> str:
    """What the button with that id is called in a message, '' when it is not in it."""
    waiting = objects(message.get("components"))
    for component in waiting:
        if component.get("custom_id") == travelled:
            return words(component.get("label"))
        # Discord nests components three deep, so this ends.
        waiting += objects(component.get("components"))
    return ""


def menu_form(used: Chosen, spec: CommandSpec, menu: Menu) -> Json | None:
    """What the menu asks for, None when it asks for nothing."""
    return _form(f"{MENU_FORM}{used.target}-{spec.name}", menu.title, menu.asks) if menu.asks else None


def menu_of(form: str) -> tuple[str, str]:
    """The target and the command's name in the id of a menu's form."""
    target, _, name = form.removeprefix(MENU_FORM).partition("-")
    return snowflake(target), name


def written(data: Json) -> str:
    """What stands in the form's one field, which Discord has wrapped in two ways over time."""
    rows = objects(data.get("components"))
    fields = [field for row in rows for field in (mapping(row.get("component")), *objects(row.get("components")))]
    return next((words(field.get("value"))[:MAX_ANSWER].strip() for field in fields if "value" in field), "")


def _form(identity: str, title: str, asks: str) -> Json:
    field = {"type": 4, "custom_id": "reason", "style": 2, "required": False, "max_length": MAX_ANSWER}
    label = {
        "type": 18,
        "label": asks[:MAX_FORM_LABEL],
        "description": "You may leave this empty.",
        "component": field,
    }
    shown = {"custom_id": identity[:MAX_CUSTOM_ID], "title": title[:MAX_FORM_TITLE], "components": [label]}
    return {"type": 9, "data": shown}
