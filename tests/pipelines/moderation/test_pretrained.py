"""A classifier of the library transformers scores as the library says, from a folder and in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from bot.core.errors import ModelFailed
from bot.llm.settings import LlmSettings
from bot.models import models, pretrained_model
from pipelines.moderation import pretrained
from pipelines.moderation.isolated import WORKER, IsolatedModel
from pipelines.moderation.pretrained import Pretrained, version
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.moderation.tiny import PLACES, directly, make

SEVERAL = ("toxic", "insult", "identity_hate")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make(tmp_path_factory.mktemp("single"), ("neutral", "toxic"))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make(tmp_path_factory.mktemp("several"), SEVERAL, "multi_label_classification")


def test_one_label_of_two_is_a_share(single: str) -> None:
    import torch

    expected = torch.tensor(directly(single, "you are a fool")).softmax(-1)[1].item()
    [found] = Pretrained.load(single, {}).score(["you are a fool"])
    assert found.toxic == pytest.approx(expected, abs=1e-5)
    assert found.labels == {}


def test_labels_side_by_side_each_have_a_chance(several: str) -> None:
    import torch

    toxic, insult, hate = torch.tensor(directly(several, "you are a fool")).sigmoid().tolist()
    [found] = Pretrained.load(several, {}).score(["you are a fool"])
    assert found.toxic == pytest.approx(max(toxic, insult, hate), abs=1e-5)
    assert found.labels == {"insult": pytest.approx(insult, abs=1e-5), "identity_attack": pytest.approx(hate, abs=1e-5)}


def test_texts_of_all_lengths_are_scored_in_their_order(single: str) -> None:
    model = Pretrained.load(single, {})
    texts = ["good day", "you are a fool " * 50, "", "hello there", "fools", "👍"] * 20
    together, alone = model.score(texts), [model.score([text])[0] for text in texts[:6]]
    assert [score.toxic for score in together] == pytest.approx([score.toxic for score in alone] * 20, abs=1e-5)
    assert together[2].toxic == together[5].toxic == 0.0


def test_the_worst_piece_of_a_long_text_counts(single: str) -> None:
    model = Pretrained.load(single, {})
    words = ["fool", "fine", "hello", "good"]
    ordered = sorted(words, key=lambda word: model.score([" ".join([word] * PLACES)])[0].toxic)
    calm, worst = ordered[0], ordered[-1]
    pieces = [" ".join([calm] * PLACES), " ".join([worst] * PLACES)]
    [calm_score, worst_score] = (score.toxic for score in model.score(pieces))
    [long] = model.score([" ".join([calm] * 10 * PLACES + [worst] * PLACES + [calm] * 10 * PLACES)])
    assert long.toxic >= worst_score > calm_score


def test_a_disguise_is_read_too(single: str) -> None:
    model = Pretrained.load(single, {})
    plain, hidden = model.score(["you are a fool", "you are a f\u200boo\u200bl"])
    assert hidden.toxic >= plain.toxic - 1e-5


def test_a_folder_needs_no_network(single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(Pretrained.load(single, {}).score(["hello there"])) == 1


def test_other_weights_are_another_version(single: str, tmp_path: Path) -> None:
    other = make(tmp_path / "other", ("neutral", "toxic"))
    weights = tmp_path / "other" / "model.safetensors"
    before = version(other)
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert before != version(other)
    assert version(single).startswith("transformers:single")
    assert version("unitary/toxic-bert") == "transformers:unitary/toxic-bert"


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_folder_is_told_in_one_sentence(tmp_path: Path, damage: str) -> None:
    name = make(tmp_path / "broken", ("neutral", "toxic"))
    (tmp_path / "broken" / damage).write_bytes(b"{")
    with pytest.raises(ModelFailed, match="broken cannot be loaded: ") as failed:
        Pretrained.load(name, {})
    assert "\n" not in str(failed.value)


def test_a_model_that_was_never_trained_to_classify_is_not_taken_for_one(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    name, weights = make(tmp_path / "headless", ("neutral", "toxic")), tmp_path / "headless" / "model.safetensors"
    body = {key: value for key, value in load_file(weights).items() if not key.startswith("classifier")}
    save_file(body, weights, {"format": "pt"})
    with pytest.raises(ModelFailed, match="was not trained to classify: it lacks classifier"):
        Pretrained.load(name, {})


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match="nowhere holds no model: No such file or directory"):
        Pretrained.load(str(tmp_path / "nowhere"), {})


def test_without_the_extra_the_shipped_model_judges(single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "NEEDS", ("torch", "a library that is not there"))
    settings = ModerationSettings(model=f"transformers:{single}")
    with pytest.raises(ModelFailed, match="cannot run: it needs the extra torch; in Parley’s folder"):
        pretrained_model(single, settings)
    found = models(settings, LlmSettings())
    assert found.first is found.shipped is not None


def test_a_killed_process_is_replaced_and_a_stopped_one_too(several: str) -> None:
    model = IsolatedModel("tiny", (*WORKER, several, "{}"), deadline=5.0)
    before = model.score(["you are a fool"])
    for strike in (signal.SIGKILL, signal.SIGSTOP):
        process = model.process_id
        assert process is not None
        os.kill(process, strike)
        model.deadline = 1.0
        assert model.score(["you are a fool"]) == before
        assert model.process_id != process
    model.close()


def test_a_process_that_cannot_load_its_model_says_why() -> None:
    model = IsolatedModel("tiny", (*WORKER, "/nowhere/at/all", "{}"))
    with pytest.raises(ModelFailed, match="the folder /nowhere/at/all holds no model"):
        model.score(["hello"])


async def test_the_setting_brings_it_into_the_house(single: str) -> None:
    found = models(ModerationSettings(model=f"transformers:{single}"), LlmSettings())
    assert found.first is not None
    assert found.first is found.others.here
    assert found.first.version == version(single)
    [score] = await found.first.score(["you are a fool"])
    assert 0 < score.toxic < 1
    await found.close()
