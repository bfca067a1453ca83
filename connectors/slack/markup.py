"""From mrkdwn as it is stored to what a reader sees."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What members type is escaped, so an angle bracket always opens markup.
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def plain(text: str, names: Mapping[str, str]) -> str:
    """Mentions and links as they are shown; `names` of members and channels by id."""
    shown = _MARKUP.sub(lambda found: _shown(found[1], found[2] or "", names), text)
    return _unescaped(shown)


def hidden_links(text: str) -> str:
    """Where links lead whose label does not say it, one a line."""
    found = ((target, label) for target, label in _MARKUP.findall(text) if target[:1] not in "@#!")
    return "\n".join(_unescaped(target) for target, label in found if label and label not in target)


def _shown(target: str, label: str, names: Mapping[str, str]) -> str:
    kind, rest = target[:1], target[1:]
    match kind:
        case "@" | "#":
            return kind + (label or names.get(rest, rest)).removeprefix(kind)
        case "!":
            return _special(rest, label)
        case _:
            return label or target


def _special(name: str, label: str) -> str:
    """`<!here>`, a user group or a date with its fallback."""
    return label if label and name not in {"here", "channel", "everyone"} else f"@{name.partition('^')[0]}"


def _unescaped(text: str) -> str:
    # The ampersand comes last: "&amp;lt;" was typed as "&lt;".
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
