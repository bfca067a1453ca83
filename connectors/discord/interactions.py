"""Commands, presses and forms: the first answer that Discord wants within three seconds, and the event in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.address import Address
from bot.core.command import Command, CommandSpec, check
from bot.core.event import Author, ButtonPressed, CommandGiven, Event, Reported
from connectors.discord import forms
from connectors.discord.commands import given
from connectors.discord.cookie import COMMAND, PRESS, Cookie
from connectors.discord.reading import Json, made_at, mapping, snowflake, whole, words

GIVEN, PRESSED, TYPING, FILLED_IN = 2, 3, 4, 5
EPHEMERAL = 1 << 6
THINKING: Json = {"type": 5, "data": {"flags": EPHEMERAL}}
NOTED: Json = {"type": 6}


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction, where it happened, who it is from, and what we offer."""

    raw: Json
    where: Address
    who: Author
    commands: Sequence[CommandSpec]

    @property
    def id(self) -> str:
        """The interaction's own."""
        return snowflake(self.raw.get("id"))

    @property
    def data(self) -> Json:
        """What was given, pressed or written."""
        return mapping(self.raw.get("data"))

    def cookie(self, kind: str) -> str:
        """How to answer it."""
        token = words(self.raw.get("token"))
        return str(Cookie(kind, self.who.id, self.id, token)) if token else ""


def acknowledgement(raw: Json, commands: Sequence[CommandSpec]) -> Json | None:
    """What must be answered at once so that the user is not told of a failure; None for what wants no answer."""
    match whole(raw.get("type")):
        case 2:
            return _menu_form(raw, commands) or THINKING
        case 3:
            return forms.press_form(_custom_id(raw), _label(raw)) or NOTED
        case 5 if _custom_id(raw).startswith(forms.PRESS_FORM) and mapping(raw.get("message")):
            return NOTED
        case 5:
            return THINKING
        case _:
            return None


def interaction(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> list[Event]:
    """The event in an interaction: none in one that only opens a form."""
    read = READERS.get(whole(raw.get("type")))
    asked = Asked(raw, where, who, commands)
    event = read(asked) if read and asked.id and who.id else None
    return [event] if event else []


def typing(raw: Json, where: Address, who: Author, commands: Sequence[CommandSpec]) -> tuple[CommandGiven, str] | None:
    """A command that is being typed, and the option that could be completed."""
    asked = Asked(raw, where, who, commands)
    typed = given(asked.data, commands)
    return (_given(asked, Command(name=typed.name, options=typed.options)), typed.focused) if typed.focused else None


def _command(asked: Asked) -> Event | None:
    if used := forms.chosen(asked.raw):
        found = forms.offered(used, asked.commands)
        if found is None or found[1].asks:
            return None
        spec, menu = found
        return _given(asked, check(spec, ((menu.option, used.target),)), used)
    return _given(asked, _slash(asked))


def _slash(asked: Asked) -> Command:
    typed = given(asked.data, asked.commands)
    spec = next((spec for spec in asked.commands if spec.name == typed.name), None)
    if spec is None:
        return Command(name="help", problem=f"I do not know the command “{typed.name[:40]}”.")
    return check(spec, typed.options)


def _given(asked: Asked, command: Command, used: forms.Chosen | None = None) -> CommandGiven:
    return CommandGiven(
        id=asked.id,
        at=made_at(asked.id),
        where=asked.where,
        who=asked.who,
        cookie=asked.cookie(COMMAND),
        name=command.name,
        options=command.options,
        problem=command.problem,
        message_id=used.target if used and used.kind == forms.ON_MESSAGE else "",
    )


def _pressed(asked: Asked) -> Event | None:
    button, asks = forms.button_id(_custom_id(asked.raw))
    return None if asks else _press(asked, button)


def _press(asked: Asked, button: str, text: str = "") -> Event | None:
    message_id = snowflake(mapping(asked.raw.get("message")).get("id"))
    if not button or not message_id:
        return None
    return ButtonPressed(
        id=asked.id,
        at=made_at(asked.id),
        where=asked.where,
        who=asked.who,
        cookie=asked.cookie(PRESS),
        message_id=message_id,
        button_id=button,
        text=text,
    )


def _filled_in(asked: Asked) -> Event | None:
    form, text = _custom_id(asked.raw), forms.written(asked.data)
    if form.startswith(forms.PRESS_FORM):
        return _press(asked, form.removeprefix(forms.PRESS_FORM), text)
    if form.startswith(forms.MENU_FORM):
        return _from_menu(asked, form, text)
    message_id = snowflake(form.removeprefix(forms.REPORT_FORM)) if form.startswith(forms.REPORT_FORM) else ""
    if not message_id:
        return None
    return Reported(
        id=asked.id,
        at=made_at(asked.id),
        where=asked.where,
        who=asked.who,
        cookie=asked.cookie(COMMAND),
        message_id=message_id,
        reason=text,
    )


def _from_menu(asked: Asked, form: str, text: str) -> Event | None:
    target, name = forms.menu_of(form)
    spec = next((spec for spec in asked.commands if spec.name == name), None)
    if spec is None or spec.menu is None or not target:
        return None
    command = check(spec, ((spec.menu.option, target), *(((spec.menu.answer, text),) if text else ())))
    return _given(asked, command, forms.Chosen(spec.menu.title, forms.KINDS[spec.menu.target], target))


def _menu_form(raw: Json, commands: Sequence[CommandSpec]) -> Json | None:
    used = forms.chosen(raw)
    if used is None:
        return None
    if (used.title, used.kind) == (forms.REPORT, forms.ON_MESSAGE):
        return forms.report_form(used.target)
    found = forms.offered(used, commands)
    return forms.menu_form(used, *found) if found else None


def _custom_id(raw: Json) -> str:
    """The id of a button or of a form."""
    return words(mapping(raw.get("data")).get("custom_id"))


def _label(raw: Json) -> str:
    """What the pressed button is called: the title of the form it opens."""
    return forms.label_of(mapping(raw.get("message")), _custom_id(raw))


READERS: dict[int, Callable[[Asked], Event | None]] = {GIVEN: _command, PRESSED: _pressed, FILLED_IN: _filled_in}
