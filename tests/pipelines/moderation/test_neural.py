import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.neural.files import CARD, FOLDER, NETWORK, TOKENIZER, Fusion
from pipelines.moderation.neural.model import NeuralModel

HOSTILE = (
    "x" * 4_000_000,
    "a b " * 100_000,
    "\u0300\u0316" * 20_000,
    "\ufdfa" * 20_000,
    "\ud800a" * 9_999,
    "\0idiot\0",
    "[CLS] [SEP] [MASK] ##s",
    "\u202eidiot na era uoy",
)


@pytest.fixture(scope="module")
def model() -> NeuralModel:
    return NeuralModel.load()


def copy(folder: Path) -> Path:
    folder.mkdir()
    for name in (NETWORK, TOKENIZER, CARD):
        shutil.copy(FOLDER / name, folder)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "you are an idiot and everybody hates you",
        "y0u are a w0rthless p1ece of garb4ge",
        "shut up you disgusting piece of garbage",
        "I will find you and kill you",
    ],
)
def test_toxic_words_are_found(model: NeuralModel, text: str) -> None:
    assert model.score([text])[0].toxic > 0.8


@pytest.mark.parametrize(
    "text",
    ["thanks a lot, that fixed it!", "kill the process with kill -9", "my brother moved to Berlin", "see you at lunch"],
)
def test_harmless_words_are_left_alone(model: NeuralModel, text: str) -> None:
    assert model.score([text])[0].toxic < 0.3


def test_a_text_scores_alone_as_in_a_batch(model: NeuralModel) -> None:
    texts = ["hello", "you idiot", "", "x " * 200, "\ud800", "😀", "what a long way to say nothing at all, my friend"]
    assert model.score(texts) == [model.score([text])[0] for text in texts]
    assert model.score([]) == []


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😀😀", "123 456!", "https://example.org/idiot"])
def test_a_text_without_letters_scores_nothing(model: NeuralModel, text: str) -> None:
    labels = dict.fromkeys(("identity_attack", "insult", "threat", "sexual", "spam"), 0.0)
    assert model.score([text]) == [Scores(toxic=0.0, labels=labels)]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text[:6]))
def test_no_text_takes_long_or_breaks_it(model: NeuralModel, hostile: str) -> None:
    started = time.process_time()
    (scores,) = model.score([hostile])
    assert time.process_time() - started < 0.5
    assert 0 <= scores.toxic <= 1


@pytest.mark.parametrize("name", [NETWORK, TOKENIZER, CARD])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped"])
def test_missing_or_damaged_files_are_one_error(tmp_path: Path, name: str, damage: str) -> None:
    file = copy(tmp_path / "neural") / name
    whole = file.read_bytes()
    middle = len(whole) // 2
    damaged = {"empty": b"", "cut": whole[:middle], "flipped": whole[:middle] + b"\0" + whole[middle + 1 :]}
    file.unlink()
    if damage != "missing":
        file.write_bytes(damaged[damage])
    with pytest.raises(ModelFailed):
        NeuralModel.load(file.parent)


@pytest.mark.parametrize("name", [NETWORK, TOKENIZER])
def test_whole_files_of_another_kind_are_the_same_error(tmp_path: Path, name: str) -> None:
    folder = copy(tmp_path / "neural")
    (folder / name).write_bytes(b"{}")
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card["files"][name] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of those two bytes
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelFailed, match="cannot start"):
        NeuralModel.load(folder)


def test_the_card_survives_writing_and_names_its_version(tmp_path: Path) -> None:
    folder = copy(tmp_path / "neural")
    fusion = Fusion.load(folder)
    (folder / CARD).write_text(fusion.dump(), encoding="utf-8")
    assert Fusion.load(folder) == fusion
    assert Fusion.load(folder).version == NeuralModel.load().version


def test_the_shipped_files_are_small_and_named_in_the_provenance() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < 25_000_000
    provenance = json.loads((FOLDER / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["files"][NETWORK]["sha256"] == Fusion.load().files[NETWORK]
    assert "MiniLM" in (FOLDER / "NOTICE").read_text(encoding="utf-8")


def test_the_libraries_wait_for_the_first_model() -> None:
    program = (
        "import sys, bot.app, pipelines.moderation.shipped;"
        "sys.exit(bool({'onnxruntime', 'tokenizers', 'numpy', 'py3langid', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
