"""What a language model is asked for and what came of it, without the library that runs the steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.core.action import Spend
from bot.core.passage import Passage
from pipelines.answer.asked import Standing
from pipelines.answer.purse import Whose

_MENTION: Final = re.compile(r"<[@#][!&]?[^<>\s]{1,100}>|@\S+|\bparley\b", re.IGNORECASE)
_HELLO: Final = frozenset(["hello", "hi", "hey", "hallo", "moin", "hola", "salut", "bonjour", "there", "help", "yo"])
_THANKS: Final = frozenset(["thanks", "thank", "thx", "you", "cheers", "danke", "merci", "gracias", "ta", "so", "much"])


class Kind(Enum):
    """What somebody wants."""

    QUESTION = auto()
    HELLO = auto()
    THANKS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`text` is ready to be shown; `named` are the sources it names, in its order, `near` all that were found.

    `failure` says why it is not whole, `over` whose budget had not enough left; `spent` is what it cost.
    """

    kind: Kind = Kind.QUESTION
    text: str = ""
    named: Sequence[Passage] = ()
    near: Sequence[Passage] = ()
    standing: Standing = Standing.FINE
    failure: str = ""
    over: Whose | None = None
    spent: tuple[Spend, ...] = ()


def kind_of(question: str) -> Kind:
    """A greeting or thanks and no more, else a question."""
    words = set(re.findall(r"\w+", _MENTION.sub(" ", question).casefold()))
    if words <= _HELLO:
        return Kind.HELLO
    return (
        Kind.THANKS
        if words <= _THANKS and words & {"thanks", "thank", "thx", "cheers", "danke", "merci"}
        else Kind.QUESTION
    )
