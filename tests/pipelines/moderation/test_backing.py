"""The evidence that comes with the model, read; where it is missing or damaged there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.moderation.backing import shipped_evidence
from pipelines.moderation.counts import BINS, Shipped


def test_counts_are_read_by_label(tmp_path: Path) -> None:
    counts = {kind: [0] * BINS for kind in ("positives", "negatives", "benign_chat")}
    counts["positives"][900] = 3
    counts["benign_chat"][100] = 5
    (tmp_path / "v.json").write_text(json.dumps({"labels": {"toxic": counts, "identity_attack": counts}}))
    found = Shipped(positives={900: 3}, benign={100: 5})
    assert shipped_evidence(tmp_path / "v.json") == {"toxicity": found, "identity attack": found}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": {"toxic": {}}}', '{"labels": [1]}'])
def test_a_damaged_file_is_no_evidence(tmp_path: Path, content: str) -> None:
    (tmp_path / "v.json").write_text(content)
    assert shipped_evidence(tmp_path / "v.json") == {}


def test_a_missing_file_is_no_evidence(tmp_path: Path) -> None:
    assert shipped_evidence(tmp_path / "v.json") == {}
