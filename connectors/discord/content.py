"""Every text in a message that some client shows to somebody."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.event import Attachment, Surface, SurfaceKind
from bot.core.surface import legible, surfaces
from connectors.discord.reading import Json, mapping, objects, snowflake, whole, words

MAX_SNAPSHOTS = 10
MAX_COMPONENTS = 200
MAX_NAME = 255
Text = tuple[SurfaceKind, object]


def readable(message: Json) -> tuple[Surface, ...]:
    """The surfaces of a message and of those it forwards."""
    forwarded = [mapping(each.get("message")) for each in objects(message.get("message_snapshots"))[:MAX_SNAPSHOTS]]
    return surfaces(*(text for each in (message, *forwarded) for text in _texts(each)))


def called_on(message: Json) -> int:
    """How many members and roles a message calls on, everybody counting as one."""
    named = [each for key in ("mentions", "mention_roles") if isinstance(each := message.get(key), list)]
    return sum(map(len, named)) + (message.get("mention_everyone") is True)


def attached(message: Json) -> tuple[Attachment, ...]:
    """The files that came with it."""
    return tuple(
        Attachment(
            id=snowflake(each.get("id")),
            name=legible(each.get("filename"))[:MAX_NAME],
            media_type=words(each.get("content_type"))[:MAX_NAME],
            size=max(whole(each.get("size")), 0),
        )
        for each in objects(message.get("attachments"))
    )


def _texts(message: Json) -> Iterator[Text]:
    yield SurfaceKind.BODY, message.get("content")
    yield from _poll(mapping(message.get("poll")))
    for embed in objects(message.get("embeds")):
        yield from ((SurfaceKind.EMBED, text) for text in _embed(embed))
    for file in objects(message.get("attachments")):
        yield SurfaceKind.FILE, file.get("title") or file.get("filename")
        yield SurfaceKind.FILE, file.get("filename")
        yield SurfaceKind.ALT, file.get("description")
    for sticker in objects(message.get("sticker_items")):
        yield SurfaceKind.ALT, sticker.get("name")
    yield from ((SurfaceKind.EMBED, text) for text in _components(message.get("components")))


def _poll(poll: Json) -> Iterator[Text]:
    yield SurfaceKind.POLL, mapping(poll.get("question")).get("text")
    for answer in objects(poll.get("answers")):
        yield SurfaceKind.POLL, mapping(answer.get("poll_media")).get("text")


def _embed(embed: Json) -> Iterator[object]:
    yield from (embed.get(key) for key in ("title", "description"))
    for part, key in (("author", "name"), ("footer", "text"), ("provider", "name")):
        yield mapping(embed.get(part)).get(key)
    for field in objects(embed.get("fields")):
        yield from (field.get("name"), field.get("value"))


def _components(components: object) -> Iterator[object]:
    """Text displays, labels of buttons and what selects offer, however they are nested."""
    waiting = objects(components)[::-1]
    for _ in range(MAX_COMPONENTS):
        if not waiting:
            return
        component = waiting.pop()
        yield from (component.get(key) for key in ("content", "label", "placeholder", "description"))
        accessory = [mapping(component.get("accessory"))] if "accessory" in component else []
        nested = (*objects(component.get("components")), *accessory, *objects(component.get("items")))
        waiting.extend(reversed((*nested, *objects(component.get("options")))))
