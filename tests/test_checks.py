"""The checks tell in a line each how they went, and in full only what went wrong."""

import pytest

from tests.__main__ import passes


def test_a_check_that_passes_takes_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert passes("python --version")
    said = capfd.readouterr().out
    assert said.startswith("ok    python --version ")
    assert said.count("\n") == 1


def test_a_check_that_fails_shows_its_own_words_first(capfd: pytest.CaptureFixture[str]) -> None:
    assert not passes("python --no-such-option")
    own_words, _, verdict = capfd.readouterr().out.partition("\nFAIL  python --no-such-option ")
    assert "--no-such-option" in own_words
    assert verdict.endswith(" s\n")
