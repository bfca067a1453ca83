"""What must not be acted on without asking, even if the model is as sure of it as a word spotter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.core.action import Judged, Outlet
from bot.core.ports import Classifier, Scores
from pipelines.moderation.classifier import LocalClassifier
from pipelines.moderation.identity import identities, swearing
from pipelines.moderation.normalise import normalise
from pipelines.moderation.pipeline import Moderation
from pipelines.moderation.settings import Mode
from pipelines.moderation.shipped import open_model
from tests.pipelines.build import all_of, policy, said
from tests.pipelines.fakes import House
from tests.pipelines.moderation.hard import HARMLESS, IDENTITY, NEVER, PLAIN, SWEARING

INSULTS = frozenset(
    [
        "idiot",
        "idiots",
        "moron",
        "stupid",
        "trash",
        "loser",
        "vermin",
        "disgusting",
        "worthless",
        "pathetic",
        "kill",
        "hate",
        "hates",
        "pigs",
        "retard",
    ]
)
EAGER = policy(mode=Mode.AUTO, rules={}, sure=0.5, doubtful=0.3, audit_rate=0, audit_rate_acted=0)


class WordSpotter:
    """As toxic as can be, whenever a word occurs that often stands in abuse: insults, swearwords, names of groups."""

    version = "words"

    async def score(self, texts: Sequence[str]) -> list[Scores]:
        return [Scores(toxic=float(self._spots(text)), labels={}) for text in texts]

    def _spots(self, text: str) -> bool:
        plain = normalise(text)
        return bool(set(plain.split()) & INSULTS) or identities().within(plain) or swearing().within(plain)


async def outlet(text: str, model: Classifier) -> Outlet:
    judged, *_ = await all_of(Moderation(lambda _: EAGER, model)(said(text), House().context))
    assert isinstance(judged, Judged)
    return judged.outlet


def test_there_are_enough_of_them() -> None:
    assert len(set(NEVER)) == len(NEVER) >= 60


@pytest.mark.parametrize("text", NEVER)
async def test_nobody_acts_on_words_alone(text: str) -> None:
    assert await outlet(text, WordSpotter()) is not Outlet.LIVE


@pytest.mark.parametrize("text", [*IDENTITY, *SWEARING])
async def test_the_word_spotter_would_have(text: str) -> None:
    """Otherwise the test above would show nothing."""
    assert await outlet(text, WordSpotter()) is Outlet.REVIEW


@pytest.mark.parametrize("text", PLAIN)
async def test_plain_abuse_is_acted_on(text: str) -> None:
    assert await outlet(text, WordSpotter()) is Outlet.LIVE


@pytest.mark.parametrize("text", HARMLESS)
async def test_harmless_signs_pass(text: str) -> None:
    assert await outlet(text, WordSpotter()) is Outlet.CLEAR


async def test_the_shipped_model_acts_on_none_of_them_either() -> None:
    model = LocalClassifier(open_model())
    assert [text for text in NEVER if await outlet(text, model) is Outlet.LIVE] == []
