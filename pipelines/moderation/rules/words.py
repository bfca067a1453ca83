"""Words and patterns: whole words in every script, their common forms, and RE2 patterns."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import re2
from pydantic import AfterValidator, Field, model_validator

from pipelines.moderation.rules.base import RuleSettings

HELP: Final = "Words, phrases or an RE2 pattern in everything a reader can see."
# Scripts without spaces between words: there each character may begin or end one.
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
# RE2's \b knows ASCII only; these edges know letters, vowel signs and digits of every script.
BEFORE, AFTER = rf"(?:^|[^\pL\pM\pN]|{UNSPACED})", rf"(?:$|[^\pL\pM\pN]|{UNSPACED})"
# The name of the group that holds the word without its edges.
WORDS = "_words_"
_SHORTEST: Final = 3
_VOWELS: Final = frozenset("aeiou")


def _pattern(text: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(text, options)
    except re2.error as error:
        raise ValueError(f"the pattern cannot be used: {_reason(error)}, so write it in RE2’s syntax") from error
    if text and pattern.search(""):
        raise ValueError("the pattern also matches nothing at all, so it would find every message")
    return text


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


class WordRule(RuleSettings):
    """Words or an RE2 pattern that are looked for in everything a reader can see."""

    kind: Literal["words"] = Field(default="words", description=HELP)
    words: tuple[str, ...] = Field(default=(), description="Whole words or phrases, in any letter case.")
    forms: bool = Field(default=True, description="Whether English plurals and verb forms of the words count too.")
    pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        default="", description="An RE2 pattern; letter case is ignored."
    )

    @model_validator(mode="after")
    def _looks_for_something(self) -> WordRule:
        if not (self.pattern or any(word.strip() for word in self.words)):
            raise ValueError("a rule needs words or a pattern")
        return self


def expression(rule: WordRule) -> str:
    """The rule as one RE2 expression."""
    words = whole_words(rule.words, forms=rule.forms)
    return "|".join([*([words] if words else []), *([f"(?:{rule.pattern})"] if rule.pattern else [])])


def whole_words(words: tuple[str, ...], *, forms: bool) -> str:
    """Any of the words, never inside another one; '' for none."""
    wanted = [word.strip() for word in words if word.strip()]
    either = "|".join(_forms(word) if forms else re2.escape(word) for word in wanted)
    return f"{BEFORE}(?P<{WORDS}>{either}){AFTER}" if either else ""


def _forms(word: str) -> str:
    """With plural, possessive and verb endings; no "-er", which makes other words ("count", "counter")."""
    last, stem = word[-1:].lower(), word[:-1]
    if not (word.isascii() and word.isalpha()) or len(word) < _SHORTEST:
        return str(re2.escape(word))
    if last == "e":
        return f"{stem}(?:e|es|ed|e's|ing)"
    if last == "y" and stem[-1].lower() not in _VOWELS:
        return f"{stem}(?:y|y's|ies|ied|ying)"
    double = f"|{last}ed|{last}ing" if _doubles(word.lower()) else ""
    return f"{word}(?:s|es|'s|ed|ing{double})?"


def _doubles(word: str) -> bool:
    """Whether the last letter is written twice before "-ed" and "-ing": one vowel between two consonants."""
    return word[-1] not in _VOWELS | set("wxy") and word[-2] in _VOWELS and word[-3] not in _VOWELS
