"""The connectors, each against the contract in `conformance` and by itself."""

import pytest

pytest.register_assert_rewrite("tests.connectors.conformance")
