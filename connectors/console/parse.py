"""What was typed, understood: an event for Parley, a wish for the console itself, or a mistake."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.core.address import Address
from bot.core.command import CommandSpec, read
from bot.core.effect import Button
from bot.core.event import (
    Author,
    ButtonPressed,
    CommandGiven,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reported,
    Role,
    Surface,
    SurfaceKind,
)
from bot.core.surface import legible, surfaces
from connectors.console.house import Entry

MENTION = re.compile(r"(?<!\w)@parley\b", re.IGNORECASE)
NAME = re.compile(r"[\w.-]{1,32}")
# Commands call so the option that names a message.
MESSAGE = "message"
NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The moment at which a line was typed; `id` is fresh, `entries` are the messages by number."""

    id: str
    at: datetime
    who: Author
    where: Address
    entries: Sequence[Entry]
    commands: Sequence[CommandSpec]


@dataclass(frozen=True, slots=True)
class Become:
    """Speak as `name`, with the role they had when `role` is None."""

    name: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Join:
    """Go to a room."""

    room: str


@dataclass(frozen=True, slots=True)
class Who:
    """Ask who is here."""


@dataclass(frozen=True, slots=True)
class Help:
    """Ask what can be typed."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the line, and what to type instead."""

    sentence: str


Wish: TypeAlias = Become | Join | Who | Help | Quit
Parsed: TypeAlias = Event | Wish | Mistake


def parse(line: str, scene: Scene) -> Parsed | None:
    """Understand a line; None when there is nothing on it."""
    text = legible(line).strip()
    verb, rest = _verb(text)
    if not verb:
        return _say(text, scene) if text else None
    if verb not in VERBS:
        return Mistake(_unknown(verb, scene.commands))
    return VERBS[verb].meaning(rest, scene)


def _verb(text: str) -> tuple[str, str]:
    """The word after the slash and what follows it; no word when this is a plain message."""
    word, *rest = text.split(maxsplit=1) or [""]
    slashed = word.startswith("/") or word.lower() == "!parley"
    return (word[1:].lower() or "help", "".join(rest)) if slashed else ("", text)


def _say(text: str, scene: Scene) -> Event:
    return MessagePosted(
        id=scene.id,
        at=scene.at,
        where=scene.where,
        who=scene.who,
        message_id=scene.id,
        surfaces=_body(text),
        mentions_bot=_mentions(text),
    )


def _command(rest: str, scene: Scene) -> Event:
    command = read(rest, scene.commands)
    return CommandGiven(
        id=scene.id,
        at=scene.at,
        where=scene.where,
        who=scene.who,
        name=command.name,
        options=tuple((option, _named(option, value, scene)) for option, value in command.options),
        problem=command.problem,
    )


def _named(option: str, value: str, scene: Scene) -> str:
    """The id behind a message's number, which is all that people see; of messages that are gone as well."""
    if option != MESSAGE or not NUMBER.fullmatch(value) or int(value) > len(scene.entries):
        return value
    return scene.entries[int(value) - 1].id


def _edit(rest: str, scene: Scene) -> Event | Mistake:
    number, _, text = rest.partition(" ")
    entry = _entry(number, scene)
    if isinstance(entry, Mistake) or not text.strip():
        return entry if isinstance(entry, Mistake) else _usage("edit")
    if entry.who.id != scene.who.id:
        return Mistake(f"{entry.number} was said by {entry.who.name}, and only they can edit it: /as {entry.who.name}")
    return MessageEdited(
        id=scene.id,
        at=scene.at,
        where=entry.where,
        who=scene.who,
        message_id=entry.id,
        revision=max(entry.revision + 1, int(scene.at.timestamp() * 1000)),
        surfaces=_body(text.strip()),
        mentions_bot=_mentions(text),
    )


def _delete(rest: str, scene: Scene) -> Event | Mistake:
    entry = _entry(rest, scene)
    if isinstance(entry, Mistake):
        return entry
    if entry.who.id != scene.who.id and scene.who.role < Role.MODERATOR:
        return Mistake(f"Only {entry.who.name} and moderators can delete that: /as {scene.who.name} moderator")
    return MessageDeleted(id=scene.id, at=scene.at, where=entry.where, who=scene.who, message_id=entry.id)


def _report(rest: str, scene: Scene) -> Event | Mistake:
    number, _, reason = rest.partition(" ")
    entry = _entry(number, scene)
    if isinstance(entry, Mistake):
        return entry
    return Reported(
        id=scene.id, at=scene.at, where=entry.where, who=scene.who, message_id=entry.id, reason=reason.strip()
    )


def _press(rest: str, scene: Scene) -> Event | Mistake:
    number, _, name = rest.partition(" ")
    numbered = name and NUMBER.fullmatch(number)
    entry, wanted = (_entry(number, scene), name) if numbered else (_last_card(scene), rest)
    if isinstance(entry, Mistake):
        return entry
    button = _button(entry, wanted.strip(" []").casefold())
    if button is None:
        return Mistake(_which_button(entry))
    return ButtonPressed(
        id=scene.id,
        at=scene.at,
        where=entry.where,
        who=scene.who,
        message_id=entry.id,
        button_id=button.id,
    )


def _as(rest: str, _: Scene) -> Wish | Mistake:
    match rest.split():
        case [name, *_] if name.lower() == "parley":
            return Mistake("Parley speaks for itself. Choose another name.")
        case [name] if NAME.fullmatch(name):
            return Become(name, None)
        case [name, role] if NAME.fullmatch(name) and role.upper() in Role.__members__:
            return Become(name, Role[role.upper()])
        case _:
            return _usage("as")


def _join(rest: str, _: Scene) -> Wish | Mistake:
    room = rest.removeprefix("#").lower()
    return Join(room) if NAME.fullmatch(room) else _usage("join")


def _entry(number: str, scene: Scene) -> Entry | Mistake:
    """The message with that number, as long as it is there."""
    if not NUMBER.fullmatch(number):
        return Mistake("Which message? Type the number in front of it, as in: /report 1")
    if int(number) > len(scene.entries):
        return Mistake(f"There is no message {number}.")
    entry = scene.entries[int(number) - 1]
    return Mistake(f"{number} has been removed.") if entry.gone else entry


def _last_card(scene: Scene) -> Entry | Mistake:
    """The one with buttons that was on the screen last."""
    cards = [entry for entry in scene.entries if entry.buttons and not entry.gone]
    return max(cards, key=lambda entry: entry.shown, default=Mistake("There is nothing to press yet."))


def _button(entry: Entry, wanted: str) -> Button | None:
    """The button of that name, or the only one whose name begins like that."""
    near = [button for button in entry.buttons if wanted and button.label.casefold().startswith(wanted)]
    exact = [button for button in near if button.label.casefold() == wanted]
    return next(iter(exact), near[0] if len(near) == 1 else None)


def _which_button(entry: Entry) -> str:
    if not entry.buttons:
        return f"{entry.number} has no buttons."
    names = ", ".join(button.label.lower() for button in entry.buttons)
    return f"Which button of {entry.number}? Choose from: {names}."


def _unknown(verb: str, commands: Sequence[CommandSpec]) -> str:
    if verb in {command.name for command in commands}:
        return f"That is a command of Parley: /parley {verb}"
    near = difflib.get_close_matches(verb, VERBS, n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help shows what there is."
    return f"I do not know /{verb[:40]}: {hint}"


def _usage(verb: str) -> Mistake:
    return Mistake(f"Type it like this: {VERBS[verb].usage}")


def _body(text: str) -> tuple[Surface, ...]:
    return surfaces((SurfaceKind.BODY, text))


def _mentions(text: str) -> bool:
    return MENTION.search(text) is not None


@dataclass(frozen=True, slots=True)
class Verb:
    """A slash command of the console: how to type it, what for, and what it means."""

    usage: str
    summary: str
    meaning: Callable[[str, Scene], Parsed]


VERBS: Mapping[str, Verb] = {
    "parley": Verb("/parley COMMAND ...", "ask Parley to do something; /parley help shows what", _command),
    "as": Verb("/as NAME [ROLE]", "speak as somebody else: a guest, member, moderator or owner", _as),
    "edit": Verb("/edit NUMBER TEXT", "change what you said", _edit),
    "delete": Verb("/delete NUMBER", "take a message away", _delete),
    "report": Verb("/report NUMBER [REASON]", "ask the moderators to look at a message", _report),
    "press": Verb("/press [NUMBER] BUTTON", "press a button, of the card shown last if you name none", _press),
    "join": Verb("/join ROOM", "go to another room", _join),
    "who": Verb("/who", "see who is here", lambda _rest, _scene: Who()),
    "help": Verb("/help", "see this list", lambda _rest, _scene: Help()),
    "quit": Verb("/quit", "leave; so does Ctrl-D", lambda _rest, _scene: Quit()),
}
