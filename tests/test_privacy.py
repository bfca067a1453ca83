"""`parley erase`, `parley export` and `forget-me`, from the outside."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.app import App
from bot.assembly import Judging
from bot.cli import app
from bot.core.stored import Heard
from storage.store import SqlStore
from tests.fakes import FakeClock, FakeConnector, asked, eventually, opened, said
from tests.test_app import SETTINGS, running

WORDS = "my <b>secret</b> garden"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parley(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.fixture
def kept(home: Path) -> Path:
    """A store in which one member said something."""

    async def fill() -> None:
        store = await SqlStore.open(f"sqlite:///{home / 'parley.db'}")
        await store.accept([Heard(said(WORDS))], None)
        await store.close()

    asyncio.run(fill())
    return home / "parley.db"


def test_a_member_is_given_what_is_kept_about_them(kept: Path, home: Path) -> None:
    event = said(WORDS)
    done = parley("export", f"{event.where.platform}/{event.who.id}", "--out", "ada")
    assert (done.exit_code, "1 entry" in done.stdout) == (0, True)
    written = json.loads((home / "ada.json").read_text(encoding="utf-8"))
    assert [entry["what"] for entry in written["entries"]] == [WORDS]
    page = (home / "ada.html").read_text(encoding="utf-8")
    assert "my &lt;b&gt;secret&lt;/b&gt; garden" in page
    assert WORDS not in page


def test_a_member_is_forgotten_with_a_receipt(kept: Path, home: Path) -> None:
    event = said(WORDS)
    member = f"{event.where.platform}/{event.who.id}"
    done = parley("erase", member)
    assert (done.exit_code, done.stdout.startswith(f"Forgot {member}: messages 1.")) == (0, True)
    assert not any(b"secret" in file.read_bytes() for file in home.iterdir())
    again = parley("erase", member)
    assert (again.exit_code, again.stdout) == (0, "Nothing is kept about this member.\n")


def test_where_somebody_holds_the_database_it_is_said_what_is_left_to_do(kept: Path) -> None:
    event = said(WORDS)
    reader = sqlite3.connect(kept, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM event").fetchone()
    done = parley("erase", f"{event.where.platform}/{event.who.id}")
    reader.close()
    assert (done.exit_code, "Forgot" in done.stdout) == (1, True)
    assert "somebody reads in it. Run the command again later." in done.stderr


@pytest.mark.parametrize("command", ["erase", "export"])
def test_without_a_store_nothing_is_made(command: str, home: Path) -> None:
    done = parley(command, "fake/1")
    assert (done.exit_code, list(home.iterdir())) == (2, [])
    assert "There is no store" in done.stderr


def test_a_member_needs_a_platform(kept: Path) -> None:
    done = parley("erase", "somebody")
    assert (done.exit_code, done.stderr) == (
        2,
        "“somebody” names no member: write platform/id, such as discord/80351110224678912\n",
    )


async def test_who_says_yes_is_forgotten_and_told_so() -> None:
    fake = FakeConnector()
    async with opened() as store:
        house = App(store, Judging.of(SETTINGS, []), FakeClock(), connectors={"fake": fake})
        ada = said(WORDS)
        async with running(house):
            fake.hears(ada, asked("forget-me", who=ada.who, sure="yes"))
            await eventually(lambda: fake.performed)
            await house.idle()
        found = await store.event(ada.key)
        assert found is not None
        assert (found.who.name, getattr(found, "surfaces", None)) == ("a former member", ())
