"""`parley bands` and `parley calibrate` over a store with decided cases: what is shown, kept and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.core.action import AskReview, Decide
from bot.core.address import Address
from bot.core.evidence import Evidence
from bot.core.learning import Label
from bot.core.settlement import Settlement
from bot.core.stored import Heard
from bot.opening import open_app
from bot.settings import load
from pipelines.moderation.shipped import inspect
from storage.store import SqlStore
from tests.fakes import ROOM, eventually, said
from tests.pipelines.moderation.learned import rough_room

COMMUNITY = "fake/T1"
HERE = Address("fake", "T1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    # As wide as it takes to hold a sentence on one line.
    monkeypatch.setenv("COLUMNS", "200")
    yield tmp_path
    structlog.reset_defaults()


def parley(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def reviewed(count: int) -> None:
    """A store in which moderators have decided so many cases."""

    async def fill() -> None:
        store = await SqlStore.open("sqlite:///parley.db")
        for number, label in enumerate(rough_room(count), 1):
            await _decide(store, number, label)
        await store.close()

    asyncio.run(fill())


async def _decide(store: SqlStore, number: int, label: Label) -> None:
    event = said("some words", f"m{number}", ROOM)
    evidence = Evidence(model=inspect().version, features=label.features)
    await store.accept([Heard(event)], None)
    asked = AskReview(about=ROOM, message_id=f"m{number}", evidence=evidence)
    await store.settle(Settlement(event_key=event.key, where=ROOM, reviews=[asked]))
    decision = Decide(case=number, decision=label.decision, by="mo")
    await store.settle(Settlement(cause=f"press{number}", decisions=[decision]))


def chosen() -> int:
    async def look() -> int:
        found = await open_app(load(None, {}))
        try:
            return found.judging.levels.at(HERE).settings.calibration
        finally:
            await found.store.close()

    return asyncio.run(look())


def test_too_few_cases_are_refused_with_a_sentence() -> None:
    reviewed(3)
    refused = parley("calibrate", "--community", COMMUNITY)
    sentence = "3 reviewed cases that this model judged are too few to learn from; come back when there are 50."
    assert (refused.exit_code, refused.stderr) == (2, f"fake/T1: {sentence}\n")
    assert chosen() == 0


def test_without_any_case_there_is_nothing_to_learn() -> None:
    reviewed(0)
    refused = parley("calibrate")
    assert (refused.exit_code, refused.stderr[:30]) == (2, "No moderator has decided a cas")


def test_what_was_learned_is_shown_before_and_after_kept_and_taken_back() -> None:
    reviewed(120)
    made = parley("calibrate")
    assert made.exit_code == 0
    assert "fake/T1: calibration 1, learned from 120 reviewed cases, holds from here on" in made.stdout
    before, after = (
        line.split("│") for line in made.stdout.split("\n") if line.lstrip().startswith(("before", "after"))
    )
    assert float(before[-1]) < 0.7
    assert float(after[-1]) > 0.95
    assert chosen() == 1
    assert parley("calibrate", "--community", f"{COMMUNITY}/general").exit_code == 0
    assert chosen() == 2
    assert parley("calibrate", "--back", "--community", COMMUNITY).stdout.endswith("calibration 1 holds again.\n")
    assert chosen() == 1
    assert parley("calibrate", "--back", "--community", COMMUNITY).stdout.endswith("shipped evidence alone holds.\n")
    refused = parley("calibrate", "--back", "--community", COMMUNITY)
    assert (refused.exit_code, chosen()) == (2, 0)
    assert refused.stderr == "fake/T1 has no calibration to go back from: the shipped evidence holds.\n"


def test_going_back_needs_to_know_where() -> None:
    reviewed(0)
    assert parley("calibrate", "--back").stderr.startswith("Say which community should go back")


def test_the_bands_say_why() -> None:
    reviewed(60)
    parley("calibrate")
    shown = parley("bands", "--community", COMMUNITY).stdout
    assert shown.startswith(f"fake/T1, model {inspect().version}+calibration 1, precision 0.98")
    assert "reviewed cases, lower bound at best 0." in shown
    assert "learned from 60 reviewed cases" in shown
    assert "acted on" in shown
    assert "calibration" not in parley("bands").stdout


def test_without_a_store_there_is_nothing_to_show() -> None:
    refused = parley("bands")
    assert (refused.exit_code, refused.stderr.startswith("There is no store in ")) == (2, True)


def test_a_place_that_is_none_is_refused() -> None:
    assert parley("bands", "--community", "a/b/c/d/e").stderr.startswith("'a/b/c/d/e' is no address")


async def test_a_running_parley_takes_it_over_without_a_restart() -> None:
    await asyncio.to_thread(reviewed, 60)
    running = await open_app(load(None, {}))
    waiting = asyncio.create_task(running.queue.serve(running.path.work))
    try:
        await asyncio.to_thread(parley, "calibrate")
        running.queue.ring()
        await eventually(lambda: running.judging.levels.at(ROOM).settings.calibration == 1)
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
        await running.store.close()
