"""All kinds of rules: how a table of the configuration becomes one, and what each finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias, assert_never

from pydantic import Discriminator, Tag

from pipelines.moderation.rules import (
    attachments,
    flood,
    invites,
    links,
    lookalike,
    mentions,
    newcomers,
    shouting,
    wave,
)
from pipelines.moderation.rules.attachments import AttachmentRule
from pipelines.moderation.rules.base import Hit
from pipelines.moderation.rules.flood import FloodRule
from pipelines.moderation.rules.invites import InviteRule
from pipelines.moderation.rules.lexicon import LexiconRule
from pipelines.moderation.rules.links import LinkRule
from pipelines.moderation.rules.lookalike import LookalikeRule
from pipelines.moderation.rules.mentions import MentionRule
from pipelines.moderation.rules.newcomers import NewcomerRule
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.rules.shouting import ShoutingRule
from pipelines.moderation.rules.wave import WaveRule
from pipelines.moderation.rules.words import WordRule

# Their texts are looked through all at once; the others look by themselves.
TextRule: TypeAlias = WordRule | LexiconRule
OtherRule: TypeAlias = (
    LinkRule
    | InviteRule
    | LookalikeRule
    | MentionRule
    | FloodRule
    | WaveRule
    | NewcomerRule
    | AttachmentRule
    | ShoutingRule
)


def _kind(rule: object) -> str:
    """Tables without a kind are about words, which most rules are."""
    return str(rule.get("kind", "words")) if isinstance(rule, dict) else str(getattr(rule, "kind", "words"))


Rule: TypeAlias = Annotated[
    Annotated[WordRule, Tag("words")]
    | Annotated[LexiconRule, Tag("lexicon")]
    | Annotated[LinkRule, Tag("links")]
    | Annotated[InviteRule, Tag("invites")]
    | Annotated[LookalikeRule, Tag("lookalikes")]
    | Annotated[MentionRule, Tag("mentions")]
    | Annotated[FloodRule, Tag("flood")]
    | Annotated[WaveRule, Tag("wave")]
    | Annotated[NewcomerRule, Tag("newcomers")]
    | Annotated[AttachmentRule, Tag("attachments")]
    | Annotated[ShoutingRule, Tag("shouting")],
    Discriminator(_kind),
]


def find(rule: OtherRule, seen: Seen) -> Iterable[Hit]:  # noqa: C901, PLR0911  # a line for each kind
    """What a rule finds in a message."""
    match rule:
        case LinkRule():
            return links.find(rule, seen)
        case InviteRule():
            return invites.find(rule, seen)
        case LookalikeRule():
            return lookalike.find(rule, seen)
        case MentionRule():
            return mentions.find(rule, seen)
        case FloodRule():
            return flood.find(rule, seen)
        case WaveRule():
            return wave.find(rule, seen)
        case NewcomerRule():
            return newcomers.find(rule, seen)
        case AttachmentRule():
            return attachments.find(rule, seen)
        case ShoutingRule():
            return shouting.find(rule, seen)
        case _:
            assert_never(rule)


def remembers(rule: object) -> bool:
    """Whether the rule needs to know what was said before."""
    return isinstance(rule, FloodRule | WaveRule)
