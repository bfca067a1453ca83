"""Make any text safe to store, score and show, in bounded time."""

from __future__ import annotations

from bot.core.event import Surface, SurfaceKind

MAX_SURFACE = 32_768
MAX_SURFACES = 256


def legible(text: object) -> str:
    """The text without what databases and encoders refuse: lone surrogates and NUL; not a string gives ''."""
    if not isinstance(text, str):
        return ""
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
    return text.replace("\0", "") if "\0" in text else text


def clip(text: str, limit: int = MAX_SURFACE) -> str:
    """At most `limit` characters: the head and, because abuse hides behind padding, a quarter from the tail."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return text[: limit - tail - 1] + "\n" + text[len(text) - tail :]


def surfaces(*texts: tuple[SurfaceKind, object]) -> tuple[Surface, ...]:
    """The surfaces among `texts` that hold anything, made legible, clipped and without repeats."""
    found = (Surface(kind, clip(legible(text))) for kind, text in texts if isinstance(text, str) and text)
    return tuple(dict.fromkeys(surface for surface in found if surface.text))[:MAX_SURFACES]
