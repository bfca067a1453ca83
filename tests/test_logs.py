"""The log: one form for everybody, below whoever types."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import Level, LogSettings, set_up


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_what_libraries_log_is_an_object_on_a_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In this process pytest listens at the root, and its handlers count as a configuration.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    set_up(LogSettings(json_lines=True), Level.INFO)
    structlog.get_logger().info("delivered", key="k")
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("slow for %s s", 3)
    ours, theirs = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (ours["event"], ours["key"], ours["level"]) == ("delivered", "k", "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("slow for 3 s", "library", "warning")


def test_a_prompt_that_stands_in_for_standard_error_gets_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(LogSettings(), Level.INFO)
    log = structlog.get_logger()
    log.info("before")
    monkeypatch.setattr(sys, "stderr", prompt := io.StringIO())
    log.info("after")
    assert "after" in prompt.getvalue()
