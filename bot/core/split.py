"""Cut long text into parts that each read well, code fences closed and opened again."""

from __future__ import annotations

import re

FENCE = "```"
# Backticks later in the line make it code within a line, which opens nothing.
_FENCE_LINE = re.compile(r"`{3,}(?P<language>[^`]*)")
# Room for a newline and a closing fence, and for the opening line of the next part.
RESERVE = 48


def split(text: str, limit: int) -> list[str]:
    """At least one part, none longer than `limit` characters; cuts at a paragraph, a line or a word if it can."""
    if len(text) <= limit:
        return [text]
    parts: list[str] = []
    opening = ""
    rest = text
    while len(opening) + len(rest) > limit:
        head, rest = _cut(rest, max(1, limit - len(opening) - min(RESERVE, limit // 4)))
        part = opening + head
        opening = _open_fence(part, limit)
        parts.append(part + "\n" + FENCE if opening else part)
    # Platforms refuse a message of nothing but space.
    return [part for part in (*parts, opening + rest) if part.strip()] or [text[:limit]]


def _cut(text: str, limit: int) -> tuple[str, str]:
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, limit // 2, limit)
        if at > 0:
            return text[:at], text[at + len(mark) :]
    return text[:limit], text[limit:]


def _open_fence(part: str, limit: int) -> str:
    """The line that reopens the code block this part ends in, or ''."""
    opening = ""
    for line in part.splitlines():
        found = _FENCE_LINE.fullmatch(line.strip())
        if found and not opening:
            opening = line.strip()[: RESERVE // 2] + "\n"
        elif found and not found["language"]:
            opening = ""
    return opening if limit > 4 * RESERVE else ""
