"""What later events refer to: who said a message, in which thread, and the buttons on our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.effect import Button
from connectors.matrix.reading import Json, ident, mapping

BUTTONS = "dev.parley.buttons"
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A message that others refer to. `buttons` maps a bare symbol to a button's id."""

    sender: str
    thread: str = ""
    buttons: Mapping[str, str] = field(default_factory=dict)


def bare(symbol: str) -> str:
    """The symbol without the mark that some clients append to choose its coloured shape."""
    return symbol.replace("\ufe0f", "")


def labelled(buttons: tuple[Button, ...]) -> dict[str, str]:
    """Buttons as they travel in a message."""
    return {bare(button.symbol): button.id for button in buttons}


def origin_of(event: Json, me: str) -> Origin:
    """What to remember of a message as the server tells it, with the server's word on its latest edit.

    Only our own messages have buttons: anyone can write the key into theirs.
    """
    sender = ident(event.get("sender"))
    content = mapping(event.get("content"))
    relation = mapping(content.get("m.relates_to"))
    thread = ident(relation.get("event_id")) if relation.get("rel_type") == "m.thread" else ""
    if sender != me:
        return Origin(sender=sender, thread=thread)
    latest = latest_edit(event)
    standing = mapping(mapping(latest.get("content")).get("m.new_content")) if latest else content
    return Origin(sender=sender, thread=thread, buttons=buttons_in(standing))


def latest_edit(event: Json) -> Json:
    """The edit that the server says is the latest, an empty object when there is none."""
    return mapping(mapping(mapping(event.get("unsigned")).get("m.relations")).get("m.replace"))


def with_edit(event: Json, edit: Json) -> Json:
    """The event with that as its latest edit."""
    return {**event, "unsigned": {"m.relations": {"m.replace": edit}}}


def buttons_in(content: Json) -> dict[str, str]:
    """The buttons a message of ours carries."""
    pairs = mapping(content.get(BUTTONS)).items()
    return {bare(ident(symbol)): ident(button) for symbol, button in pairs if ident(symbol) and ident(button)}


class Memory:
    """The most recent origins by event id; the oldest are forgotten, the server still knows them."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._origins: dict[str, Origin] = {}

    def get(self, event_id: str) -> Origin | None:
        """What is remembered of a message."""
        return self._origins.get(event_id)

    def keep(self, event_id: str, origin: Origin) -> None:
        """Remember, in place of what was known."""
        self._origins.pop(event_id, None)
        self._origins[event_id] = origin
        while len(self._origins) > self._limit:
            del self._origins[next(iter(self._origins))]

    def hear(self, event: Json, me: str) -> None:
        """Learn from a message as it comes by; an edit of ours brings its buttons."""
        event_id = ident(event.get("event_id"))
        content = mapping(event.get("content"))
        relation = mapping(content.get("m.relates_to"))
        if relation.get("rel_type") == "m.replace":
            self._edited(event, ident(relation.get("event_id")), me)
        elif event_id and event_id not in self._origins and "state_key" not in event:
            self.keep(event_id, origin_of(event, me))

    def _edited(self, event: Json, original_id: str, me: str) -> None:
        known = self._origins.get(original_id)
        if known and event.get("sender") == known.sender == me:
            buttons = buttons_in(mapping(mapping(event.get("content")).get("m.new_content")))
            self.keep(original_id, Origin(sender=me, thread=known.thread, buttons=buttons))
