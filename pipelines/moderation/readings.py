"""The forms of a message that a model is asked about, all in one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.event import Message
from bot.core.ports import Scores
from pipelines.moderation.identity import Words, identities, swearing
from pipelines.moderation.normalise import has_letters, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Every text with letters as it was `written`, with neutral words for `anybody`, and `civil` without swearing too.

    The last two are empty where none of those words occurs.
    """

    written: tuple[str, ...]
    anybody: tuple[str, ...] = ()
    civil: tuple[str, ...] = ()

    @classmethod
    def of(cls, message: Message, *, neutral: bool) -> Readings:
        """`neutral` forms are only of use where something could be acted on."""
        # Many platforms send a text twice, plain and formatted: it is scored once. Without letters nothing is scored.
        written = tuple(dict.fromkeys(surface.text for surface in message.surfaces if has_letters(surface.text)))
        if not neutral:
            return cls(written=written)
        plain = tuple(map(normalise, written))
        anybody = _without(identities(), plain)
        # Without both: else each of them would vouch for the other.
        return cls(written=written, anybody=anybody, civil=_without(swearing(), anybody or plain))

    @property
    def texts(self) -> list[str]:
        """Everything to ask about, once."""
        return list(dict.fromkeys((*self.written, *self.anybody, *self.civil)))


def worst(texts: Sequence[str], scored: Mapping[str, Scores]) -> Scores:
    """The highest score of each label among the texts; all 0 without any."""
    found = [scored[text] for text in texts]
    labels = {label: max(score.labels[label] for score in found) for label in found[0].labels} if found else {}
    return Scores(toxic=max((score.toxic for score in found), default=0.0), labels=labels)


def _without(words: Words, texts: Sequence[str]) -> tuple[str, ...]:
    if not any(map(words.within, texts)):
        return ()
    return tuple(words.without(text) for text in texts)
