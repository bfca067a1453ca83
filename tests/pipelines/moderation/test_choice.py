"""`moderation.model` names a model in a few ways and nothing else, and only the file may do so."""

from __future__ import annotations

import pytest

from bot.assembly import Judging
from bot.core.action import Configure
from bot.text_models import MODEL_IN_FILE, ONLY_IN_FILE
from config.value import read_value
from pipelines.moderation.bands import TOXICITY
from pipelines.moderation.choice import Choice, Kind, chosen
from pipelines.moderation.earned import Book
from pipelines.moderation.settings import ModerationSettings
from pipelines.moderation.shipped import inspect
from tests.pipelines.build import LOBBY, policy
from tests.pipelines.moderation.test_bands import GOOD


@pytest.mark.parametrize(
    ("model", "choice"),
    [
        (True, Choice(Kind.SHIPPED)),
        ("true", Choice(Kind.SHIPPED)),
        ("No", Choice(Kind.OFF)),
        ("llm-judge", Choice(Kind.JUDGE)),
        ("transformers:unitary/toxic-bert", Choice(Kind.TRANSFORMERS, "unitary/toxic-bert")),
        ("transformers:/models/a:b", Choice(Kind.TRANSFORMERS, "/models/a:b")),
        ("openai:omni-moderation-latest", Choice(Kind.OPENAI, "omni-moderation-latest")),
    ],
)
def test_the_setting_names_a_model(model: bool | str, choice: Choice) -> None:  # noqa: FBT001 - a setting
    assert chosen(ModerationSettings(model=model).model) == choice


@pytest.mark.parametrize("model", ["", "transformers:", "openai: ", "gpt", "off-and-on", 7])
def test_anything_else_is_a_mistake_that_says_what_to_write(model: object) -> None:
    with pytest.raises(ValueError, match="model"):
        ModerationSettings.model_validate({"model": model})


def test_a_moderator_switches_models_and_names_none() -> None:
    judging = Judging.of(ModerationSettings(model="llm-judge"), ())
    assert [judging.problem("test/home", "model", value) for value in (True, False, "off", None)] == [""] * 4
    assert judging.problem("test/home", "model", "transformers:evil/model") == MODEL_IN_FILE
    assert judging.problem("test/home", "remote_texts", "all") == ONLY_IN_FILE.format(key="remote_texts")
    assert judging.problem("test/home", "model_labels", {"a": "spam"}) == ONLY_IN_FILE.format(key="model_labels")
    assert judging.problem("test/home", "judge_policy", "No spoilers.") == ""


@pytest.mark.parametrize("typed", ["no", "false", "off"])
def test_a_typed_word_switches_it_off(typed: str) -> None:
    judging = Judging.of(ModerationSettings(), ())
    judging.put(Configure(scope="test/home", key="moderation.model", value=judging.read("model", typed), by="u9"))
    assert judging.levels.at(LOBBY).settings.model is False
    assert read_value(ModerationSettings, "model", "llm-judge") == "llm-judge"


async def test_another_model_has_not_earned_what_the_shipped_one_has() -> None:
    book = Book(lambda: {TOXICITY: GOOD})
    level = policy()
    ours = await book.at(level, inspect().version)
    theirs = await book.at(level, "transformers:unitary/toxic-bert")
    assert ours.bands[TOXICITY].sure is not None
    assert all(band.sure is None for band in theirs.bands.values())
