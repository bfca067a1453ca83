"""What the local models cost and how they do; the corpora lie beside the checkout."""

from __future__ import annotations

import csv
import gzip
import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.core.ports import Scores
from pipelines.moderation.cascade import Cascade
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.isolated import IsolatedModel
from pipelines.moderation.linear import LinearModel
from pipelines.moderation.neural.evade import TRICKS
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.normalise import has_letters
from pipelines.moderation.train import SHARE_ALIKE

DATA = Path(__file__).parents[2] / "shared" / "data"
CHAT = DATA / "chat" / "ubuntu-irc.jsonl.gz"
SLACK = DATA / "chat" / "slack-houstondatavis"
LABELLED = DATA / "moderation" / "train.csv.gz"

MESSAGES, BENIGN, TOXIC = 6_000, 12_000, 1_500
THRESHOLDS = (0.5, 0.8, 0.9, 0.97, 0.99)
FALSE_ALARMS = 0.01
WAIT_MS = 20
SEED = 5


def main() -> None:
    """Print speed, memory, what is flagged in real chat, and how much of the abuse is found under each disguise."""
    if not CHAT.exists() or not LABELLED.exists():
        print(f"The classifier is measured on corpora that are not in {DATA}.")
        return
    source = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    chat = _chat()
    cascade = Cascade(LinearModel.load(), NeuralModel.load())
    _speed(cascade, source.sample(chat, MESSAGES))
    _alone(source.sample(chat, MESSAGES // 4))
    _flagged("#ubuntu", cascade, source.sample(chat, MESSAGES * 3))
    _flagged("a workspace on Slack", cascade, _slack())
    _found(cascade, source.sample(chat, BENIGN), source.sample(_toxic(), TOXIC), source)


def _chat() -> list[str]:
    """Messages of the channel that no model was trained on."""
    known = {row["text"] for row in _labelled() if row["source"] == "ubuntu_irc"}
    with gzip.open(CHAT, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [text for text in texts if text not in known and has_letters(text)]


def _slack() -> list[str]:
    days = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(SLACK.glob("*/*.json"))]
    said = [message for day in days for message in day if "subtype" not in message]
    return [message["text"] for message in said if has_letters(message.get("text", ""))]


def _toxic() -> list[str]:
    rows = [row for row in _labelled() if row["split"] == "valid" and row["toxic"] == "1.0"]
    return [row["text"] for row in rows if row["source"] not in SHARE_ALIKE and has_letters(row["text"])]


def _labelled() -> list[Mapping[str, str]]:
    with gzip.open(LABELLED, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _speed(cascade: Cascade, texts: Sequence[str]) -> None:
    cascade.score(texts[:64])
    started = time.process_time()
    for first in range(0, len(texts), 32):
        cascade.score(texts[first : first + 32])
    spent = time.process_time() - started
    print(f"cascade, batches of 32: {len(texts) / spent:,.0f} messages/s of one core")


def _alone(texts: Sequence[str]) -> None:
    """One message at a time through the process, as a quiet room brings them."""
    model = IsolatedModel("bench")
    started = time.perf_counter()
    model.score(["hello"])
    print(f"first message: {time.perf_counter() - started:.2f} s")
    waits = []
    for text in texts:
        started = time.perf_counter()
        model.score([text])
        waits.append((time.perf_counter() - started) * 1_000)
    waits.sort()
    middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    print(f"one message alone, process included: p50 {middle:.1f} ms, p99 {late:.1f} ms (aim < {WAIT_MS} ms)")
    memory = _resident_mb(model.process_id)
    if memory:
        print(f"memory of the process: {memory:.0f} MB")
    model.close()


def _resident_mb(process_id: int | None) -> float:
    """Linux alone tells without another library."""
    status = Path(f"/proc/{process_id}/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _flagged(name: str, model: Cascade, texts: Sequence[str]) -> None:
    toxic = [score.toxic for score in model.score(texts)]
    shares = [f"{sum(score >= at for score in toxic) / len(toxic):.3%} >= {at}" for at in THRESHOLDS]
    print(f"flagged of {len(texts):,} messages of {name}: {', '.join(shares)}")


def _found(cascade: Cascade, benign: Sequence[str], toxic: Sequence[str], source: random.Random) -> None:
    """Recall at the score that 1 % of the benign messages exceed, clean and under each disguise."""
    linear = LinearModel.load()
    print(f"linear model alone, recall at 1 % false alarms: {_recall(linear, toxic, _bound(linear, benign)):.3f}")
    bound = _bound(cascade, benign)
    clean = _recall(cascade, toxic, bound)
    print(f"cascade, recall at 1 % false alarms (score > {bound:.2f}): clean {clean:.3f}")
    for name, trick in TRICKS.items():
        found = _recall(cascade, [trick(text, source) for text in toxic], bound)
        print(f"  {name}: {found:.3f}, {found / clean:.0%} of clean")


def _bound(model: Scorer, benign: Sequence[str]) -> float:
    return float(np.quantile(_toxicity(model.score(benign)), 1 - FALSE_ALARMS))


def _recall(model: Scorer, toxic: Sequence[str], bound: float) -> float:
    return float(np.mean(_toxicity(model.score(toxic)) > bound))


def _toxicity(scores: Sequence[Scores]) -> npt.NDArray[np.float64]:
    return np.array([score.toxic for score in scores])
