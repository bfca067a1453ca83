"""`parley eval`: what is shown, what is refused, and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot import text_evaluation
from bot.cli import app

ROWS = """text,toxic,source
you are a stupid worthless idiot,1,forum
go away you disgusting moron,yes,forum
good morning everybody,0,chat
does anyone know a good ramen place downtown?,false,chat
the build is broken again,0.1,chat
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a small file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    yield tmp_path
    structlog.reset_defaults()


def evaluate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["eval", *arguments], catch_exceptions=False)


def test_figures_are_shown(home: Path) -> None:
    done = evaluate("rows.csv", "--model", "linear", "--perturb", "--report", "page.html")
    assert done.exit_code == 0
    shown = " ".join(done.stdout.split())
    for figure in (
        "In 5 messages Parley finds 100 % of the abuse and flags 0 % of the harmless ones.",
        "AUC 1.000 (1.000 to 1.000)",
        "Abuse among them 2 (40.0 %)",
        "0.95 │ 0.950 │",
        "doubtful │ 0.800 │ 2 │ 100 % │ 0 % │ 100 %",
        "spoilers │ 100 % │ 100 % │ 100%",
        "forum │ 2 │ 2 │ – │ 100 % │ – │ 0 │ 0",
        "The report is in page.html.",
    ):
        assert figure in shown
    assert (home / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_shipped_model_is_the_usual_one() -> None:
    done = evaluate("rows.csv")
    assert (done.exit_code, "+" in done.stdout.splitlines()[0]) == (0, True)
    assert "under disguise" not in done.stdout


def test_bands_are_those_of_the_settings(home: Path) -> None:
    (home / "own.toml").write_text("[moderation]\ndoubtful = 0.2\nsure = 0.25\nabuse_rate = 0.05\n", encoding="utf-8")
    done = evaluate("rows.csv", "--model", "linear", "--config", "own.toml")
    shown = " ".join(done.stdout.split())
    assert "doubtful │ 0.200" in shown
    assert "acts alone │ 0.250 │ 2 │" in shown
    assert "5%" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none.csv",), "none.csv does not exist, or is no file."),
        (("rows.csv", "--text-column", "body"), "rows.csv has no column “body”; it has “text”, “toxic”, “source”."),
        (("rows.csv", "--label-column", "source"), "rows.csv has the label “forum” in column “source”, row 1:"),
        (("rows.csv", "--slice", "size"), "rows.csv has no column “size”;"),
        (("rows.csv", "--model", "bert"), "There is no model 'bert': choose one of shipped, linear, transformer."),
        (("rows.csv", "--report", "no/such/page.html"), "The report cannot be written to no/such/page.html:"),
        (("rows.csv", "--report", "."), "The report cannot be written to .:"),
        (("rows.csv", "--config", "none.toml"), "none.toml"),
        (("rows.csv", "--report", "./rows.csv"), "rows.csv holds the messages: name another file with --report."),
        (("empty.csv",), "empty.csv is empty;"),
        (("latin.csv",), "latin.csv is not UTF-8 (see byte 14):"),
    ],
)
def test_what_cannot_be_used_is_refused_with_one_sentence(
    home: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (home / "empty.csv").touch()
    (home / "latin.csv").write_bytes("text,toxic\ncafé,0\n".encode("latin-1"))
    done = evaluate(*arguments)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert sentence in done.stderr


def test_parquet_without_its_library_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (home / "rows.parquet").write_bytes(b"PAR1")
    done = evaluate("rows.parquet")
    assert (done.exit_code, done.stderr) == (2, text_evaluation.NO_PYARROW + "\n")


def test_a_model_that_cannot_be_read_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.moderation.evaluation import models
    from pipelines.moderation.linear import LinearModel

    monkeypatch.setattr(models, "_MODELS", {"shipped": lambda: LinearModel.load("none.npz")})
    done = evaluate("rows.csv")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "cannot read the model none.npz" in done.stderr
