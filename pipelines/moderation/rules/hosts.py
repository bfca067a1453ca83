"""Links as a browser will follow them: whatever they are written like, to which host they lead."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bot.core.evidence import Span
from pipelines.moderation.lookalikes import LOOKALIKES
from pipelines.moderation.trace import Trace

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Bounded, so that no text takes long; the last label is letters, or what punycode makes of them.
_LINK: Final = re.compile(
    r"(?:https?://[^\s<>|\"]{1,2000})"
    r"|(?<![\w@./-])(?:[^\W_][\w-]{0,62}(?:\.|%2e)){1,6}(?:xn--[a-z0-9-]{2,50}|[^\W\d_]{2,24})(?![\w-])(?:[/?#][^\s<>|\"]{0,2000})?",
    re.IGNORECASE,
)
# So many different links are looked at in one text: more are nobody's reading, and each takes its time.
MOST_LINKS: Final = 200
_TRAIL: Final = ".,;:!?'\")]}*_~"
_AUTHORITY: Final = re.compile(r"^(?:https?:)?(?://)?([^/?#\\]*)(.*)$", re.IGNORECASE | re.DOTALL)
# What a reader skips: soft hyphens, joiners, marks of direction.
_UNSEEN: Final = dict.fromkeys(
    (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_DOTS: Final = dict.fromkeys((0x3002, 0xFF0E, 0xFF61), ".")
_TWINS: Final = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("3", "e"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`host` in lower case and Unicode, `rest` what follows it, `span` where it is written.

    `maybe` says that it may as well be the name of a file, or two sentences without a space between them.
    """

    host: str
    rest: str
    written: str
    span: Span
    maybe: bool = False

    @property
    def site(self) -> str:
        """The domain that somebody registered, the host itself where there is none."""
        return site(self.host)


def links_in(text: str, surface: int = 0) -> Iterator[Link]:
    """The first `MOST_LINKS` links of a text; without a scheme its last part has to be a domain that exists."""
    if "." not in text.translate(_DOTS) and "%2e" not in text.lower():
        return
    traced = _readable(text)
    known_links: set[str] = set()
    for found in _LINK.finditer(traced.text if traced else text):
        written = found[0].rstrip(_TRAIL)
        if written in known_links:
            continue
        known_links.add(written)
        if len(known_links) > MOST_LINKS:
            return
        place = found.start(), found.start() + len(written)
        start, end = traced.span(*place) if traced else place
        if link := _link(written, Span(surface=surface, start=start, end=end)):
            yield link


def _readable(text: str) -> Trace | None:
    """The text as its reader's eyes and browser take it; None if that is how it is written."""
    return None if text.isascii() else Trace.of(text).translate(_UNSEEN | _DOTS)


def _link(written: str, span: Span) -> Link | None:
    host, rest = parts(written)
    schemed = written.lower().startswith("http")
    if not host or not (schemed or _is_public(host)):
        return None
    plain = not (schemed or rest or host.startswith("www."))
    return Link(host=host, rest=rest, written=written, span=span, maybe=plain and host.rpartition(".")[2] in _words())


def parts(url: str) -> tuple[str, str]:
    """The host, decoded as far as it goes, and the rest; ("", "") where there is no host."""
    found = _AUTHORITY.match(unquote(url))
    if found is None:
        return "", ""
    host = found[1].rpartition("@")[2].partition(":")[0].translate(_UNSEEN).strip(".").casefold()
    return ".".join(map(_decoded, host.split("."))), found[2]


def within(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of the domains or below one."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


@lru_cache(maxsize=4_096)
def site(host: str) -> str:
    """The registered domain by the public suffix list (publicsuffix.org), as the library ships it."""
    found = _extract()(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else host


def skeleton(host: str) -> str:
    """What the host looks like: two that look alike have the same (after Unicode TS 39, with letter pairs)."""
    seen = host.translate(LOOKALIKES).casefold()
    for looks, reads in _TWINS:
        seen = seen.replace(looks, reads)
    return seen


@cache
def known(name: str) -> tuple[str, ...]:
    """A list of the data file `hosts.toml`."""
    data = tomllib.loads(files(__package__).joinpath("hosts.toml").read_text(encoding="utf-8"))
    return tuple(data[name])


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


@cache
def _words() -> frozenset[str]:
    """Top-level domains that are more often the ending of a file, or a word."""
    return frozenset((*known("endings"), *known("words")))


@lru_cache(maxsize=4_096)
def _is_public(host: str) -> bool:
    found = _extract()(host)
    return bool(found.domain and found.suffix)


@cache
def _extract() -> TLDExtract:
    # Here, so that rooms without links never pay for it. No list is fetched: the library's own snapshot does.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
