"""The evidence that is shipped with the model: how it scored validation rows and real chat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from pipelines.moderation.bands import TOXICITY
from pipelines.moderation.counts import BINS, Shipped, Tally
from pipelines.moderation.features import readable

log = structlog.get_logger(__name__)

FILE: Final = Path(__file__).parent / "neural" / "validation.json"
# Marks of messages in the ordinary chat that were read and are abuse: to find them is no mistake.
ABUSE: Final = FILE.with_name("read_as_abuse.txt")


def shipped_evidence(file: Path = FILE) -> Mapping[str, Shipped]:
    """By label; none where the file is missing or damaged, and then nobody acts on the model's word."""
    return _read(file)


@cache
def _read(file: Path) -> Mapping[str, Shipped]:
    try:
        labels = json.loads(file.read_text(encoding="utf-8"))["labels"]
        return {_name(label): _counted(counts) for label, counts in labels.items()}
    except FileNotFoundError:
        log.warning("no evidence for bands came with the model: it asks and never acts")
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("no evidence for bands", reason=str(error))  # noqa: TRY400  # the sentence is enough
        return {}


def _name(label: str) -> str:
    return TOXICITY if label == "toxic" else readable(label)


def _counted(counts: Mapping[str, Mapping[str, float]]) -> Shipped:
    return Shipped(
        positives=_tally(counts["positives"]),
        negatives=_tally(counts["negatives"]),
        benign=_tally(counts["benign_chat"]),
        clear_positives=_tally(counts["clear_positives"]) if "clear_positives" in counts else None,
        clear_benign=_tally(counts["clear_benign_chat"]) if "clear_benign_chat" in counts else None,
    )


def _tally(counts: Mapping[str, float]) -> Tally:
    tally = {int(number): float(value) for number, value in counts.items()}
    if not all(0 <= number < BINS and value >= 0 for number, value in tally.items()):
        raise ValueError("a count is outside the bins")
    return tally
