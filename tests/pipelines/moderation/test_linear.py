import json
import random
import subprocess
import sys
import time
import zipfile
from gzip import open as open_gzip
from itertools import islice
from pathlib import Path

import pytest

from bot.core.errors import ModelFailed
from bot.core.ports import Scores
from pipelines.moderation.linear import DEFAULT_PATH, LinearModel

CHAT = Path(__file__).parents[4] / "shared/data/chat/ubuntu-irc.jsonl.gz"
NOTHING = Scores(toxic=0.0, labels=dict.fromkeys(("identity_attack", "insult", "threat", "sexual", "spam"), 0.0))


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return LinearModel.load()


@pytest.mark.parametrize(
    "text",
    [
        "You are an idiot and everybody hates you",
        "shut up you moron",
        "you are a worthless piece of garbage, nobody wants you here",
        "y o u  a r e  an 1d10t",
        "y0u st*pid m0r0n",
        "I will find you and kill you",
    ],
)
def test_toxic_words_are_found(model: LinearModel, text: str) -> None:
    assert model.score([text])[0].toxic > 0.8


@pytest.mark.parametrize(
    "text",
    [
        "thanks a lot, that fixed it!",
        "how do I install this package?",
        "see you tomorrow at lunch",
        "kill the process with kill -9, then restart the server",
        "my dog died yesterday and I miss him",
        "I am a gay man from Berlin",
        "Notification settings are in the menu on the left",
        "**good morning** everyone 😀",
    ],
)
def test_harmless_words_are_left_alone(model: LinearModel, text: str) -> None:
    assert model.score([text])[0].toxic < 0.5


def test_an_advertisement_looks_like_spam(model: LinearModel) -> None:
    scores = model.score(["WIN a free prize now!!! Call 08001234567 to claim your cash", "lunch at noon?"])
    assert [score.labels["spam"] > 0.8 for score in scores] == [True, False]


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😀😀", "123 456!", "10:30", "https://example.org/idiot"])
def test_a_text_without_letters_scores_nothing(model: LinearModel, text: str) -> None:
    assert model.score([text]) == [NOTHING]


def test_a_text_scores_alone_as_in_a_batch(model: LinearModel) -> None:
    source = random.Random(3)
    words = ["idiot", "hello", "ты", "\ud800", "x", "", "strasse", "12", "é" * 9, "you", "a" * 700]
    texts = [" ".join(source.choices(words, k=source.randrange(40))) for _ in range(300)] + ["you idiot " * 400]
    assert model.score(texts) == [model.score([text])[0] for text in texts]


def test_no_texts_give_no_scores(model: LinearModel) -> None:
    assert model.score([]) == []


def test_harmless_padding_hides_nothing(model: LinearModel) -> None:
    padding = "the meeting about the new build server is on tuesday at noon in the big room " * 12
    assert model.score([f"{padding} shut up you stupid moron, you idiot"])[0].toxic > 0.8


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 4_000_000,
        "a b " * 1_000_000,
        "\u0300\u0316" * 20_000,
        "\ufdfa" * 100_000,
        "é" * 100_000,
        "\ud800a" * 9_999,
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_no_text_takes_long(model: LinearModel, hostile: str) -> None:
    started = time.process_time()
    (scores,) = model.score([hostile])
    assert time.process_time() - started < 0.5
    assert 0 <= scores.toxic <= 1


def test_the_version_follows_the_weights(model: LinearModel, tmp_path: Path) -> None:
    copy = tmp_path / "copy.npz"
    copy.write_bytes(DEFAULT_PATH.read_bytes())
    assert LinearModel.load(copy).version == model.version
    assert len(model.version) == 12


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "other archive"])
def test_missing_or_damaged_weights_are_one_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "weights.npz"
    whole = DEFAULT_PATH.read_bytes()
    if damage == "other archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("names.npy", b"no array")
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"hello"}[damage])
    with pytest.raises(ModelFailed):
        LinearModel.load(path)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    whole = bytearray(DEFAULT_PATH.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(ModelFailed):
        LinearModel.load(path)


def test_numpy_waits_for_the_first_model() -> None:
    program = "import sys, pipelines.moderation.linear; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.skipif(not CHAT.exists(), reason="the chat corpus is not beside this checkout")
def test_a_quiet_technical_channel_is_hardly_ever_disturbed(model: LinearModel) -> None:
    with open_gzip(CHAT, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 0, 200_000, 40)]
    toxic = [score.toxic for score in model.score(texts)]
    assert sum(score > 0.8 for score in toxic) / len(toxic) < 0.01
    assert sum(score > 0.99 for score in toxic) / len(toxic) < 0.002
