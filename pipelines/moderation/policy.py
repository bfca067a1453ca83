"""Settings made ready to be applied to thousands of messages a second."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import re2

from bot.core.address import Address
from bot.core.event import Surface
from bot.core.evidence import Finding
from pipelines.moderation.normalise import normalise
from pipelines.moderation.settings import ModerationSettings, Rule

# Scripts without spaces between words: there each character may begin or end one.
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
# RE2's \b knows ASCII only; these edges know letters, vowel signs and digits of every script.
BEFORE, AFTER = rf"(?:^|[^\pL\pM\pN]|{UNSPACED})", rf"(?:$|[^\pL\pM\pN]|{UNSPACED})"
# The name of the group that holds the word without its edges.
WORDS = "_words_"
MAX_QUOTE = 80
# In bytes, for one level's rules: enough for 300 word lists; RE2's own limit is spent after 60.
MAX_MEMORY = 64 << 20


@dataclass(frozen=True)
class Policy:
    """One level's settings with their rules compiled. `version` changes when any of them does."""

    settings: ModerationSettings
    version: str
    review_room: Address | None
    names: tuple[str, ...]
    patterns: tuple[str, ...]
    together: re2.Set

    @classmethod
    def of(cls, settings: ModerationSettings) -> Policy:
        """Compile; raises `ValueError` with a sentence when the rules are too many to be looked for at once."""
        patterns = tuple(_pattern(rule) for rule in settings.rules.values())
        return cls(
            settings=settings,
            version=hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12],
            review_room=Address.parse(settings.review_room) if settings.review_room else None,
            names=tuple(settings.rules),
            patterns=patterns,
            together=_together(patterns),
        )

    @property
    def tell_author(self) -> bool:
        """Whether authors are told of removals."""
        return self.settings.tell_author

    @property
    def timeout(self) -> timedelta:
        """How long a timeout lasts."""
        return self.settings.timeout

    def match(self, surfaces: Sequence[Surface]) -> tuple[Finding, ...]:
        """Every rule that finds something in any surface, the most certain first."""
        if not self.patterns:
            return ()
        texts = _readings(surfaces)
        hits = {(number, text) for text in texts for number in self.together.Match(text) or ()}
        firsts = dict(sorted(hits, reverse=True))
        findings = (self._finding(number, text) for number, text in firsts.items())
        return tuple(sorted(findings, key=lambda finding: (-finding.score, finding.rule)))

    def _finding(self, number: int, text: str) -> Finding:
        rule = self.settings.rules[self.names[number]]
        found = re2.compile(self.patterns[number], _options()).search(text)
        quote = (found.groupdict().get(WORDS) or found.group(0)).strip() if found else ""
        return Finding(rule=self.names[number], label=rule.label, score=rule.score, quote=quote[:MAX_QUOTE])


def _readings(surfaces: Sequence[Surface]) -> list[str]:
    """Each surface as it was written and, where that differs, with its disguises taken off."""
    written = [surface.text for surface in surfaces]
    return list(dict.fromkeys([*written, *map(normalise, written)]))


def _pattern(rule: Rule) -> str:
    words = "|".join(re2.escape(word.strip()) for word in rule.words if word.strip())
    parts = [f"{BEFORE}(?P<{WORDS}>{words}){AFTER}"] if words else []
    return "|".join([*parts, f"(?:{rule.pattern})"] if rule.pattern else parts)


def _together(patterns: Sequence[str]) -> re2.Set:
    """All rules at once: hundreds of them cost less than a millisecond a text."""
    found = re2.Set.SearchSet(_options())
    try:
        for pattern in patterns:
            found.Add(pattern)
        found.Compile()
    except re2.error as error:
        raise ValueError("the rules are too many or too wide together: join word lists, shorten repetitions") from error
    return found


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.case_sensitive = False
    return options
