"""Text search in SQLite, where ranking costs something for each message that holds a word."""

from __future__ import annotations

import pytest

from storage import passages
from tests.fakes import opened
from tests.storage.build import posted
from tests.storage.contract_passages import approved, found, index


async def test_words_that_too_many_hold_count_only_without_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "RANKED", 2)
    async with opened() as store:
        await approved(store, *(posted(str(number), "an oak") for number in range(3)), posted("3", "an elm"))
        await index(store)
        assert await found(store, "oak", "elm") == ["3"]
        assert sorted(await found(store, "oak")) == ["0", "1", "2"]
        assert sorted(await found(store, "oak", "fir")) == ["0", "1", "2"]
        assert sorted(await found(store, "oak", "élm")) == ["0", "1", "2", "3"]
