"""The shipped embedder: what means the same is near, whatever the words."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.assembly import embedder as shipped
from bot.core.errors import ModelFailed
from pipelines.answer.embedder.model import FOLDER, NETWORK, PROVENANCE, TextEmbedder

WIDTH = 384


@pytest.fixture
async def embedder() -> AsyncIterator[TextEmbedder]:
    model = shipped()
    yield model
    model.close()


async def cosines(model: TextEmbedder, *texts: str) -> list[float]:
    """Between the first and each of the others."""
    rows = np.array([np.frombuffer(vector, np.int8) for vector in await model.embed(texts)], np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [round(float(rows[0] @ row), 2) for row in rows[1:]]


async def test_what_means_the_same_is_near(embedder: TextEmbedder) -> None:
    question = "my laptop cannot connect to the wireless network"
    near, far = await cosines(
        embedder, question, "the wifi of this notebook does not work", "bread needs an hour to rise"
    )
    assert near > 0.5
    assert far < 0.2


async def test_any_text_has_a_vector_and_always_the_same(embedder: TextEmbedder) -> None:
    texts = ["", "\x00", "🦊" * 5_000, "a" * 100_000, "\ud800", "hello"]
    first, second = await embedder.embed(texts), await embedder.embed(texts[::-1])
    assert [len(vector) for vector in first] == [WIDTH] * len(texts)
    assert first == second[::-1]
    assert await embedder.embed([]) == []


async def test_damaged_or_missing_files_are_told(tmp_path: Path) -> None:
    tokenizer = Path("pipelines/moderation/neural/tokenizer.json")
    with pytest.raises(ModelFailed, match="cannot read"):
        await TextEmbedder(tokenizer, tmp_path).embed(["hello"])
    shutil.copy(FOLDER / PROVENANCE, tmp_path)
    (tmp_path / NETWORK).write_bytes(b"broken")
    with pytest.raises(ModelFailed, match="is damaged"):
        await TextEmbedder(tokenizer, tmp_path).embed(["hello"])
    with pytest.raises(ModelFailed, match="cannot start"):
        await TextEmbedder(tmp_path / "missing.json").embed(["hello"])
