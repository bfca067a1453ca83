"""Settings made ready to be applied to thousands of messages a second."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.core.address import Address
from bot.core.evidence import Finding
from pipelines.moderation.rules import presets
from pipelines.moderation.rules.base import Hit, RuleSettings
from pipelines.moderation.rules.kinds import OtherRule, Rule, TextRule, find, remembers
from pipelines.moderation.rules.lexicon import LexiconRule
from pipelines.moderation.rules.seen import Seen
from pipelines.moderation.rules.texts import Texts
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode, ModerationSettings


@dataclass(frozen=True)
class Policy:
    """One level's settings with their rules compiled. `version` changes when any of them does.

    `remembers` tells whether any rule needs to know what was said before.
    """

    settings: ModerationSettings
    version: str
    review_room: Address | None
    rules: Mapping[str, Rule]
    texts: Texts
    others: Mapping[str, OtherRule]
    remembers: bool

    @classmethod
    def of(cls, settings: ModerationSettings) -> Policy:
        """Compile; raises `ValueError` with a sentence when the rules are too many to be looked for at once."""
        rules = presets.rules(settings.preset) | settings.rules
        texts: dict[str, TextRule] = {}
        others: dict[str, OtherRule] = {}
        for name, rule in rules.items():
            if isinstance(rule, WordRule | LexiconRule):
                texts[name] = rule
            else:
                others[name] = rule
        return cls(
            settings=settings,
            version=hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12],
            review_room=Address.parse(settings.review_room) if settings.review_room else None,
            rules=rules,
            texts=Texts.of(texts),
            others=others,
            remembers=any(map(remembers, others.values())),
        )

    @property
    def ban_lists(self) -> tuple[Address, ...]:
        """The lists of bans that are followed, our own first."""
        own = [self.settings.own_list] if self.settings.own_list else []
        return tuple(map(Address.parse, dict.fromkeys([*own, *self.settings.ban_lists])))

    @property
    def own_list(self) -> Address | None:
        """Where bans are written down."""
        return Address.parse(self.settings.own_list) if self.settings.own_list else None

    @property
    def acts(self) -> bool:
        """Whether anything may be done at all."""
        return self.settings.mode is not Mode.SHADOW

    @property
    def tell_author(self) -> bool:
        """Whether authors are told of removals."""
        return self.settings.tell_author

    @property
    def timeout(self) -> timedelta:
        """How long a timeout lasts."""
        return self.settings.timeout

    def match(self, seen: Seen) -> tuple[Finding, ...]:
        """What every rule finds first, the most certain first."""
        findings = (_finding(name, self.rules[name], hit) for name, hit in self._hits(seen))
        return tuple(sorted(findings, key=lambda finding: (-finding.score, finding.rule)))

    def _hits(self, seen: Seen) -> Iterator[tuple[str, Hit]]:
        yield from self.texts.find(seen.texts).items()
        for name, rule in self.others.items():
            yield from ((name, hit) for hit in list(find(rule, seen))[:1])


def _finding(name: str, rule: RuleSettings, hit: Hit) -> Finding:
    return Finding(
        rule=name,
        label=rule.label,
        score=min(rule.score, hit.at_most),
        quote=hit.quote,
        why=hit.why,
        span=hit.span,
        wave=hit.wave,
        earlier=hit.earlier,
    )
