import asyncio
import json
import os
import sys
from gzip import open as open_gzip
from itertools import islice
from pathlib import Path

import pytest
import structlog

from bot.core.errors import ModelFailed
from pipelines.moderation.cascade import Cascade, cut, forms
from pipelines.moderation.classifier import LocalClassifier
from pipelines.moderation.isolated import IsolatedModel
from pipelines.moderation.linear import DEFAULT_PATH, LinearModel
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.shipped import Shipped, inspect, open_model
from tests.pipelines.moderation.benign import DECORATED, FOREIGN
from tests.pipelines.moderation.test_neural import HOSTILE, copy

CHAT = Path(__file__).parents[4] / "shared/data/chat/ubuntu-irc.jsonl.gz"
DOUBTFUL, SURE = 0.8, 0.99
# A worker that dies of one text, hangs on another, and finds everything else as bad as it is long.
ODD = """
import json, os, sys, time
from pipelines.moderation.isolated import read, write
while (question := read(sys.stdin.buffer)) is not None:
    texts = json.loads(question)
    if "crash" in texts:
        os._exit(3)
    if "hang" in texts:
        time.sleep(60)
    if "nonsense" in texts:
        write(sys.stdout.buffer, b"{")
    else:
        write(sys.stdout.buffer, json.dumps([[len(text) / 100, {}] for text in texts]).encode())
"""


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade(LinearModel.load(), NeuralModel.load())


def odd(deadline: float = 5.0) -> IsolatedModel:
    return IsolatedModel("odd", (sys.executable, "-c", ODD), deadline)


@pytest.mark.parametrize(
    "text",
    [
        "You are an idiot and everybody hates you",
        "shut up you moron",
        "y o u  a r e  an 1d10t, everybody h4t3s y0u",
        "y\u200bo\u200bu a\u200br\u200be a w\u200bo\u200br\u200bt\u200bh\u200bless piece of gar\u200bbage",
        "уоu аrе а stuріd mоrоn, nobody wants you here",
        "**you** are ||such|| an __idiot__ 😀",
    ],
)
def test_toxic_words_are_found_under_their_disguise(cascade: Cascade, text: str) -> None:
    assert cascade.score([text])[0].toxic > DOUBTFUL


@pytest.mark.parametrize(
    "text",
    [
        "I am a gay man from Berlin",
        "my muslim neighbours invited us for dinner",
        "kill the process with kill -9, then restart the server",
        "how do I install this package?",
    ],
)
def test_harmless_words_are_left_alone(cascade: Cascade, text: str) -> None:
    assert cascade.score([text])[0].toxic < 0.5


def test_benign_messages_pass_whatever_their_decoration(cascade: Cascade) -> None:
    scores = [score.toxic for score in cascade.score(DECORATED)]
    assert [text for text, score in zip(DECORATED, scores, strict=True) if score >= DOUBTFUL] == []


def test_benign_messages_pass_in_other_languages(cascade: Cascade) -> None:
    scores = [score.toxic for score in cascade.score(FOREIGN)]
    assert [text for text, score in zip(FOREIGN, scores, strict=True) if score >= DOUBTFUL] == []


def test_a_text_scores_alone_as_in_a_batch(cascade: Cascade) -> None:
    texts = [*DECORATED, *FOREIGN, "you idiot " * 300, "", "\ud800", "you stupid m0ron", "hello"]
    assert cascade.score(texts) == [cascade.score([text])[0] for text in texts]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text[:6]))
def test_no_text_breaks_it(cascade: Cascade, hostile: str) -> None:
    assert 0 <= cascade.score([hostile])[0].toxic <= 1


def test_harmless_padding_hides_nothing(cascade: Cascade) -> None:
    padding = "the meeting about the new build server is on tuesday at noon in the big room " * 12
    assert cascade.score([f"{padding} shut up you stupid moron, you idiot"])[0].toxic > DOUBTFUL


def test_a_disguise_is_read_in_both_forms_and_plain_words_once() -> None:
    linear = LinearModel.load()
    for text, expected in {
        "You're an *idiot*!!!": ["youre an idiot"],
        "you 1d10t": ["you idiot", "you 1d10t"],
    }.items():
        assert forms(text, cut(linear, [text])[0][0]) == expected


def test_the_version_names_both_models(cascade: Cascade) -> None:
    assert inspect() == Shipped(cascade.version)
    assert len(cascade.version) == 25


def test_without_the_transformer_the_linear_model_judges_and_the_log_says_so(tmp_path: Path) -> None:
    folder = copy(tmp_path / "neural")
    (folder / "model.onnx").unlink()
    with structlog.testing.capture_logs() as logs:
        model = open_model(folder=folder)
    assert isinstance(model, LinearModel)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("linear model alone", "error")]
    shipped = inspect(folder=folder)
    assert shipped.version == model.version
    assert "model.onnx" in shipped.missing


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_without_the_linear_model_nothing_judges(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "linear.npz"
    whole = DEFAULT_PATH.read_bytes()
    middle = len(whole) // 2
    if damage != "missing":
        flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
        path.write_bytes({"cut": whole[:middle], "flipped": flipped}[damage])
    with pytest.raises(ModelFailed):
        inspect(path)


async def test_the_process_gives_what_the_cascade_gives(cascade: Cascade) -> None:
    model = IsolatedModel("shipped")
    classifier = LocalClassifier(model, ending=model.close)
    texts = ["you idiot", "\ud800", "", *DECORATED[:5]]
    assert await classifier.score(texts) == cascade.score(texts)
    classifier.close()


async def test_a_text_that_kills_the_process_is_tried_twice_and_takes_nothing_else_along() -> None:
    model = odd()
    classifier = LocalClassifier(model)
    results = await asyncio.gather(*(classifier.score([text]) for text in ("a", "crash", "bb")), return_exceptions=True)
    assert [isinstance(result, ModelFailed) for result in results] == [False, True, False]
    assert await classifier.score(["ccc"]) == await classifier.score(["ddd"])
    model.close()


def test_what_killed_it_twice_is_not_tried_a_third_time() -> None:
    model = odd()
    with pytest.raises(ModelFailed, match="set aside"):
        model.score(["crash"])
    model.score(["a"])
    process = model.process_id
    with pytest.raises(ModelFailed, match="set aside"):
        model.score(["crash"])
    assert model.process_id == process
    model.close()


def test_a_process_that_hangs_is_replaced() -> None:
    model = odd(deadline=0.5)
    with pytest.raises(ModelFailed):
        model.score(["hang"])
    assert model.score(["abc"])[0].toxic == pytest.approx(0.03)
    model.close()


def test_an_answer_that_makes_no_sense_counts_as_a_death() -> None:
    model = odd()
    with pytest.raises(ModelFailed):
        model.score(["nonsense"])
    assert model.score(["abc"])[0].toxic == pytest.approx(0.03)
    model.close()


def test_a_process_that_cannot_start_is_left_alone_for_a_while() -> None:
    now = [0.0]
    model = IsolatedModel("none", (sys.executable, "-c", "raise SystemExit(1)"), clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(ModelFailed, match="cannot be started"):
            model.score(["hello"])
    now[0] = 31.0
    model.command = (sys.executable, "-c", ODD)
    assert model.score(["hello"])[0].toxic == pytest.approx(0.05)
    model.close()


def test_the_process_ends_when_nobody_holds_the_model() -> None:
    model = odd()
    model.score(["a"])
    process_id = model.process_id
    assert process_id is not None
    del model
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


@pytest.mark.skipif(not CHAT.exists(), reason="the chat corpus is not beside this checkout")
def test_a_quiet_technical_channel_is_hardly_ever_disturbed(cascade: Cascade) -> None:
    with open_gzip(CHAT, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 0, 200_000, 100)]
    toxic = [score.toxic for score in cascade.score(texts)]
    assert sum(score >= DOUBTFUL for score in toxic) / len(toxic) <= 0.005
    assert sum(score >= SURE for score in toxic) / len(toxic) <= 0.001
