"""What is shown: everything people say and Parley does, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from rich.text import Text

from bot.core.address import Address
from bot.core.effect import Button, Penalty, Restrict
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


def posted(entry: Entry, view: View, note: str = "") -> list[Line]:
    """A message with its buttons; `note` stands behind the name."""
    body = (
        markdown(_clip(entry.text))
        if entry.who.is_bot
        else [Line(Text(line)) for line in _clip(entry.text).split("\n")]
    )
    return _framed(entry, _head(entry, view, note), [*body, *_buttons(entry.buttons)])


def edited(entry: Entry, before: str, view: View) -> list[Line]:
    """A message that reads differently from `before`; of an answer that grows, only what is new."""
    if before and entry.who.is_bot and entry.text.startswith(before):
        head = Text(f"{entry.number} …", "dim")
        return _framed(entry, head, [*markdown(_clip(entry.text[len(before) :])), *_buttons(entry.buttons)], join=" ")
    return posted(entry, view, "edited")


def removed(entry: Entry, view: View, reason: str = "") -> list[Line]:
    """A message that is gone, struck through for those who saw it."""
    note = f"removed: {_word(reason).rstrip('.')}" if reason else "removed"
    return _framed(entry, _head(entry, view, note), [Line(Text(_word(entry.text), "strike"))])


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
    return notice(", ".join(f"{who.name} ({who.role.name.lower()})" for who in present) or "Nobody is here.")


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


def _framed(entry: Entry, head: Text, body: list[Line], join: str = ": ") -> list[Line]:
    """The body beside its head, or below when Parley says more than a line."""
    first, *others = body or [Line(Text())]
    if first.first or (others and entry.who.is_bot):
        lines = [Line(head), *_indented(body)]
    else:
        lines = [Line(Text.assemble(head, join, first.text), rest="  "), *_indented(others)]
    bar = "▌ " if entry.who.is_bot else "  "
    return [replace(line, first=bar + line.first, rest=bar + line.rest, style="cyan") for line in lines]


def _indented(lines: list[Line]) -> list[Line]:
    return [replace(line, first="  " + line.first, rest="  " + line.rest) for line in lines]


def _head(entry: Entry, view: View, note: str) -> Text:
    """Number, room if it is another one, name, and what is special about the message."""
    head = Text.assemble((f"{entry.number} ", "dim"))
    if entry.where != view.where:
        head.append(f"#{_word(entry.where.channel)} ", "magenta")
    head.append(_word(entry.who.name), "bold cyan" if entry.who.is_bot else "bold")
    for remark in (note, _readers(entry, view)):
        head.append(f" ({remark})" if remark else "", "dim")
    return head


def _readers(entry: Entry, view: View) -> str:
    if entry.whisper_to == view.who:
        return "only you see this"
    return f"only {_word(entry.whisper_to)} sees this" if entry.whisper_to else ""


def _buttons(buttons: tuple[Button, ...]) -> list[Line]:
    if not buttons:
        return []
    return [Line(Text(" ".join(f"[{_word(button.label).lower()}]" for button in buttons), "bold"))]


def _clip(text: str) -> str:
    shown = safe(text[:SHOWN])
    return shown if len(text) <= SHOWN else f"{shown} (and {len(text) - SHOWN} characters more)"


def _word(text: str) -> str:
    """Safe, not endless, and on one line."""
    return " ".join(_clip(text).split())
