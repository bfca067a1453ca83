"""Cut long text into parts that each read well, code fences closed and opened again."""

from __future__ import annotations

FENCE = "```"
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
    return [*parts, opening + rest]


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
        if line.lstrip().startswith(FENCE):
            opening = "" if opening else line.strip()[: RESERVE // 2] + "\n"
    return opening if limit > 4 * RESERVE else ""
