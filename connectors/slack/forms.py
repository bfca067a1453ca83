"""Forms: what a button, a menu or a report asks for, opened at once and read when they come back.

Nothing is kept of an open form: it carries what it is for, so that one filled in after a restart is understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import orjson

from bot.core.command import CommandSpec, Menu, Target
from bot.core.surface import legible
from connectors.slack.limits import MAX_FORM_LABEL, MAX_FORM_TITLE, MAX_METADATA
from connectors.slack.reading import Json, mapping, objects, words

REPORT = "Report to moderators"
REPORTING = "report"
PRESSING = "press"
MENU = "menu:"
FIELD, INPUT = "answer", "text"
MAX_ANSWER = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a form is for: a `button` of a message, or a message that is pointed at; `url` answers whoever asked."""

    channel: str
    message: str
    thread: str = ""
    button: str = ""
    url: str = ""


def callback(menu: Menu) -> str:
    """What names a menu in the manifest and in payloads."""
    return MENU + "".join(letter if letter.isalnum() else "-" for letter in menu.title.lower()).strip("-")


def pointing(commands: Sequence[CommandSpec]) -> dict[str, tuple[CommandSpec, Menu]]:
    """The commands in the menu of a message, by what names them."""
    found = ((spec, spec.menu) for spec in commands if spec.menu and spec.menu.target is Target.MESSAGE)
    return {callback(menu): (spec, menu) for spec, menu in found}


def report_form(purpose: Purpose) -> Json:
    """Asks what is wrong with a message."""
    return _form(REPORTING, REPORT, "What is wrong with it?", purpose)


def press_form(purpose: Purpose, label: str, asks: str) -> Json:
    """What the pressed button asks for."""
    return _form(PRESSING, label or asks, asks, purpose)


def menu_form(purpose: Purpose, menu: Menu) -> Json:
    """What the menu asks for."""
    return _form(callback(menu), menu.title, menu.asks, purpose)


def purpose_of(view: Json) -> Purpose | None:
    """What a form that came back is for; None for one that is not ours."""
    try:
        told = mapping(orjson.loads(words(view.get("private_metadata"))))
    except orjson.JSONDecodeError:
        return None
    known = {name: words(told.get(name)) for name in ("channel", "message", "thread", "button", "url")}
    return Purpose(**known) if known["channel"] and known["message"] else None


def written(view: Json) -> str:
    """What stands in the form's one field."""
    values = mapping(mapping(view.get("state")).get("values"))
    field = mapping(mapping(values.get(FIELD)).get(INPUT))
    return words(field.get("value"))[:MAX_ANSWER].strip()


def label_of(message: Json, action: str) -> str:
    """What the button with that id is called in a message, '' when it is not in it."""
    buttons = [each for block in objects(message.get("blocks")) for each in objects(block.get("elements"))]
    found = (each for each in buttons if each.get("action_id") == action)
    return next((words(mapping(each.get("text")).get("text")) for each in found), "")


def _form(identity: str, title: str, asks: str, purpose: Purpose) -> Json:
    box = {"type": "plain_text_input", "action_id": INPUT, "multiline": True, "max_length": MAX_ANSWER}
    return {
        "type": "modal",
        "callback_id": identity,
        "title": _plain(title, MAX_FORM_TITLE),
        "submit": _plain("Send", MAX_FORM_TITLE),
        "close": _plain("Cancel", MAX_FORM_TITLE),
        "private_metadata": orjson.dumps(asdict(purpose)).decode()[:MAX_METADATA],
        "blocks": [
            {
                "type": "input",
                "block_id": FIELD,
                "optional": True,
                "label": _plain(asks, MAX_FORM_LABEL),
                "hint": _plain("You may leave this empty.", MAX_FORM_LABEL),
                "element": box,
            }
        ],
    }


def _plain(text: str, limit: int) -> Json:
    shown = " ".join(legible(text).split()) or "…"
    return {"type": "plain_text", "text": shown if len(shown) <= limit else shown[: limit - 1] + "…"}
