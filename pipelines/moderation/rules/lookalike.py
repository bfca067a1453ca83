"""Hosts that pretend to be another: look-alike letters, a letter off, or the name put before a stranger's domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.hosts import Link, site, skeleton, within
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Links to hosts that pretend to be one of yours."
# Shorter names are a letter away from too many honest ones.
_LONG_ENOUGH: Final = 6


class LookalikeRule(RuleSettings):
    """Links to hosts that look like protected ones and are not."""

    kind: Literal["lookalikes"] = Field(default="lookalikes", description=HELP)
    label: str = Field(default="impostor link", description="What moderators call it.")
    protect: tuple[str, ...] = Field(min_length=1, description="Domains that others pretend to be.")


def find(rule: LookalikeRule, seen: Seen) -> Iterator[Hit]:
    """Each link to an impostor."""
    for link in seen.links:
        if not within(link.host, rule.protect) and (real := _pretends(rule, link)):
            yield Hit(quote=link.written[:MAX_QUOTE], why=text_rules.link_pretends(link.host, real), span=link.span)


def _pretends(rule: LookalikeRule, link: Link) -> str:
    return next((real for real in rule.protect if _alike(link, real)), "")


def _alike(link: Link, real: str) -> bool:
    seen, meant = skeleton(link.site), skeleton(site(real))
    name = meant.partition(".")[0]
    if seen == meant or (len(name) >= _LONG_ENOUGH and _one_off(seen.partition(".")[0], name)):
        return True
    # The name as a part of a stranger's host: name.com.example.org, name-login.example.
    words = skeleton(link.host).replace("-", ".").split(".")
    return len(name) >= _LONG_ENOUGH and name in words


def _one_off(seen: str, meant: str) -> bool:
    """At most one letter more, less, other, or two that changed places (Damerau 1964)."""
    if abs(len(seen) - len(meant)) > 1 or seen == meant:
        return seen == meant
    start = next((n for n, (a, b) in enumerate(zip(seen, meant, strict=False)) if a != b), min(len(seen), len(meant)))
    rest, wanted = seen[start:], meant[start:]
    swapped = rest[1::-1] + rest[2:] == wanted
    return swapped or wanted in (rest[1:], rest) or wanted[1:] in (rest, rest[1:])
