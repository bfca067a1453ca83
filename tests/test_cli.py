"""The command line in this process: what is shown, what is refused, and the exit codes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from bot import __version__, replaying
from bot.assembly import Judging
from bot.classify import classify
from bot.cli import app
from bot.core.address import Address
from bot.core.stored import Heard
from bot.progress import Lines
from bot.replaying import replay_file
from bot.running import reload
from bot.settings import load
from pipelines.moderation.settings import Mode, ModerationSettings

RECORDINGS = Path(__file__).parent / "recordings"
REAL = Path(__file__).parents[2] / "shared" / "data" / "chat" / "slack-houstondatavis"
EXPORTS = {
    "discord": RECORDINGS / "discord" / "fernhill",
    "slack": RECORDINGS / "slack" / "Fernhill Slack export Mar 1 2021 - Mar 3 2021",
    "ubuntu-irc": RECORDINGS / "irc" / "greenhouse.jsonl",
}
HEAVY = {"alembic", "asyncio", "numpy", "pydantic", "re2", "rich", "sqlalchemy", "structlog"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in, without settings from the outside; loggers and signals are put back."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("PARLEY_", "OPENAI_", "DATABASE_")):
            monkeypatch.delenv(name)
    yield tmp_path
    structlog.reset_defaults()
    signal.signal(signal.SIGTERM, before)


def parley(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, arguments, env=environ, catch_exceptions=False)


@pytest.mark.parametrize("group", [(), ("db",), ("config",)])
def test_a_name_alone_shows_what_there_is(group: tuple[str, ...]) -> None:
    shown = parley(*group)
    assert (shown.exit_code, shown.stdout) == (0, parley(*group, "--help").stdout)


def test_no_summary_of_a_command_is_cut_short() -> None:
    assert "..." not in parley("--help").stdout.partition("Commands:")[2]


def test_the_version_is_told() -> None:
    assert parley("version").stdout == f"parley {__version__}\n"


def test_help_and_version_load_nothing_heavy() -> None:
    script = f"import bot.cli, sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bogus"], "No such command 'bogus'."),
        (["check", "--nope"], "No such option: --nope"),
        (["replay", "--format", "slack"], "Missing argument 'file'."),
        (["queue", "--limit", "x"], "Invalid value for '--limit'"),
        (["check", "-c", "nope.toml"], "nope.toml does not exist: give --config a file that does, or leave it out."),
        (["queue"], "There is no store in "),
        (["replay", "x", "-f", "fax"], "There is no format 'fax': choose one of discord, "),
        (["replay", "x", "-f", "slack"], "x does not exist."),
        (["replay", ".", "-f", "slack"], "expected a workspace export with channels.json"),
        (["replay", ".", "-f", "slack", "--report", "no/where"], "The report cannot be written to no/where: name "),
        (["db", "upgrade", "-c", "."], ". cannot be read (Is a directory)"),
    ],
)
def test_wrong_input_is_told_in_a_sentence(arguments: list[str], sentence: str) -> None:
    done = parley(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_all_that_is_wrong_with_settings_is_told_at_once(home: Path) -> None:
    wrong = '[moderation]\nsurre = 1\nmode = "x"\n[moderation.rules.links]\npattern = "("\n[log]\njson_lines = 3\n'
    (home / "parley.toml").write_text(wrong, encoding="utf-8")
    done = parley("check", OPENAI_API_KEY_FILE="gone.key")
    assert (done.exit_code, done.stdout) == (2, "")
    fix = "so write it in RE2’s syntax."
    assert sorted(done.stderr.splitlines()) == [
        "OPENAI_API_KEY_FILE: llm.api_key cannot be read from gone.key: name a text file.",
        "parley.toml:2: moderation.surre is not a setting: did you mean moderation.sure?",
        'parley.toml:3: moderation.mode must be manual, semi, auto or shadow, not "x".',
        f"parley.toml:5: moderation.rules.links.pattern: the pattern cannot be used: missing ): (, {fix}",
        "parley.toml:7: log.json_lines must be true or false, not 3.",
    ]


def test_a_bad_reload_keeps_the_old_settings_and_says_so(home: Path) -> None:
    file, anywhere = home / "parley.toml", Address("console", "home", "general")
    judging = Judging.of(ModerationSettings(mode=Mode.AUTO), [])
    file.write_text('[moderation]\nmode = "x"\nfoo = 1\n', encoding="utf-8")
    with capture_logs() as logs:
        reload(judging, None)
    assert judging.levels.at(anywhere).settings.mode is Mode.AUTO
    assert [(entry["log_level"], entry["problem"].partition(" ")[0]) for entry in logs] == [
        ("error", "parley.toml:3:"),
        ("error", "parley.toml:2:"),
    ]
    file.write_text('[moderation]\nmode = "manual"\n', encoding="utf-8")
    reload(judging, None)
    assert judging.levels.at(anywhere).settings.mode is Mode.MANUAL


def test_a_fresh_place_is_well_and_stays_empty(home: Path) -> None:
    done = parley("check")
    assert done.exit_code == 0
    assert "which the first run creates" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert list(home.iterdir()) == []


def test_a_store_that_cannot_be_opened_is_to_be_mended() -> None:
    done = parley("check", "--offline", DATABASE_URL="sqlite:////nowhere/at/all.db")
    assert done.exit_code == 1
    assert "mend" in done.stdout
    assert parley("check", "--quiet", DATABASE_URL="sqlite:////nowhere/at/all.db").output == ""


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@127.0.0.1:1/x", "postgresql://127.0.0.1:1/x?user=u&password=hunter2", "u:hunter2@h"]
)
def test_no_secret_is_ever_shown(url: str) -> None:
    for command in ("check", "queue"):
        shown = parley(command, DATABASE_URL=url, OPENAI_API_KEY="hunter2")
        assert shown.exit_code in (1, 2)
        assert "hunter2" not in shown.output


def test_the_database_is_upgraded_once(home: Path) -> None:
    assert parley("db", "upgrade").stdout == "The database was upgraded.\n"
    assert parley("db", "upgrade").stdout == "The database is up to date.\n"
    assert parley("queue").stdout == "Nothing waits for a decision.\n"
    assert (home / "parley.db").exists()


@pytest.mark.parametrize("name", EXPORTS)
def test_a_replay_writes_a_report_and_nothing_else(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = home / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    done = parley("replay", str(EXPORTS[name]), "--format", name)
    assert done.exit_code == 0
    assert "Parley would have " in done.stdout
    assert "; the report is in replay.html." in done.stdout
    assert "<html" in (home / "replay.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in home.iterdir()) == ["replay.html", "tmp"]
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not REAL.exists(), reason="needs the real export in ../shared/data/chat")
def test_a_real_workspace_is_replayed() -> None:
    assert "Read 1,031 messages" in parley("replay", str(REAL), "--format", "slack").stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_replay_that_is_stopped_leaves_nothing(
    home: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: Path) -> Iterator[Heard]:
        os.kill(os.getpid(), number)
        yield from ()

    temporary = home / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(replaying, "formats", lambda: {"own": stopped})
    with pytest.raises(KeyboardInterrupt):
        replay_file(temporary, "own", load(None, {}), home / "replay.html")
    assert sorted(path.name for path in home.rglob("*")) == ["tmp"]


def test_a_log_is_told_of_progress_now_and_then() -> None:
    now, told = iter([0.0, 4.0, 10.0, 10.0, 12.0]), list[str]()
    lines = Lines(told.append, lambda: next(now))
    for more in (256, 256, 256):
        lines.seen(more)
    assert told == ["512 messages, 51/s"]


def test_each_line_is_answered_wherever_the_chunks_end() -> None:
    whole = b'{"text": "hello"}\n\n{"text": 3}\n{"text": "you fucking idiot"}'
    answers = []
    for size in (1, 7, len(whole)):
        out = io.StringIO()
        assert not classify([whole[at : at + size] for at in range(0, len(whole), size)], out)
        answers.append([orjson.loads(line) for line in out.getvalue().splitlines()])
    assert answers[0] == answers[1] == answers[2]
    hello, blank, number, abuse = answers[0]
    assert hello["toxic"] < 0.5 < abuse["toxic"]
    assert blank["error"].startswith("line 2 is no JSON: ")
    assert number == {"error": 'line 3 must be an object such as {"text": "..."}'}
