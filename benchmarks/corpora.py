"""Real chat and labelled rows, which lie beside the checkout; empty where they do not."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipelines.moderation.neural.rows import Row, read
from pipelines.moderation.normalise import has_letters
from pipelines.moderation.train import SHARE_ALIKE

DATA = Path(__file__).parents[2] / "shared" / "data"
CHAT = DATA / "chat" / "ubuntu-irc.jsonl.gz"
SLACK = DATA / "chat" / "slack-houstondatavis"
LABELLED = DATA / "moderation" / "train.csv.gz"


def ubuntu() -> list[str]:
    """Messages of #ubuntu that no model was trained on."""
    if not CHAT.exists():
        return []
    known = {row["text"] for row in labelled() if row["source"] == "ubuntu_irc"}
    with gzip.open(CHAT, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [text for text in texts if text not in known and has_letters(text)]


def slack() -> list[str]:
    """What was said in a public workspace."""
    days = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(SLACK.glob("*/*.json"))]
    said = [message for day in days for message in day if "subtype" not in message]
    return [message["text"] for message in said if has_letters(message.get("text", ""))]


def validation() -> list[Row]:
    """Rows of the sources trained on that were kept apart, as the model is built with them."""
    return [row for row in read(LABELLED, "valid") if "toxic" in row.labels] if LABELLED.exists() else []


def unknown(toxic: str) -> list[str]:
    """Rows with this label, "0.0" or "1.0", of whole sources that no model was trained on."""
    return [row["text"] for row in labelled() if row["source"] in SHARE_ALIKE and row["toxic"] == toxic]


def polite() -> list[str]:
    """People chatting politely, whom no model was trained on."""
    return [row["text"] for row in labelled() if row["source"] == "topical_chat"]


@cache
def labelled() -> tuple[Mapping[str, str], ...]:
    """Every row as it stands in the file."""
    if not LABELLED.exists():
        return ()
    with gzip.open(LABELLED, "rt", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
