"""From mrkdwn as it is stored to what a reader sees, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

# What a member or channel is called, by its id; '' when nobody knows.
Names: TypeAlias = Callable[[str], str]

# What members type is escaped, so an angle bracket always opens markup.
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def plain(text: str, names: Names) -> str:
    """Mentions and links as they are shown."""
    shown = _MARKUP.sub(lambda found: _shown(found[1], found[2] or "", names), text)
    return _unescaped(shown)


def hidden_links(text: str) -> str:
    """Where links lead whose label does not say it, one a line."""
    found = ((target, label) for target, label in _MARKUP.findall(text) if target[:1] not in "@#!")
    return "\n".join(_unescaped(target) for target, label in found if label and label not in target)


def escaped(text: str) -> str:
    """Plain text that mrkdwn shows as it is, apart from formatting; nothing in it calls anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def called_on(text: str) -> tuple[str, ...]:
    """The members and groups that a text calls on, those of `@here` and the like by their names."""
    targets = [target for target, _ in _MARKUP.findall(text)]
    people = [target[1:] for target in targets if target.startswith("@")]
    return (*people, *(target[1:].partition("|")[0] for target in targets if target.startswith("!") and _calls(target)))


def _calls(target: str) -> bool:
    return target in {"!here", "!channel", "!everyone"} or target.startswith("!subteam^")


def _shown(target: str, label: str, names: Names) -> str:
    kind, rest = target[:1], target[1:]
    match kind:
        case "@" | "#":
            return kind + (label or names(rest) or rest).removeprefix(kind)
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
