"""Commands, presses, menus and forms: what must be opened at once, and the event in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.core.address import Address
from bot.core.command import Command
from bot.core.event import Author, ButtonPressed, CommandGiven, Event, Reported
from connectors.slack import forms
from connectors.slack.commands import pointed, typed
from connectors.slack.cookie import Cookie
from connectors.slack.forms import Purpose
from connectors.slack.reading import Json, ident, mapping, message_id, moment, objects, stamp, stamped, words
from connectors.slack.view import View, thread_of


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction: who it is from, and where it happened."""

    body: Json
    view: View

    @property
    def user(self) -> str:
        """The id of whoever did it."""
        return ident(mapping(self.body.get("user")).get("id")) or ident(self.body.get("user_id"))

    @property
    def who(self) -> Author:
        """Whoever did it."""
        return self.view.author(self.user)

    @property
    def channel(self) -> str:
        """Where it was done; '' for what is done on a page."""
        container = mapping(self.body.get("container"))
        told = mapping(self.body.get("channel")).get("id"), container.get("channel_id"), self.body.get("channel_id")
        return next(filter(None, map(ident, told)), "")

    @property
    def message(self) -> str:
        """The time of the message it hangs on."""
        container, message = mapping(self.body.get("container")), mapping(self.body.get("message"))
        told = container.get("message_ts"), self.body.get("message_ts"), message.get("ts")
        return next(filter(None, map(stamp, told)), "")

    @property
    def thread(self) -> str:
        """The thread that message is in."""
        return thread_of({"ts": self.message, **mapping(self.body.get("message"))})

    @property
    def where(self) -> Address:
        """The place of the message."""
        return self.view.place(self.channel, self.thread)

    @property
    def action(self) -> Json:
        """What was pressed."""
        return next(iter(objects(self.body.get("actions"))), {})

    def purpose(self, button: str = "") -> Purpose:
        """What a form about it is for."""
        url = words(self.body.get("response_url"))
        return Purpose(channel=self.channel, message=self.message, thread=self.thread, button=button, url=url)

    def cookie(self, url: str) -> str:
        """How to answer it."""
        return str(Cookie(self.user, stamped(self.view.now), url)) if url else ""

    def id(self, kind: str, told: str) -> str:
        """What names the event; `told` is the payload's own name for it."""
        return f"{self.view.memory.team}:{kind}:{told}" if told else ""


def form(body: Json, view: View) -> Json | None:
    """What must be opened while whoever asked still waits; None where nothing is asked for."""
    asked = Asked(body, view)
    match body.get("type"):
        case "message_action" if body.get("callback_id") == forms.REPORTING:
            return forms.report_form(asked.purpose())
        case "message_action":
            found = forms.pointing(view.commands).get(words(body.get("callback_id")))
            return forms.menu_form(asked.purpose(), found[1]) if found and found[1].asks else None
        case "block_actions" if asks := words(asked.action.get("value")):
            button = words(asked.action.get("action_id"))
            label = forms.label_of(mapping(body.get("message")), button)
            return forms.press_form(asked.purpose(button), label, asks)
        case _:
            return None


def interaction(body: Json, view: View, *, opened: bool = True) -> list[Event]:
    """The event in an interaction: none in one that `opened` a form, which will be one when it comes back."""
    asked = Asked(body, view)
    read = READERS.get("command" if "command" in body else words(body.get("type")))
    if read is None or not asked.user or (opened and form(body, view)):
        return []
    event = read(asked)
    return [event] if event and event.id else []


def _command(asked: Asked) -> Event | None:
    given = typed(words(asked.body.get("text")), asked.view.commands)
    event_id = asked.id("command", words(asked.body.get("trigger_id")))
    return _given(asked, given, event_id, asked.cookie(words(asked.body.get("response_url"))))


def _given(asked: Asked, command: Command, event_id: str, cookie: str, purpose: Purpose | None = None) -> CommandGiven:
    where = asked.view.place(purpose.channel, purpose.thread) if purpose else asked.where
    return CommandGiven(
        id=event_id,
        at=asked.view.now,
        where=where,
        who=asked.who,
        cookie=cookie,
        name=command.name,
        options=command.options,
        problem=command.problem,
        message_id=message_id(purpose.channel, purpose.message) if purpose else "",
    )


def _pressed(asked: Asked) -> Event | None:
    action = asked.action
    button, at = words(action.get("action_id")), stamp(action.get("action_ts"))
    if not button or not asked.channel or not asked.message:
        return None
    told = f"{message_id(asked.channel, asked.message)}+{asked.user}+{button}@{at}"
    return replace(_press(asked, asked.purpose(button), asked.id("press", told)), at=moment(at))


def _press(asked: Asked, purpose: Purpose, event_id: str, text: str = "") -> ButtonPressed:
    return ButtonPressed(
        id=event_id,
        at=asked.view.now,
        where=asked.view.place(purpose.channel, purpose.thread),
        who=asked.who,
        cookie=asked.cookie(purpose.url),
        message_id=message_id(purpose.channel, purpose.message),
        button_id=purpose.button,
        text=text,
    )


def _menu(asked: Asked) -> Event | None:
    event_id = asked.id("menu", words(asked.body.get("trigger_id")))
    return _pointed(asked, words(asked.body.get("callback_id")), asked.purpose(), event_id, "")


def _pointed(asked: Asked, callback: str, purpose: Purpose, event_id: str, text: str) -> Event | None:
    """What is pointed at is reported, or a command is given about it."""
    about = message_id(purpose.channel, purpose.message)
    cookie = asked.cookie(purpose.url)
    if callback == forms.REPORTING and about:
        where = asked.view.place(purpose.channel, purpose.thread)
        return Reported(
            id=event_id, at=asked.view.now, where=where, who=asked.who, cookie=cookie, message_id=about, reason=text
        )
    found = forms.pointing(asked.view.commands).get(callback)
    if found is None or not about:
        return None
    spec, menu = found
    command = pointed(spec, menu.option, about, (menu.answer, text))
    return _given(asked, command, event_id, cookie, purpose)


def _filled_in(asked: Asked) -> Event | None:
    view = mapping(asked.body.get("view"))
    purpose, callback, text = forms.purpose_of(view), words(view.get("callback_id")), forms.written(view)
    event_id = asked.id("form", ident(view.get("id")))
    if purpose is None:
        return None
    if callback == forms.PRESSING:
        return _press(asked, purpose, event_id, text) if purpose.button else None
    return _pointed(asked, callback, purpose, event_id, text)


READERS: dict[str, Callable[[Asked], Event | None]] = {
    "command": _command,
    "block_actions": _pressed,
    "message_action": _menu,
    "view_submission": _filled_in,
}
