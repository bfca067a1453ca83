"""Every text in a message that some client shows to somebody."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.event import Attachment, Surface, SurfaceKind
from bot.core.surface import legible, surfaces
from connectors.slack.markup import Names, hidden_links, plain
from connectors.slack.reading import Json, objects, whole, words

# What the platform itself writes about a channel. A subtype that is not listed is somebody speaking.
_NOTICES = frozenset(
    {
        "bot_add",
        "bot_remove",
        "bot_enable",
        "bot_disable",
        "pinned_item",
        "unpinned_item",
        "reminder_add",
        "reminder_delete",
        "tombstone",
        "huddle_thread",
        "sh_room_created",
        "sh_room_shared",
        "app_conversation_join",
        "app_conversation_leave",
    }
)
_NOTICE_PREFIXES = ("channel_", "group_")
_SHOWN_IN_BLOCKS = frozenset({"text", "alt_text"})
MAX_NAME = 255


def spoken(subtype: str) -> bool:
    """Whether a message of that kind is somebody speaking."""
    return subtype not in _NOTICES and not subtype.startswith(_NOTICE_PREFIXES)


def readable(message: Json, names: Names) -> tuple[Surface, ...]:
    """The surfaces of a message; blocks count where they show what its text does not."""
    body = plain(words(message.get("text")), names)
    embedded = [shown for shown in _texts_in_blocks(message.get("blocks")) if not _repeats(shown, body, names)]
    for attachment in objects(message.get("attachments")):
        embedded += _attached(attachment)
    files = [file.get(key) for file in _files(message) for key in ("title", "name", "preview")]
    alt = [file.get("alt_txt") for file in _files(message)]
    return surfaces(
        (SurfaceKind.BODY, body),
        (SurfaceKind.FORMATTED, hidden_links(words(message.get("text")))),
        *((SurfaceKind.EMBED, plain(shown, names)) for shown in embedded),
        *((SurfaceKind.FILE, shown) for shown in files),
        *((SurfaceKind.ALT, shown) for shown in alt),
    )


def attached(message: Json) -> tuple[Attachment, ...]:
    """The files that came with it."""
    return tuple(
        Attachment(
            id=legible(file.get("id"))[:MAX_NAME],
            name=legible(file.get("name"))[:MAX_NAME],
            media_type=legible(file.get("mimetype"))[:MAX_NAME],
            size=max(whole(file.get("size")), 0),
        )
        for file in _files(message)
    )


def _repeats(shown: str, body: str, names: Names) -> bool:
    """Blocks of members hold plain text, those of apps mrkdwn."""
    return shown.strip() in body or plain(shown, names).strip() in body


def _attached(attachment: Json) -> Iterator[str]:
    """What an attachment shows; its fallback stands in where nothing else can be shown."""
    shown = [legible(attachment.get(key)) for key in ("pretext", "author_name", "title", "text", "footer")]
    for field_ in objects(attachment.get("fields")):
        shown += [legible(field_.get("title")), legible(field_.get("value"))]
    yield from filter(None, shown)
    if not any(shown):
        yield legible(attachment.get("fallback"))
    yield from _texts_in_blocks(attachment.get("blocks"))
    yield from _texts_in_blocks(attachment.get("message_blocks"))


def _texts_in_blocks(blocks: object) -> list[str]:
    """Every text in layout blocks in reading order; a stack, because blocks nest deeper than Python recurses."""
    found: list[str] = []
    waiting = [blocks]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, dict):
            found += [legible(text) for key, text in item.items() if key in _SHOWN_IN_BLOCKS and isinstance(text, str)]
            waiting += reversed([value for value in item.values() if isinstance(value, dict | list)])
    return found


def _files(message: Json) -> list[Json]:
    """Exports before 2018 have one `file` instead of `files`."""
    return objects(message.get("files")) or objects([message.get("file")])
