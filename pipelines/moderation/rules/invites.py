"""Invitations to other communities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from bot import text_rules
from pipelines.moderation.rules.base import MAX_QUOTE, Hit, RuleSettings
from pipelines.moderation.rules.hosts import Link, known, within
from pipelines.moderation.rules.seen import Seen

HELP: Final = "Links that invite to other communities."


class InviteRule(RuleSettings):
    """Links that invite to other communities, on any platform."""

    kind: Literal["invites"] = Field(default="invites", description=HELP)
    label: str = Field(default="invitation", description="What moderators call it.")
    allow: tuple[str, ...] = Field(default=(), description="Invitations that are welcome: what their link ends with.")


def find(rule: InviteRule, seen: Seen) -> Iterator[Hit]:
    """Each invitation that is not welcome."""
    for link in seen.links:
        if _invites(link) and not link.written.rstrip("/").endswith(rule.allow or ("\0",)):
            yield Hit(quote=link.written[:MAX_QUOTE], why=text_rules.INVITES_ELSEWHERE, span=link.span)


def _invites(link: Link) -> bool:
    for known_link in known("invites"):
        host, _, path = known_link.partition("/")
        if (
            within(link.host, (host,))
            and link.rest.startswith(f"/{path}")
            and link.rest.strip("/#") != path.strip("/#")
        ):
            return True
    return False
