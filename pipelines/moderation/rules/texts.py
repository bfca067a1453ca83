"""All word lists and patterns of a policy, looked for at once in each reading of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import re2

from bot.core.evidence import Span
from pipelines.moderation.normalise import normalise, undrawn
from pipelines.moderation.rules import lexicon, words
from pipelines.moderation.rules.base import MAX_QUOTE, Hit
from pipelines.moderation.rules.kinds import TextRule
from pipelines.moderation.rules.words import WORDS, WordRule
from pipelines.moderation.trace import trace

# In bytes, for one level's rules: enough for 300 word lists; RE2's own limit is spent after 60.
MAX_MEMORY = 64 << 20


@dataclass(frozen=True)
class Texts:
    """The expressions in the order of their rules' ids, alone and together."""

    names: tuple[str, ...]
    expressions: tuple[str, ...]
    together: re2.Set

    @classmethod
    def of(cls, rules: Mapping[str, TextRule]) -> Texts:
        """Compile; raises `ValueError` with a sentence when the rules are too many to be looked for at once."""
        expressions = tuple(map(_expression, rules.values()))
        return cls(tuple(rules), expressions, _together(expressions))

    def find(self, texts: Sequence[str]) -> dict[str, Hit]:
        """For each rule that finds something, where it does so first."""
        if not self.expressions:
            return {}
        hits: dict[int, tuple[int, str]] = {}
        for surface, text in enumerate(texts):
            for reading in readings(text):
                for number in self.together.Match(reading) or ():
                    hits.setdefault(number, (surface, reading))
        return {self.names[number]: self._hit(number, *where, texts) for number, where in sorted(hits.items())}

    def _hit(self, number: int, surface: int, reading: str, texts: Sequence[str]) -> Hit:
        expression = re2.compile(self.expressions[number], _options())
        found = expression.search(reading)
        if found is None:
            return Hit()
        words = expression.groupindex.get(WORDS, 0)
        start, end = found.span(words) if found.group(words) else found.span()
        whole = reading[start:end]
        start, end = start + len(whole) - len(whole.lstrip()), end - len(whole) + len(whole.rstrip())
        return Hit(quote=reading[start:end][:MAX_QUOTE], span=_span(texts[surface], surface, reading, (start, end)))


def readings(text: str) -> list[str]:
    """A text as it was written and, where that differs, without its disguises and without letters drawn out."""
    plain = normalise(text)
    return list(dict.fromkeys([text, plain, undrawn(text, plain)]))


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
