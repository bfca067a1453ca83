"""Links: only to where the room wants, never to where it does not, and none that hide where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.hosts import MOST_LINKS, Link, known, within
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Links to hosts that are denied, not allowed, or hide where they lead."


class LinkRule(RuleSettings):
    """Links by the host that they lead to."""

    kind: Literal["links"] = Field(default="links", description=HELP)
    label: str = Field(default="link", description="What moderators call it.")
    allow: tuple[str, ...] = Field(default=(), description="Only these domains and what is below them; empty for all.")
    deny: tuple[str, ...] = Field(default=(), description="Never these domains, nor what is below them.")
    shorteners: bool = Field(default=True, description="Whether links count that hide where they lead.")


def find(rule: LinkRule, seen: Seen) -> Iterator[Hit]:
    """Each link that is not welcome."""
    for link in seen.links:
        if why := _problem(rule, link):
            yield Hit(quote=link.written[:MAX_QUOTE], why=why, span=link.span)
    if len(seen.links) >= MOST_LINKS:
        yield Hit(why=text_rules.MANY_LINKS)


def _problem(rule: LinkRule, link: Link) -> str:
    if within(link.host, rule.deny):
        return text_rules.link_denied(link.host)
    if rule.allow and not link.maybe and not within(link.host, rule.allow):
        return text_rules.link_not_allowed(link.host)
    return (
        text_rules.link_hidden(link.host)
        if rule.shorteners and link.rest.strip("/") and within(link.host, known("shorteners"))
        else ""
    )
