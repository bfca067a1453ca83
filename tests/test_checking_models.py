"""`parley check` asks every configured model something and says what to mend where it does not answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot.check import check
from bot.llm.settings import LlmSettings
from bot.settings import Settings, load
from bot.text_models import JUDGE_WITHOUT_MODEL, JUDGE_WITHOUT_POLICY, NO_LANGUAGE_MODEL, NOTHING_LEAVES
from connectors.spec import Probe
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.moderation.tiny import make
from tests.servers.llm import Cut, LlmServer, Refuse, Say

OMNI = "openai:omni-moderation-latest"


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """The command sets the log up for its own process."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with LlmServer() as server:
        yield server


async def looked(llm: Mapping[str, object], moderation: Mapping[str, object], *, offline: bool = False) -> list[Probe]:
    """What was found about models, the shipped one aside; no connector is asked."""
    settings: Settings = replace(
        load(None, {"DATABASE_URL": "sqlite://"}),
        llm=LlmSettings.model_validate(llm),
        moderation=ModerationSettings.model_validate(moderation),
        connectors={},
    )
    found = await check(settings, offline=offline)
    return [probe for probe in found if probe.what in ("language model", "moderation model")]


async def test_without_a_language_model_it_says_how_to_get_one() -> None:
    assert await looked({}, {}) == [Probe("language model", ok=True, detail=NO_LANGUAGE_MODEL)]


async def test_a_language_model_that_answers(server: LlmServer) -> None:
    for step in (Say("yes"), Say("Let me think", why="length")):
        server.will(step)
        [found] = await looked({"base_url": server.url, "model": "tiny"}, {})
        assert (found.ok, found.detail) == (True, f"tiny at {server.url} answers")


async def test_a_language_model_that_is_not_there_is_told_beside_those_that_are(server: LlmServer) -> None:
    server.will(Refuse(404))
    [found] = await looked({"base_url": server.url, "model": "tinny"}, {})
    assert not found.ok
    assert found.detail.endswith("see llm.model and llm.base_url. There are: large, tiny.")


async def test_a_language_model_that_breaks_off_does_not_answer(server: LlmServer) -> None:
    server.will(Cut("ye"))
    [found] = await looked({"base_url": server.url, "model": "tiny"}, {})
    assert (found.ok, found.detail) == (False, "The connection broke.")


async def test_offline_nobody_is_asked(server: LlmServer) -> None:
    llm = {"base_url": server.url, "model": "tiny"}
    for model in (OMNI, "llm-judge", "transformers:unitary/toxic-bert"):
        found = await looked(llm, {"model": model, "judge_policy": "Be kind."}, offline=True)
        assert [probe.ok for probe in found] == [True, True]
    assert server.asked == []


async def test_a_moderation_endpoint_answers_or_the_shipped_model_judges(server: LlmServer) -> None:
    _, found = await looked({"base_url": server.url}, {"model": OMNI})
    assert found.ok
    assert found.detail.startswith(f"omni-moderation-latest at {server.url} answers; it is shown what is written in")
    server.will(Refuse(401))
    _, found = await looked({"base_url": server.url}, {"model": OMNI})
    assert not found.ok
    assert found.detail.startswith("the shipped model judges instead: the endpoint does not accept our key (HTTP 401)")


async def test_a_model_elsewhere_that_may_be_shown_nothing_is_a_mistake(server: LlmServer) -> None:
    llm = {"base_url": server.url, "model": "tiny"}
    for model in (OMNI, "llm-judge"):
        _, found = await looked(llm, {"model": model, "judge_policy": "Be kind.", "remote_texts": "none"})
        assert (found.ok, found.detail) == (False, NOTHING_LEAVES)


async def test_a_judge_needs_a_model_and_rules(server: LlmServer) -> None:
    llm = {"base_url": server.url, "model": "tiny"}
    assert (await looked({}, {"model": "llm-judge"}))[1].detail == JUDGE_WITHOUT_MODEL
    assert (await looked(llm, {"model": "llm-judge"}))[1].detail == JUDGE_WITHOUT_POLICY
    _, found = await looked(llm, {"model": "llm-judge", "judge_policy": "Be kind.", "remote_texts": "all"})
    assert found.ok
    assert found.detail.endswith("private rooms and direct messages too")


async def test_a_model_in_a_folder_is_loaded_and_asked(tmp_path: Path) -> None:
    name = make(tmp_path / "tiny", ("neutral", "toxic"))
    _, found = await looked({}, {"model": f"transformers:{name}"})
    assert found.ok
    assert found.detail.startswith("transformers:tiny@")
    _, found = await looked({}, {"model": f"transformers:{tmp_path}/nowhere"})
    assert not found.ok
    assert "nowhere holds no model" in found.detail
