"""Every text in a message that some client shows to somebody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from bot.core.event import Attachment, Surface, SurfaceKind
from bot.core.surface import clip, legible, surfaces
from connectors.matrix.reading import Json, ident, mapping, objects, strings, whole

POLL_STARTS = ("org.matrix.msc3381.poll.start", "m.poll.start", "m.poll")

_SHOWN = {
    "body": SurfaceKind.BODY,
    "org.matrix.msc1767.text": SurfaceKind.BODY,
    "org.matrix.msc1767.message": SurfaceKind.BODY,
    "org.matrix.msc1767.caption": SurfaceKind.BODY,
    "m.text": SurfaceKind.BODY,
    "m.caption": SurfaceKind.BODY,
    "filename": SurfaceKind.FILE,
    "org.matrix.msc3488.location": SurfaceKind.EMBED,
    "m.location": SurfaceKind.EMBED,
    "com.beeper.linkpreviews": SurfaceKind.EMBED,
}
_HTML = ("formatted_body", "org.matrix.msc1767.html", "m.html")
# A browser takes "<" for a tag only before these; "<3" is shown.
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
_HIDDEN = re.compile(r"""(?:alt|title|href|data-mx-spoiler)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_BLOCK = re.compile(r"p|div|br|hr|li|[uo]l|t[rdh]|table|thead|tbody|caption|blockquote|pre|details|summary|h[1-6]")
_INLINE = re.compile(r"font|del|a|su[pb]|b|i|u|strong|em|s|strike|code|span|img|mx-reply")


def readable(content: Json) -> tuple[Surface, ...]:
    """What readers can see, the text as it stands first: an edit's new content comes before its fallback."""
    standing = mapping(content.get("m.new_content"))
    return surfaces(*_texts(standing), *_texts(content))


def attached(content: Json) -> tuple[Attachment, ...]:
    """The file of a message."""
    standing = mapping(content.get("m.new_content")) or content
    url = ident(standing.get("url")) or ident(mapping(standing.get("file")).get("url"))
    if not url:
        return ()
    info = mapping(standing.get("info"))
    name = legible(standing.get("filename") or standing.get("body"))[:255]
    return (Attachment(id=url, name=name, media_type=ident(info.get("mimetype")), size=whole(info.get("size"), 0)),)


def _texts(content: Json) -> Iterator[tuple[SurfaceKind, str]]:
    for key, kind in _SHOWN.items():
        yield from ((kind, text) for text in strings(content.get(key)))
    for key in _HTML:
        for text in strings(content.get(key)):
            yield from _html(clip(text))
    for key in POLL_STARTS:
        yield from ((SurfaceKind.POLL, text) for text in _poll(mapping(content.get(key))))


def _poll(poll: Json) -> Iterator[str]:
    yield from strings(poll.get("question"))
    for answer in objects(poll.get("answers")):
        yield from strings({key: value for key, value in answer.items() if key not in ("id", "m.id")})


def _html(text: str) -> Iterator[tuple[SurfaceKind, str]]:
    """As a browser shows it; then what tags hide: targets, alternative texts, comments, unknown names."""
    yield SurfaceKind.FORMATTED, html.unescape(_TAG.sub(_gap, text)).strip()
    hidden = [found for tag in dict.fromkeys(_TAG.findall(text)) for found in _inside(tag)]
    yield SurfaceKind.ALT, html.unescape("\n".join(dict.fromkeys(hidden)))


def _gap(tag: re.Match[str]) -> str:
    return "\n" if _is_block(_name(tag.group())) else ""


def _inside(tag: str) -> list[str]:
    name = _name(tag)
    if _is_block(name) or _INLINE.fullmatch(name):
        return [value.strip("\"'") for value in _HIDDEN.findall(tag)]
    return [tag.strip("<>!/-? ")]


@lru_cache(maxsize=256)
def _is_block(name: str) -> bool:
    return _BLOCK.fullmatch(name) is not None


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1].lower() if found else ""
