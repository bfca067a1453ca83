"""Tests of the storage."""

import pytest

pytest.register_assert_rewrite(
    "tests.storage.conformance",
    "tests.storage.contract_cases",
    "tests.storage.contract_inbox",
    "tests.storage.contract_jobs",
    "tests.storage.contract_outbox",
    "tests.storage.contract_queue",
)
