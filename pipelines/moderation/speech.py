"""How something is said: quoted, reported, denied or of oneself. Words say little then about who speaks."""

# ruff: noqa: RUF001 - quotation marks are what this file looks for

from __future__ import annotations

from typing import Final

import re2

from pipelines.moderation.normalise import normalise, shorten

_MARKS: Final = re2.compile(r"""["“”„«»‹›「」]|``|(?:^|\n)\s*>|(?:^|\s)['‘][^'’\n]{2,200}['’](?:$|[\s.,;:!?)])""")
_SAY: Final = (
    "said|says?|saying|calls?|called|calling|tells?|told|telling|writes?|wrote|writing|posts|posted|tweeted|texted|"
    "yells|yelled|yelling|shouts|shouted|shouting|screamed|screaming|heard|reads|quotes?|quoted|quoting|claims|"
    "claimed|thinks|was like"
)
_THINGS: Final = "words?|terms?|phrases?|slurs?|insults?|comments?|lyrics|song|title|meme"
_REPORTED: Final = re2.compile(
    rf"\b(?:{_SAY}|according to|apparently|(?:the|an?|this|that|these|those|such|his|her|their|some) (?:{_THINGS}))\b"
)
# As `normalise` leaves them: without apostrophes.
_VERBS: Final = "ai|are|ca|could|did|does|do|had|has|have|is|might|must|need|should|was|were|wo|would"
# "Nobody likes you" denies nothing, "nobody should hate them" and "no man is worth less" do.
_DENIED: Final = re2.compile(
    rf"\b(?:not|never|cannot|stop|against|anti|(?:{_VERBS})n ?'?t|(?:no ?one|nobody|none)(?: \w+){{0,3}} "
    r"(?:should|deserves?|must|has to|have to|ought)|no \w+ (?:\w+ )?(?:is|are|deserves?|should|must))\b"
)
_MYSELF: Final = re2.compile(
    r"\b(?:i am|i ?'?m|im|i was|i feel|i felt|i look|i sound|i play|i got|me and|myself|my own|as an?|we are|we ?'?re|"
    r"us|ourselves|my fellow)\b"
)
_YOU: Final = re2.compile(r"\b(?:you|your|yours|yourself|u|ur|youre)\b")


def quoted(text: str) -> bool:
    """Whether the text, as it was written, shows anybody's words between marks or as a quotation."""
    return _MARKS.search(shorten(text)) is not None


def reported(text: str) -> bool:
    """Whether it says what somebody said or thinks, or speaks about words."""
    return _REPORTED.search(normalise(text)) is not None


def denied(text: str) -> bool:
    """Whether anything in it is denied: what exactly, only a reader can tell."""
    return _DENIED.search(normalise(text)) is not None


def of_oneself(text: str) -> bool:
    """Whether it speaks of the speaker and addresses nobody."""
    plain = normalise(text)
    return _MYSELF.search(plain) is not None and _YOU.search(plain) is None
