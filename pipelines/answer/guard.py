"""Nothing leaves but words: a model's text, parsed and built again, without links, pings or pictures of its own making.

Holds for every prefix of a text as for the whole, so that it can be shown while it grows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.core.markdown import literal

MAX_TEXT: Final = 20_000
# Deeper structures are of no use to a reader.
MAX_DEPTH: Final = 12
_SPACED: Final = re.compile(r"(\s+)")
# What a client may take for a link: a scheme, an address of mail, or words with dots of which the last is of letters.
_SCHEME: Final = re.compile(
    r"(?:javascript|vbscript|data|mailto|tel|sms):|[a-z][a-z0-9+.\-]*:(?://|(?=[^\s\d\[]))", re.IGNORECASE
)
_HOST: Final = re.compile(r"[^\W_](?:[\w\-]*[^\W_])?(?:\.[\w\-]+)*\.[^\W\d_][\w\-]+", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?=[/:?])")
_DOTS: Final = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61\u2024", "."))
# Endings of file names that are top-level domains too: such a word is shown as code, which no client follows.
_FILES: Final = frozenset(["cc", "md", "ml", "pl", "ps", "py", "rs", "sh", "so", "ts", "zip"])
_AROUND: Final = "()[]{}<>\"'`*_.,;:!?|\u2026\u201c\u201d\u2018\u2019"


def guarded(text: str, allowed: Collection[str] = ()) -> str:
    """CommonMark that reads as the text did; only the URLs in `allowed`, verbatim, stay links."""
    clean = visible(text[:MAX_TEXT])
    root = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("strikethrough").parse(clean))
    return "\n\n".join(_blocks(root.children, frozenset(allowed), 0))


def growing(text: str, allowed: Collection[str] = ()) -> str:
    """The same for a text that is not whole: a last word that may become a link waits for its end."""
    *_, last = _SPACED.split(text)
    open_ended = any(sign in last for sign in ":.@<[/")
    return guarded(text[: len(text) - len(last)] if open_ended else text, allowed)


def visible(text: str) -> str:
    """Without what nobody sees: control characters, marks that turn the order, joints and half characters."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in _UNSEEN)


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def defanged(word: str) -> str:
    """The word so that no client makes a link of it; unchanged where none would."""
    plain = unicodedata.normalize("NFKC", word.translate(_DOTS)).translate(_DOTS)
    if not (_SCHEME.search(plain) or _HOST.search(plain) or _NUMBERS.search(plain)):
        return word
    broken = _SCHEME.sub(lambda scheme: f"{scheme[0].rstrip(':/')}[:]", plain)
    return _NUMBERS.sub(_bracketed, _HOST.sub(_bracketed, broken))


def _bracketed(host: re.Match[str]) -> str:
    return host[0].replace(".", "[.]")


def _blocks(nodes: Sequence[SyntaxTreeNode], allowed: frozenset[str], depth: int) -> list[str]:
    return [shown for node in nodes if (shown := _block(node, allowed, depth))] if depth < MAX_DEPTH else []


def _block(node: SyntaxTreeNode, allowed: frozenset[str], depth: int) -> str:
    match node.type:
        case "fence" | "code_block":
            shown = _fence(node.content, allowed)
        case "bullet_list" | "ordered_list":
            shown = _list(node, allowed, depth)
        case "blockquote":
            inner = "\n\n".join(_blocks(node.children, allowed, depth + 1))
            shown = _prefixed(inner, "> ", "> ") if inner else ""
        case "heading":
            words = " ".join(_inlines(node, allowed).split())
            shown = f"**{words.replace('**', '')}**" if words else ""
        case "hr" | "html_block":
            shown = _words(node.content.strip(), allowed)
        case _:
            shown = _inlines(node, allowed)
    return shown


def _list(node: SyntaxTreeNode, allowed: frozenset[str], depth: int) -> str:
    start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    items = []
    for number, item in enumerate(node.children, start):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        items.append(_prefixed("\n".join(_blocks(item.children, allowed, depth + 1)), mark, " " * len(mark)))
    return "\n".join(items)


def _prefixed(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(f"{rest if number else first}{line}".rstrip() for number, line in enumerate(lines))


def _fence(content: str, allowed: frozenset[str]) -> str:
    """Code as it is but for its links; its language is left out, for it is text that nobody sees."""
    ticks = "```"
    while ticks in content:
        ticks += "`"
    code = "".join(part if not part.strip() else _code_word(part, allowed) for part in _SPACED.split(content))
    return f"{ticks}\n{code.rstrip()}\n{ticks}"


def _code_word(word: str, allowed: frozenset[str]) -> str:
    if word.strip(_AROUND) in allowed:
        return word
    # Dots between words are what code is made of; only what leads somewhere is broken.
    leads = _SCHEME.search(word) or ("/" in word and _HOST.search(word)) or "www." in word.lower()
    return defanged(word) if leads else word


def _inlines(node: SyntaxTreeNode, allowed: frozenset[str]) -> str:
    return "".join(_inline(child, allowed) for child in node.children).strip()


def _inline(node: SyntaxTreeNode, allowed: frozenset[str]) -> str:
    match node.type:
        case "text" | "html_inline" | "image":
            shown = _words(node.content, allowed)
        case "softbreak" | "hardbreak":
            shown = "\n"
        case "code_inline":
            shown = _code(_code_word(node.content, allowed))
        case "strong" | "em" | "s":
            shown = _marked(node, allowed)
        case "link":
            shown = _link(node, allowed)
        case _:
            shown = "".join(_inline(child, allowed) for child in node.children)
    return shown


def _marked(node: SyntaxTreeNode, allowed: frozenset[str]) -> str:
    mark = {"strong": "**", "em": "*", "s": "~~"}[node.type]
    inner = "".join(_inline(child, allowed) for child in node.children)
    return f"{mark}{inner.strip()}{mark}" if inner.strip() else inner


def _link(node: SyntaxTreeNode, allowed: frozenset[str]) -> str:
    """An allowed link is shown with where it leads, so that its words cannot belie it."""
    href, words = str(node.attrs.get("href", "")), "".join(_inline(child, allowed) for child in node.children)
    if href not in allowed:
        return words
    shown = "".join(child.content for child in node.children)
    return _address(href) if shown == href else f"{words} ({_address(href)})"


def _address(url: str) -> str:
    return f"<{url}>"


def _words(text: str, allowed: frozenset[str]) -> str:
    return "".join(part if not part.strip() else _word(part, allowed) for part in _SPACED.split(text))


def _word(word: str, allowed: frozenset[str]) -> str:
    bare = word.strip(_AROUND)
    if bare in allowed:
        before, _, after = word.partition(bare)
        return f"{literal(before)}{_address(bare)}{literal(after)}"
    if _is_file(bare):
        before, _, after = word.partition(bare)
        return f"{literal(before)}{_code(bare)}{literal(after)}"
    return literal(defanged(word))


def _is_file(word: str) -> bool:
    name, _, ending = word.rpartition(".")
    return ending.lower() in _FILES and bool(re.fullmatch(r"[\w\-]+", name, re.ASCII))


def _code(text: str) -> str:
    words = " ".join(text.split())
    ticks = "`"
    while ticks in words:
        ticks += "`"
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{pad}{words}{pad}{ticks}" if words else ""
