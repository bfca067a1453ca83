"""After forgetting, no byte of it is left in any file of the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.core.errors import Transient
from storage.store import SqlStore
from tests.storage.contract_privacy import CANARY, GONE, THEM, lived


def holding(folder: Path) -> list[str]:
    """Files that hold the canary, or the member's id."""
    files = {file.name: file.read_bytes().lower() for file in folder.iterdir()}
    return [name for name, content in files.items() if CANARY.encode() in content or GONE.id.encode() in content]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'parley.db'}"


async def test_no_file_holds_what_was_forgotten(url: str, tmp_path: Path) -> None:
    store = await SqlStore.open(url)
    await lived(store)
    assert holding(tmp_path) != []
    await store.erase(THEM)
    await store.scrub()
    assert holding(tmp_path) == []
    await store.close()
    assert holding(tmp_path) == []


async def test_a_database_that_somebody_holds_is_said_to_be_busy(url: str, tmp_path: Path) -> None:
    store = await SqlStore.open(url)
    await lived(store)
    await store.erase(THEM)
    other = sqlite3.connect(tmp_path / "parley.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Transient, match="the database is busy"):
        await store.scrub()
    other.execute("ROLLBACK")
    other.close()
    await store.scrub()
    await store.close()
    assert holding(tmp_path) == []
