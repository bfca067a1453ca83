"""Hosts that pretend to be another: look-alike letters, a letter off, or the name put before a stranger's domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.hosts import Link, known, site, skeleton, within
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Links to hosts that pretend to be one of yours."
# Shorter names are a letter away from too many honest ones.
_LONG_ENOUGH: Final = 6
# The same name elsewhere may be a namesake or a friend: somebody should look, and nobody be punished for it.
_NAMESAKE: Final = 0.9


class LookalikeRule(RuleSettings):
    """Links to hosts that look like protected ones and are not."""

    kind: Literal["lookalikes"] = Field(default="lookalikes", description=HELP)
    label: str = Field(default="impostor link", description="What moderators call it.")
    protect: tuple[str, ...] = Field(min_length=1, description="Domains that others pretend to be.")
    allow: tuple[str, ...] = Field(default=(), description="Domains that may bear those names.")


def find(rule: LookalikeRule, seen: Seen) -> Iterator[Hit]:
    """Each link to an impostor."""
    for link in seen.links:
        if link.maybe or within(link.host, (*rule.protect, *rule.allow, *known("relatives"))):
            continue
        if found := _pretends(rule, link):
            real, weight = found
            why = text_rules.link_pretends(link.host, real)
            yield Hit(quote=link.written[:MAX_QUOTE], why=why, span=link.span, at_most=weight)


def _pretends(rule: LookalikeRule, link: Link) -> tuple[str, float] | None:
    """Whom the host resembles the most, and how much that can weigh."""
    found = [(real, weight) for real in rule.protect if (weight := _likeness(link, real))]
    return max(found, key=lambda each: each[1], default=None)


def _likeness(link: Link, real: str) -> float:
    """0 for no likeness, 1 for the same looks or a slip of the pen, less for the same name in another place."""
    seen, meant = skeleton(link.site), skeleton(site(real))
    name, other = meant.partition(".")[0], seen.partition(".")[0]
    same = link.site.partition(".")[0] == site(real).partition(".")[0]
    if seen == meant or (name == other and not same):
        return 1.0
    if len(name) < _LONG_ENOUGH:
        return 0.0
    if name != other and _one_off(other, name):
        return 1.0
    # The name as a part of a stranger's host: name.com.example.org, name-login.example.
    words = skeleton(link.host).replace("-", ".").split(".")
    return _NAMESAKE if name in words else 0.0


def _one_off(seen: str, meant: str) -> bool:
    """At most one letter more, less, other, or two that changed places (Damerau 1964)."""
    if abs(len(seen) - len(meant)) > 1 or seen == meant:
        return seen == meant
    start = next((n for n, (a, b) in enumerate(zip(seen, meant, strict=False)) if a != b), min(len(seen), len(meant)))
    rest, wanted = seen[start:], meant[start:]
    swapped = rest[1::-1] + rest[2:] == wanted
    return swapped or wanted in (rest[1:], rest) or wanted[1:] in (rest, rest[1:])
