"""Our CommonMark as Slack's rich text: what members wrote is shown in it as it is, for nothing in it is read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from connectors.slack.links import direct
from connectors.slack.reading import Json, mapping, objects, words

STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
RULE = "⎯⎯⎯"
MAX_INDENT = 5


def rich(text: str) -> list[Json]:
    """The elements of a `rich_text` block."""
    writer = _Writer()
    for token in _reader().parse(text):
        writer.take(token)
    return writer.done()


def shown(elements: Sequence[Json]) -> str:
    """What a reader sees of them, without formatting."""
    return "\n".join("".join(_words(element)).strip("\n") for element in elements)


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("strikethrough")


def _words(element: Json) -> Iterator[str]:
    kind, inner = element.get("type"), objects(element.get("elements"))
    if kind == "rich_text_list":
        yield "\n".join("• " + "".join(_words(item)) for item in inner)
    elif inner:
        for each in inner:
            yield from _words(each)
    else:
        yield words(element.get("text")) or words(element.get("url"))


@dataclass(slots=True)
class _Writer:
    """`lists` are those that are open, as (style, first number); `item` says that the next text begins one."""

    elements: list[dict[str, object]] = field(default_factory=list)
    lists: list[tuple[str, int]] = field(default_factory=list)
    quotes: int = 0
    heading: bool = False
    item: bool = False

    def take(self, token: Token) -> None:
        """One block token, in the order of the text."""
        match token.type:
            case "bullet_list_open":
                self.lists.append(("bullet", 1))
            case "ordered_list_open":
                self.lists.append(("ordered", int(token.attrGet("start") or 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.item = True
            case "blockquote_open":
                self.quotes += 1
            case "blockquote_close":
                self.quotes -= 1
            case _:
                self._text(token)

    def done(self) -> list[Json]:
        """All that was written."""
        return [*self.elements]

    def _text(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self.heading = True
            case "inline":
                self._put(_inline(token.children or [], {"bold": True} if self.heading else {}))
                self.heading = False
            case "fence" | "code_block":
                self._code(token.content.rstrip("\n"))
            case "html_block":
                self._put([_piece(token.content.rstrip("\n"), {})])
            case "hr":
                self._put([_piece(RULE, {})])
            case _:
                pass

    def _code(self, code: str) -> None:
        if code:
            self.elements.append({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code}]})
        self.item = False

    def _put(self, pieces: list[Json]) -> None:
        if not pieces:
            return
        if self.lists and not self.quotes:
            self._list(pieces)
            return
        lead = [_piece("• ", {})] if self.lists and self.item else []
        self.item = False
        self._append("rich_text_quote" if self.quotes else "rich_text_section", [*lead, *pieces])

    def _append(self, kind: str, pieces: list[Json]) -> None:
        """Paragraphs after each other are one element, or nothing would keep them apart."""
        last = self.elements[-1] if self.elements else {}
        if last.get("type") == kind:
            gap = "\n" if kind == "rich_text_quote" else "\n\n"
            last["elements"] = [*objects(last["elements"]), _piece(gap, {}), *pieces]
        else:
            self.elements.append({"type": kind, "elements": pieces})

    def _list(self, pieces: list[Json]) -> None:
        style, first = self.lists[-1]
        indent = min(len(self.lists) - 1, MAX_INDENT)
        last = self.elements[-1] if self.elements else {}
        same = (last.get("type"), last.get("style"), last.get("indent")) == ("rich_text_list", style, indent)
        section: Json = {"type": "rich_text_section", "elements": pieces}
        if same and not self.item:
            *before, open_ = objects(last["elements"])
            joined = [*objects(open_.get("elements")), _piece("\n", {}), *pieces]
            last["elements"] = [*before, {**open_, "elements": joined}]
        elif same:
            last["elements"] = [*objects(last["elements"]), section]
        else:
            offset = {"offset": first - 1} if style == "ordered" and first > 1 else {}
            self.elements.append(
                {"type": "rich_text_list", "style": style, "indent": indent, "elements": [section], **offset}
            )
        self.item = False


def _inline(tokens: Sequence[Token], base: Json) -> list[Json]:
    style, link = dict(base), ""
    pieces: list[Json] = []
    for token in tokens:
        name, _, end = token.type.partition("_")
        if name in STYLES:
            _switch(style, STYLES[name], on=end == "open", base=base)
        elif name == "link":
            link = str(token.attrGet("href") or "") if end == "open" else ""
        elif text := _said(token):
            pieces.append(_piece(text, {**style, **({"code": True} if name == "code" else {})}, link))
    return _joined(pieces)


def _switch(style: dict[str, object], name: str, *, on: bool, base: Json) -> None:
    if on:
        style[name] = True
    elif name not in base:
        style.pop(name, None)


def _said(token: Token) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return token.content or str(token.attrGet("src") or "")
        case _:
            return token.content


def _piece(text: str, style: Json, link: str = "") -> Json:
    styled = {"style": dict(style)} if style else {}
    link = direct(link)
    if not link:
        return {"type": "text", "text": text, **styled}
    if not _leads_out(link):
        return {"type": "text", "text": f"{text} ({link})", **styled}
    return {"type": "link", "url": link, "text": text, **styled}


def _leads_out(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return (parts.scheme in ("http", "https") and bool(parts.netloc)) or parts.scheme == "mailto"


def _joined(pieces: Sequence[Json]) -> list[Json]:
    """Neighbours that look alike are one piece, so that a text of many escapes stays small."""
    found: list[dict[str, object]] = []
    for piece in pieces:
        last = found[-1] if found else {}
        alike = all(last.get(key) == piece.get(key) for key in ("type", "url", "style"))
        if found and alike:
            last["text"] = words(last.get("text")) + words(piece.get("text"))
        else:
            found.append({**mapping(piece)})
    return [*found]
