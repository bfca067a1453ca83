"""CommonMark for a terminal: bold, quotes, lists and code, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.text import Text

# C0 without tab and newline, DEL, C1, lone surrogates, and the marks that reorder text or break lines.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SPANS = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}


def safe(text: str) -> str:
    """The text without anything a terminal would obey; tabs are four spaces."""
    return UNSAFE.sub("", text).replace("\t", "    ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what stands before it, before what wraps, and in which style these margins are."""

    text: Text
    first: str = ""
    rest: str = ""
    style: str = ""


def markdown(text: str) -> list[Line]:
    """The lines a reader sees; HTML is shown as it was written."""
    page = _Page()
    for token in MarkdownIt("commonmark", {"html": False}).enable("strikethrough").parse(text):
        page.read(token)
    return page.lines


@dataclass(slots=True)
class _Margin:
    """What a list item or a quote puts before its first line, and before the others."""

    first: str
    rest: str


@dataclass(slots=True)
class _Page:
    """The lines so far, the margins of the blocks that are open, and the line of the source at which we are."""

    lines: list[Line] = field(default_factory=list)
    margins: list[_Margin] = field(default_factory=list)
    style: str = ""
    end: int = 0

    def read(self, token: Token) -> None:
        if token.level == 0 and token.map and self.lines and token.map[0] > self.end:
            self.lines.append(Line(Text()))
        match token.type:
            case "blockquote_open":
                self.margins.append(_Margin("│ ", "│ "))
            case "list_item_open":
                bullet = f"{token.info}{token.markup} " if token.info else "• "
                self.margins.append(_Margin(bullet, " " * len(bullet)))
            case "blockquote_close" | "list_item_close":
                self.margins.pop()
            case "heading_open" | "heading_close":
                self.style = "bold" if token.nesting > 0 else ""
            case "inline" | "fence" | "code_block" | "hr":
                self._write(token)

    def _write(self, token: Token) -> None:
        # Only a leaf knows where it ends: a list counts the blank lines behind it as its own.
        self.end = token.map[1] if token.map else self.end
        for text in _texts(token, self.style):
            first = "".join(margin.first for margin in self.margins)
            rest = "".join(margin.rest for margin in self.margins)
            self.lines.append(Line(text, first, rest))
            self.margins = [_Margin(margin.rest, margin.rest) for margin in self.margins]


def _texts(token: Token, style: str) -> list[Text]:
    match token.type:
        case "inline":
            return _inline(token.children or [], style)
        case "hr":
            return [Text("───", "dim")]
        case _:
            return [Text(line, "cyan") for line in safe(token.content).rstrip("\n").split("\n")]


def _inline(tokens: list[Token], style: str) -> list[Text]:
    text = Text(style=style)
    open_spans: list[str] = []
    links: list[str] = []
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if edge == "open":
            open_spans.append(SPANS[name])
            links.append(str(token.attrGet("href") or ""))
        elif edge == "close":
            open_spans.pop()
            text.append(_target(links.pop(), text.plain), "dim")
        else:
            text.append(_leaf(token), " ".join([*open_spans, *(["cyan"] if token.type == "code_inline" else [])]))
    return list(text.split("\n", allow_blank=True))


def _leaf(token: Token) -> str:
    return "\n" if token.type.endswith("break") else safe(token.content)


def _target(href: str, shown: str) -> str:
    """Where a link leads, unless its text says so: nobody should be led astray."""
    return "" if not href or shown.endswith(safe(href)) else f" ({safe(href)})"
