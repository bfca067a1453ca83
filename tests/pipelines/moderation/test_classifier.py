"""The local classifier: batches, deadlines, and texts that break the model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.classifier import BATCH, LocalClassifier
from tests.pipelines.build import toxic
from tests.pipelines.fakes import Lengths


def lengths(*texts: str) -> list[Scores]:
    return [toxic(len(text) / 100) for text in texts]


async def test_the_version_is_the_models() -> None:
    assert LocalClassifier(Lengths()).version == "lengths"


async def test_whatever_waits_is_scored_together_and_everyone_gets_their_own_in_order() -> None:
    model = Lengths()
    classifier = LocalClassifier(model)
    texts: Sequence[tuple[str, ...]] = [("a", "bb"), (), ("ccc",), ("dddd", "e")]
    scores = await asyncio.gather(*(classifier.score(group) for group in texts))
    assert scores == [lengths(*group) for group in texts]
    assert model.batches == [["a", "bb", "ccc", "dddd", "e"]]


async def test_no_batch_is_larger_than_the_limit() -> None:
    model = Lengths()
    classifier = LocalClassifier(model)
    await asyncio.gather(*(classifier.score(["x"]) for _ in range(2 * BATCH + 1)))
    assert [len(batch) for batch in model.batches] == [BATCH, BATCH, 1]


async def test_only_the_text_that_breaks_the_model_goes_without_a_score() -> None:
    model = Lengths()
    classifier = LocalClassifier(model)
    good, bad, also_good = await asyncio.gather(
        classifier.score(["fine"]),
        classifier.score(["poison"]),
        classifier.score(["also fine"]),
        return_exceptions=True,
    )
    assert (good, also_good) == (lengths("fine"), lengths("also fine"))
    assert isinstance(bad, ModelFailed)
    assert model.batches == [["fine", "poison", "also fine"], ["fine"], ["poison"], ["also fine"]]


async def test_a_model_that_hangs_fails_at_the_deadline_and_later_calls_work() -> None:
    model = Lengths()
    classifier = LocalClassifier(model, deadline=0.05)
    try:
        with pytest.raises(ModelFailed, match="no answer within"):
            await classifier.score(["hang"])
        classifier.deadline = 10.0
        assert await classifier.score(["fine"]) == lengths("fine")
    finally:
        model.released.set()


async def test_who_gave_up_does_not_disturb_the_others() -> None:
    classifier = LocalClassifier(Lengths())
    gone = asyncio.create_task(classifier.score(["gone"]))
    stays = asyncio.create_task(classifier.score(["stays"]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == lengths("stays")
