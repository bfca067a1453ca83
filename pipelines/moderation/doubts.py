"""Why a message goes to people although the model is sure: only a reader can tell how it is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot import reasons
from bot.core.event import Message
from pipelines.moderation.language import english
from pipelines.moderation.normalise import normalise
from pipelines.moderation.speech import denied, of_oneself, quoted, reported

# A verdict of the model on fewer words than this rests on too little to act on.
FEW_WORDS: Final = 3


def doubts(message: Message) -> Iterator[str]:
    """A sentence for moderators for each doubt."""
    if len(normalise(message.text).split()) < FEW_WORDS:
        yield reasons.FEW_WORDS
    if not english(message.text):
        yield reasons.NOT_ENGLISH
    texts = [surface.text for surface in message.surfaces]
    checks = (
        (quoted, reasons.QUOTED),
        (reported, reasons.REPORTED_SPEECH),
        (denied, reasons.DENIED),
        (of_oneself, reasons.ONESELF),
    )
    for check, said in checks:
        if any(map(check, texts)):
            yield said
