"""All word lists and patterns of a policy, looked for at once in each reading of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import re2

from bot import text_rules
from bot.core.evidence import Span
from pipelines.moderation.normalise import MAX_REMEMBERED, REMEMBERED, normalise, undrawn
from pipelines.moderation.rules import lexicon, words
from pipelines.moderation.rules.base import MAX_QUOTE, Hit
from pipelines.moderation.rules.kinds import TextRule
from pipelines.moderation.rules.lexicon import LexiconRule
from pipelines.moderation.rules.words import WORDS, WordRule
from pipelines.moderation.trace import trace

# In bytes, for one level's rules: enough for 300 word lists; RE2's own limit is spent after 60.
MAX_MEMORY = 64 << 20


@dataclass(frozen=True)
class Texts:
    """The expressions in the order of their rules' ids, alone and together.

    The `choosy` ones also match innocent phrases, outside their group of words.
    """

    names: tuple[str, ...]
    expressions: tuple[str, ...]
    together: re2.Set
    choosy: frozenset[int]

    @classmethod
    def of(cls, rules: Mapping[str, TextRule]) -> Texts:
        """Compile; raises `ValueError` with a sentence when the rules are too many to be looked for at once."""
        expressions = tuple(map(_expression, rules.values()))
        choosy = frozenset(number for number, rule in enumerate(rules.values()) if isinstance(rule, LexiconRule))
        return cls(tuple(rules), expressions, _together(expressions), choosy)

    def find(self, texts: Sequence[str]) -> dict[str, Hit]:
        """For each rule that finds something, where it does so first."""
        if not self.expressions:
            return {}
        hits: dict[int, Hit] = {}
        for surface, text in enumerate(texts):
            for reading in readings(text):
                for number in self.together.Match(reading) or ():
                    if number not in hits and (place := self._place(number, reading)):
                        hits[number] = _hit(text, surface, reading, place)
        return {self.names[number]: hit for number, hit in sorted(hits.items())}

    def _place(self, number: int, reading: str) -> tuple[int, int] | None:
        """Where the first match stands that is not one of the innocent phrases."""
        expression = re2.compile(self.expressions[number], _options())
        group = expression.groupindex.get(WORDS, 0)
        for found in expression.finditer(reading):
            if found.group(group) or number not in self.choosy:
                start, end = found.span(group if found.group(group) else 0)
                return start, end
        return None


def _hit(text: str, surface: int, reading: str, place: tuple[int, int]) -> Hit:
    start, end = place
    whole = reading[start:end]
    start, end = start + len(whole) - len(whole.lstrip()), end - len(whole) + len(whole.rstrip())
    why = text_rules.WORDS_FOUND if reading == text else text_rules.WORDS_DISGUISED
    return Hit(quote=reading[start:end][:MAX_QUOTE], why=why, span=_span(text, surface, reading, (start, end)))


def readings(text: str) -> tuple[str, ...]:
    """A text as it was written and, where that differs, without its disguises and without letters drawn out."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _readings(text)


def _readings(text: str) -> tuple[str, ...]:
    plain = normalise(text)
    return tuple(dict.fromkeys((text, plain, undrawn(text, plain))))


# In a burst a message is looked at twice: whether it is urgent, and in its turn.
_remembered: Final = lru_cache(maxsize=REMEMBERED)(_readings)


def _span(text: str, surface: int, reading: str, place: tuple[int, int]) -> Span | None:
    if reading == text:
        return Span(surface=surface, start=place[0], end=place[1])
    traced = next((each for each in (trace(text), trace(text, once=True)) if each.text == reading), None)
    if traced is None or place[0] == place[1]:
        return None
    start, end = traced.span(*place)
    return Span(surface=surface, start=start, end=end)


def _expression(rule: TextRule) -> str:
    return words.expression(rule) if isinstance(rule, WordRule) else lexicon.expression(rule)


def _together(expressions: Sequence[str]) -> re2.Set:
    """All rules at once: hundreds of them cost less than a millisecond a text."""
    found = re2.Set.SearchSet(_options())
    try:
        for expression in expressions:
            found.Add(expression)
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
