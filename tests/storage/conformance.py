"""The contract of every store; inherit `StoreContract`, and give the fixtures it names."""

from __future__ import annotations

import pytest

from bot.core.stored import Store
from tests.storage.build import Opening
from tests.storage.contract_cases import CaseContract
from tests.storage.contract_inbox import InboxContract
from tests.storage.contract_jobs import JobContract
from tests.storage.contract_learning import LearningContract
from tests.storage.contract_meanings import MeaningContract
from tests.storage.contract_outbox import OutboxContract
from tests.storage.contract_passages import PassageContract
from tests.storage.contract_polls import PollContract
from tests.storage.contract_privacy import PrivacyContract
from tests.storage.contract_waves import WaveContract


class StoreContract(
    InboxContract,
    CaseContract,
    OutboxContract,
    JobContract,
    PollContract,
    PassageContract,
    MeaningContract,
    LearningContract,
    PrivacyContract,
    WaveContract,
):
    """Give `store`, a fresh one for each test, and `opening`, which opens one lasting database whenever called."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def opening(self) -> Opening:
        raise NotImplementedError

    async def test_a_store_that_works_is_not_degraded(self, store: Store) -> None:
        assert store.degraded == ""
