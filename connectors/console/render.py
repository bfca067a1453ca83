"""What is shown: everything people say and Parley does, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from rich.text import Text

from bot.core.action import Button, Penalty, Restrict
from bot.core.address import Address
from bot.core.event import Author
from connectors.console.house import Entry
from connectors.console.markdown import Line, markdown, safe

# A longer message is cut on the screen; Parley hears all of it.
SHOWN = 2000
DEEDS = {Penalty.TIMEOUT: "timed out", Penalty.KICK: "kicked"}


@dataclass(frozen=True, slots=True)
class View:
    """Whose eyes and which room the screen stands for."""

    who: str
    where: Address


def posted(entry: Entry, view: View, answered: Entry | None = None) -> list[Line]:
    """A message, with its buttons and the number of the message it answers."""
    body = markdown(entry.text) if entry.who.is_bot else [Line(Text(line)) for line in _clip(entry.text).split("\n")]
    return _framed(entry, view, [*body, *_buttons(entry.buttons)], f" (to {answered.number})" if answered else "")


def edited(entry: Entry, before: str, view: View) -> list[Line]:
    """A message that reads differently from `before`; of an answer that grows, only what is new."""
    if before and entry.who.is_bot and entry.text.startswith(before):
        grown = markdown(entry.text[len(before) :])
        return _framed(entry, view, [Line(Text("…")), *grown, *_buttons(entry.buttons)])
    return _marked(posted(entry, view), " (edited)")


def removed(entry: Entry, view: View, reason: str = "") -> list[Line]:
    """A message that is gone, struck through for those who saw it."""
    text = Text(_word(_clip(entry.text)), "strike")
    return _marked(_framed(entry, view, [Line(text)]), f" (removed: {_word(reason)})" if reason else " (removed)")


def reacted(entry: Entry, reaction: str) -> list[Line]:
    """A reaction to a message."""
    return notice(f"Parley reacts to {entry.number} with {reaction}")


def restricted(effect: Restrict) -> list[Line]:
    """A penalty, in words."""
    how_long = f" for {span(effect.lasts)}" if effect.penalty is Penalty.TIMEOUT else ""
    reason = f": {effect.reason}" if effect.reason else ""
    return notice(f"Parley has {DEEDS[effect.penalty]} {effect.user_id}{how_long}{reason}")


def typed(who: str, line: str) -> list[Line]:
    """What a member typed to somebody other than the room."""
    return [Line(Text(_word(f"{who}: {line}"), "dim"), "  ", "    ")]


def notice(sentence: str) -> list[Line]:
    """A sentence of the console itself."""
    return [Line(Text(_word(sentence), "dim"), "· ", "  ", "dim")]


def mistake(sentence: str) -> list[Line]:
    """A sentence for whoever typed something that cannot be done."""
    return [Line(Text(_word(sentence), "yellow"), "! ", "  ", "yellow")]


def members(present: Iterable[Author]) -> list[Line]:
    """Who is here, and as what."""
    return notice(", ".join(f"{who.name} ({who.role.name.lower()})" for who in present))


def usage(verbs: Iterable[tuple[str, str]]) -> list[Line]:
    """What can be typed and what for, the one beside the other."""
    shown = [("any text", "say it"), *verbs]
    width = max(len(how) for how, _ in shown)
    rest = " " * (width + 4)
    return [Line(Text(why, "dim"), f"  {how:{width}}  ", rest, "bold") for how, why in shown]


def span(lasts: timedelta) -> str:
    """A duration as people say it, rounded up: 90 seconds are 2 minutes."""
    minutes = max(1, -int(-lasts.total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}" + ("" if minutes == size else "s")
    return f"{minutes} minutes"


def _framed(entry: Entry, view: View, body: list[Line], note: str = "") -> list[Line]:
    """The body under its number and name: beside it when it is one line, below when it is more."""
    head = _head(entry, view, note)
    if len(body) == 1 and not body[0].first:
        body = [Line(head.append(": ").append_text(body[0].text), rest="  ")]
    elif entry.who.is_bot:
        body = [Line(head), *_indented(body)]
    else:
        body = [Line(head.append(": ").append_text(body[0].text), rest="  "), *_indented(body[1:])]
    bar = "▌ " if entry.who.is_bot else "  "
    return [replace(line, first=bar + line.first, rest=bar + line.rest, style="cyan") for line in body]


def _indented(lines: list[Line]) -> list[Line]:
    return [replace(line, first="  " + line.first, rest="  " + line.rest) for line in lines]


def _head(entry: Entry, view: View, note: str) -> Text:
    """Number, room if it is another one, name, and who else cannot see it."""
    head = Text(f"{entry.number} ", "dim")
    if entry.where != view.where:
        head.append(f"#{_word(entry.where.channel)} ", "magenta")
    head.append(_word(entry.who.name), "not dim bold cyan" if entry.who.is_bot else "not dim bold")
    if entry.whisper_to:
        reader = "you see" if entry.whisper_to == view.who else f"{_word(entry.whisper_to)} sees"
        note += f" (only {reader} this)"
    return Text.assemble(head, (note, "dim"))


def _buttons(buttons: tuple[Button, ...]) -> list[Line]:
    if not buttons:
        return []
    return [Line(Text(" ".join(f"[{_word(button.label).lower()}]" for button in buttons), "bold"))]


def _marked(lines: list[Line], mark: str) -> list[Line]:
    """The lines with a remark behind the last one."""
    *others, last = lines
    return [*others, replace(last, text=Text.assemble(last.text, (mark, "dim")))]


def _clip(text: str) -> str:
    shown = safe(text[:SHOWN])
    return shown if len(text) <= SHOWN else f"{shown} (and {len(text) - SHOWN} characters more)"


def _word(text: str) -> str:
    """Safe, and on one line."""
    return " ".join(safe(text).split())
