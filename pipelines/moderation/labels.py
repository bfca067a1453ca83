"""What the labels of other people's models mean to us; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from bot.core.errors import ModelFailed
from bot.core.ports import Scores

Meaning: TypeAlias = Literal["toxicity", "identity attack", "insult", "threat", "sexual", "spam"]
MEANINGS: Final[tuple[str, ...]] = get_args(Meaning)
TOXICITY, SPAM = "toxicity", "spam"
# Names as published models use them, of letters and digits alone.
_HARMLESS: Final = """
    neutral normal clean ok safe benign ham none neither sfw nontoxic nottoxic nonhate nothate nohate nothatespeech
    nonoffensive notoffensive nonabusive notspam notinsult acceptable appropriate other
"""
_KNOWN: Final[Mapping[Meaning, str]] = {
    "toxicity": """
        toxic toxicity severetoxic severetoxicity verytoxic obscene obscenity offensive offensivelanguage abusive abuse
        harassment bullying profanity inappropriate hr
    """,
    "identity attack": "identityattack identityhate hate hateful hatespeech racism racist sexist homophobic h h2",
    "insult": "insult insulting",
    "threat": "threat threatening violence v v2",
    "sexual": "sexual sexualexplicit sexuallyexplicit nsfw porn s s3",
    "spam": "spam scam phishing advertisement",
}
HARMLESS: Final = frozenset(_HARMLESS.split())
KNOWN: Final[Mapping[str, Meaning]] = {name: meaning for meaning, names in _KNOWN.items() for name in names.split()}
# One bad label and one that is not.
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Head:
    """What a model's outputs mean, by their number. `exclusive` ones add up to 1 and share out what a text is."""

    meanings: Mapping[int, Meaning]
    exclusive: bool

    def scores(self, chances: Sequence[float]) -> Scores:
        """The opinion that one row of outputs comes to."""
        found: dict[str, float] = dict.fromkeys(map(_written, self.meanings.values()), 0.0)
        toxic = 0.0
        for number, meaning in self.meanings.items():
            chance, label = chances[number], _written(meaning)
            found[label] = self._joined(found[label], chance)
            # A text can be spam without being rude.
            toxic = toxic if meaning == SPAM else self._joined(toxic, chance)
        found.pop(TOXICITY, None)
        return Scores(toxic=toxic, labels=found)

    def _joined(self, one: float, other: float) -> float:
        return min(1.0, one + other) if self.exclusive else max(one, other)


def read_head(labels: Mapping[int, str], kind: str, given: Mapping[str, str]) -> Head:
    """What the labels mean by their names, or as somebody `given` them; raises `ModelFailed` where none is bad.

    `kind` is the model's own word for its problem. Without one, labels that leave no room for a harmless text stand
    side by side.
    """
    strange = sorted(set(given) - set(labels.values()))
    if strange:
        raise ModelFailed(f"the model has no label {', '.join(strange)}, it has {', '.join(labels.values())}")
    named = {number: given.get(label, "") if given else KNOWN.get(_bare(label), "") for number, label in labels.items()}
    meanings = {number: meaning for number, meaning in named.items() if meaning}
    if not meanings:
        example = f'{{ "{list(labels.values())[-1]}" = "toxicity" }}'
        raise ModelFailed(
            f"none of the model’s labels {', '.join(labels.values())} is known: say which are bad with "
            f"moderation.model_labels, such as {example}"
        )
    return Head({number: _meaning(meaning) for number, meaning in meanings.items()}, _exclusive(labels, kind, meanings))


def _exclusive(labels: Mapping[int, str], kind: str, meanings: Mapping[int, str]) -> bool:
    if len(labels) == 1 or kind == "multi_label_classification":
        return False
    if kind == "single_label_classification":
        return True
    some_is_harmless = len(labels) == _PAIR or any(_bare(label) in HARMLESS for label in labels.values())
    return some_is_harmless and len(meanings) < len(labels)


def _meaning(word: str) -> Meaning:
    found: Meaning | None = next((each for each in get_args(Meaning) if each == word), None)
    if found is None:
        raise ModelFailed(f"“{word}” is no label of ours; there are {', '.join(MEANINGS)}")
    return found


def _bare(label: str) -> str:
    return re.sub(r"[\W_]", "", label).casefold()


def _written(meaning: str) -> str:
    return meaning.replace(" ", "_")
