"""The evidence that comes with the model, read; where it is missing or damaged there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.moderation.backing import shipped_evidence
from pipelines.moderation.counts import Shipped


def test_counts_are_read_by_label(tmp_path: Path) -> None:
    counts: dict[str, dict[str, int]] = {"positives": {"900": 3}, "negatives": {}, "benign_chat": {"100": 5}}
    (tmp_path / "v.json").write_text(json.dumps({"labels": {"toxic": counts, "identity_attack": counts}}))
    found = Shipped(positives={900: 3}, benign={100: 5})
    assert shipped_evidence(tmp_path / "v.json") == {"toxicity": found, "identity attack": found}


OUTSIDE = '{"labels": {"toxic": {"positives": {"1000": 1}, "negatives": {}, "benign_chat": {}}}}'


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": {"toxic": {}}}', '{"labels": [1]}', OUTSIDE])
def test_a_damaged_file_is_no_evidence(tmp_path: Path, content: str) -> None:
    (tmp_path / "v.json").write_text(content)
    assert shipped_evidence(tmp_path / "v.json") == {}


def test_a_missing_file_is_no_evidence(tmp_path: Path) -> None:
    assert shipped_evidence(tmp_path / "v.json") == {}
