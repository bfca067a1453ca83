"""What we say, as Matrix events: pure. Nothing in it can ping anybody or fetch anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias, assert_never
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from typing_extensions import override

from bot.core.effect import Button, ClosePoll, Edit, OpenPoll, OpenThread, Post, React
from bot.core.surface import legible
from connectors.matrix import polls
from connectors.matrix.memory import BUTTONS, labelled
from connectors.matrix.reading import encode

Content: TypeAlias = dict[str, object]
Said: TypeAlias = Post | Edit | React | OpenThread | OpenPoll | ClosePoll

# Twice the text, once as HTML, must fit into one event.
MAX_TEXT = 8_000
MAX_BUTTONS = 6
MAX_TITLE = 200
# Where a paragraph outside lists and quotes has its words.
TOP_LEVEL = 1
# An event may weigh 65,536 bytes with what the server adds to it.
MAX_CONTENT_BYTES = 60_000
# Clients that know edits never show the fallback.
FALLBACK_CHARS = 200
HTML = "org.matrix.custom.html"
LIVE = "org.matrix.msc4357.live"
# Unseen between the sign and the word, it keeps older clients from waking the whole room.
_ROOM_PING = re.compile(r"@(?=room)", re.IGNORECASE)


class _Markdown(MarkdownIt):
    """CommonMark without HTML and images, links over http(s) only, and none that clients show as a mention."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.disable("image")

    @override
    def validateLink(self, url: str) -> bool:  # the library's name
        """Whether the link may be followed."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if parts.hostname == "matrix.to":
            # Clients show links to members as mentions; links to rooms and what was said in them are only links.
            return parts.fragment.startswith("/!")
        return parts.scheme in ("http", "https") and bool(parts.hostname)


_MARKDOWN = _Markdown()


def render(effect: Said) -> tuple[str, Content]:
    """The event type and content that say it."""
    match effect:
        case Post():
            content = _message(effect.text, effect.buttons)
            return "m.room.message", _related(content, effect.to.thread, effect.reply_to)
        case Edit():
            return "m.room.message", _edit(effect)
        case OpenThread():
            content = _message(f"**{effect.title[:MAX_TITLE]}**", ())
            return "m.room.message", _related(content, effect.message_id, "")
        case React():
            return "m.reaction", reaction(effect.message_id, effect.reaction)
        case OpenPoll():
            return polls.START, _related(polls.start(effect), effect.to.thread, "")
        case ClosePoll():
            return polls.END, polls.end(effect)
        case _:
            assert_never(effect)


def live(content: Content) -> Content:
    """The message as one that still grows."""
    standing = content.get("m.new_content")
    marked: Content = {**content, LIVE: {}}
    return {**marked, "m.new_content": {**standing, LIVE: {}}} if isinstance(standing, dict) else marked


def reaction(message_id: str, symbol: str) -> Content:
    """The content of a reaction."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": message_id, "key": legible(symbol)[:255]}}


def _message(text: str, buttons: tuple[Button, ...]) -> Content:
    shown = _ROOM_PING.sub("@\u2060", legible(text))
    if buttons:
        shown += "\n\n" + " · ".join(f"{button.symbol} {legible(button.label)}" for button in buttons)
    tokens = _MARKDOWN.parse(shown)
    content: Content = {"msgtype": "m.notice", "body": _plain(tokens), "m.mentions": {}}
    if buttons:
        content[BUTTONS] = labelled(buttons)
    formatted = content | {
        "format": HTML,
        "formatted_body": _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}).strip(),
    }
    return formatted if len(encode(formatted)) <= MAX_CONTENT_BYTES else content


def _plain(tokens: Sequence[Token]) -> str:
    """What the text reads like where no HTML is shown: in notifications, and in terminals."""
    lines: list[str] = []
    marks: list[str] = []
    for token in tokens:
        match token.type:
            case "blockquote_open":
                marks.append("> ")
            case "list_item_open":
                marks.append(f"{token.info}. " if token.info else "• ")
            case "blockquote_close" | "list_item_close":
                marks.pop()
            case "inline":
                lines += [*([""] if _apart(token, lines) else []), *_marked(_words(token.children or []), marks)]
            case "fence" | "code_block":
                lines += _marked(token.content.rstrip("\n"), marks)
    return "\n".join(lines)


def _apart(token: Token, lines: Sequence[str]) -> bool:
    """Paragraphs stand apart; the lines of lists and quotes do not."""
    return bool(lines) and token.level <= TOP_LEVEL


def _marked(text: str, marks: Sequence[str]) -> list[str]:
    first, *rest = text.split("\n")
    indent = "".join(mark if mark == "> " else " " * len(mark) for mark in marks)
    return ["".join(marks) + first, *(indent + line for line in rest)]


def _words(tokens: Sequence[Token]) -> str:
    """Text with the targets of links behind their words."""
    words: list[str] = []
    for number, token in enumerate(tokens):
        match token.type:
            case "text" | "code_inline":
                words.append(token.content)
            case "softbreak" | "hardbreak":
                words.append("\n")
            case "link_close":
                opening = next(t for t in reversed(tokens[:number]) if t.type == "link_open")
                target = str(opening.attrs["href"])
                words += [] if words and words[-1] == target else [f" ({target})"]
    return "".join(words)


def _edit(edit: Edit) -> Content:
    content = _message(edit.text, edit.buttons)
    return {
        "msgtype": "m.notice",
        "body": f"* {content['body']}"[:FALLBACK_CHARS],
        "m.mentions": {},
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": edit.message_id},
    }


def _related(content: Content, thread: str, reply_to: str) -> Content:
    reply: Content = {"m.in_reply_to": {"event_id": reply_to or thread}}
    if thread:
        relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": not reply_to, **reply}
        return content | {"m.relates_to": relation}
    return content | {"m.relates_to": reply} if reply_to else content
