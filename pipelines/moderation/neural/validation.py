"""Count how the finished models score what they were not trained on: the evidence that the bands rest on.

`python -m pipelines.moderation.neural.validation DATA.csv.gz CHAT.jsonl.gz` writes `validation.json`, without torch.
"""

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.core.ports import Scores
from pipelines.moderation.backing import ABUSE, FILE
from pipelines.moderation.bands import TOXICITY, Aim, Band, Known, fit
from pipelines.moderation.cascade import Cascade
from pipelines.moderation.counts import Shipped, count
from pipelines.moderation.evaluation.judged import judge
from pipelines.moderation.linear import LinearModel
from pipelines.moderation.neural.files import digest
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.neural.rows import OUTPUTS, Row, read
from pipelines.moderation.normalise import has_letters
from pipelines.moderation.opinion import Earned

_BATCH: Final = 256
# The other half of the chat is left for measuring what the bands promise.
_EVERY: Final = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Score validation rows and chat, write the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("chat", type=Path, help="JSON lines with a `text` each, one chat of one public channel")
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    cascade = Cascade(LinearModel.load(), NeuralModel.load())
    rows, chat = read(options.data, "valid"), list(ordinary(options.chat, options.data))
    texts = [row.text for row in rows]
    scored, said = score(cascade, texts), score(cascade, chat)
    labels = {name: _counted(name, rows, scored, said) for name in OUTPUTS}
    doubtful = fit({TOXICITY: Known(shipped=Shipped(benign=count(found.toxic for found in said)))}, Aim())[
        TOXICITY
    ].doubtful
    clear, clear_said = alone(cascade, texts, scored, doubtful), alone(cascade, chat, said, doubtful)
    labels["toxic"]["clear_positives"] = _sorted(
        count(found for found, row in zip(clear, rows, strict=True) if found and row.labels.get("toxic") == 1)
    )
    labels["toxic"]["clear_benign_chat"] = _sorted(count(filter(None, clear_said)))
    origin = {
        "model": cascade.version,
        "data": digest(options.data),
        "chat": digest(options.chat),
        "messages": len(chat),
    }
    options.out.write_text(json.dumps({**origin, "labels": labels}, separators=(",", ":")) + "\n", encoding="utf-8")


def ordinary(chat: Path, data: Path) -> Iterable[str]:
    """Every second message, less those that were trained on and those that somebody read and found abusive."""
    with gzip.open(chat, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    known = {row.text for split in ("train", "valid") for row in read(data, split) if row.source == "ubuntu_irc"}
    abuse = set(ABUSE.read_text(encoding="utf-8").split())
    for text in texts[::_EVERY]:
        if has_letters(text) and text not in known and mark(text) not in abuse:
            yield text


def mark(text: str) -> str:
    """Names a message that was read without repeating it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def score(cascade: Cascade, texts: Sequence[str]) -> list[Scores]:
    """In order, batch after batch."""
    parts = (texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH))
    return [found for part in parts for found in cascade.score(part)]


def alone(cascade: Cascade, texts: Sequence[str], scored: Sequence[Scores], doubtful: float) -> list[float]:
    """The score of each text if it is doubtful or more and nothing would speak against acting on it, else 0."""
    flagged = [text for text, found in zip(texts, scored, strict=True) if found.toxic >= doubtful]
    earned = Earned(bands={TOXICITY: Band(doubtful=doubtful, sure=doubtful)}, version=cascade.version)
    clear = {text for text, found in zip(flagged, judge(flagged, cascade, earned), strict=True) if found.alone}
    return [found.toxic if text in clear else 0.0 for text, found in zip(texts, scored, strict=True)]


def _counted(
    name: str, rows: Sequence[Row], scored: Sequence[Scores], said: Sequence[Scores]
) -> dict[str, dict[str, float]]:
    known = [
        (row.labels[name], _of(name, found)) for row, found in zip(rows, scored, strict=True) if name in row.labels
    ]
    return {
        "positives": _sorted(count(found for truth, found in known if truth)),
        "negatives": _sorted(count(found for truth, found in known if not truth)),
        "benign_chat": _sorted(count(_of(name, found) for found in said)),
    }


def _sorted(tally: Mapping[int, float]) -> dict[str, float]:
    return {str(number): tally[number] for number in sorted(tally)}


def _of(name: str, found: Scores) -> float:
    return found.toxic if name == "toxic" else found.labels[name]


if __name__ == "__main__":
    main()
