"""Parley as its own process: sessions through a pipe, signals, restarts, and filters."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PARLEY = Path(sys.executable).with_name("parley")
OUTSIDE = ("PARLEY_", "OPENAI_", "DATABASE_")
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
LINE = b'{"text": "hello"}\n'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")


def parley(home: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PARLEY, *arguments], cwd=home, env=ENVIRON, input=typed, text=True, capture_output=True, check=False
    )


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with pipes at all ends; killed if a test leaves it running."""
    pipe = subprocess.PIPE
    with subprocess.Popen([PARLEY, *arguments], cwd=home, env=ENVIRON, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def complaint(process: subprocess.Popen[bytes], containing: str) -> str:
    """The next line on standard error that has this in it, '' when it ends first."""
    assert process.stderr is not None
    lines = (line.decode() for line in process.stderr)
    return next((line for line in lines if containing in line), "")


def test_a_session_through_a_pipe_is_answered_to_the_end(tmp_path: Path) -> None:
    done = parley(tmp_path, "run", typed="hello\nyou fucking idiot\n/as mo moderator\n/press remove\n/parley why 2\n")
    assert (done.returncode, done.stderr.splitlines()) == (
        0,
        [
            done.stderr.splitlines()[0],
            "on:    console, local model; moderation in mode semi",
            "off:   discord (DISCORD_TOKEN)",
            "off:   matrix (connectors.matrix.homeserver and MATRIX_ACCESS_TOKEN)",
            "off:   slack (SLACK_BOT_TOKEN and SLACK_APP_TOKEN)",
            f"store: {tmp_path / 'parley.db'}",
        ],
    )
    assert "  1 ada: hello" in done.stdout
    assert "  2 ada (removed: It went against the rules of this room): you fucking idiot" in done.stdout
    assert "I asked the moderators. (mode semi)" in done.stdout


def test_cases_and_settings_outlive_a_restart(tmp_path: Path) -> None:
    parley(tmp_path, "run", typed="you fucking idiot \x1b]0;owned\x07\n/as mo moderator\n/parley mode auto\n")
    again = parley(tmp_path, "run", typed="/as mo moderator\n/parley queue\n/parley mode\nfine\n")
    assert "1 ada: you fucking idiot" in again.stdout
    assert "mode is auto (channel)" in again.stdout
    shown = parley(tmp_path, "queue")
    assert shown.stdout.startswith("1 open case\n") or shown.stdout.startswith("1 open case ")
    assert "ada: you fucking idiot" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_wrong_settings_end_it_before_anything_is_opened(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text('[moderation]\nmode = "x"\nfoo = 1\n', encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = parley(tmp_path, "run")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 2)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
    assert [path.name for path in tmp_path.iterdir()] == ["parley.toml"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "run") as process:
        complaint(process, "store: ")
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert b"Traceback" not in out


def test_settings_are_read_again_on_sighup(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text('[log]\nlevel = "info"\n', encoding="utf-8")
    with started(tmp_path, "run") as process:
        complaint(process, "store: ")
        file.write_text('[moderation]\nmode = "x"\n', encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert "parley.toml:2: moderation.mode must be" in complaint(process, "not reloaded, the old settings stay")
        file.write_text('[moderation]\nmode = "auto"\nsure = 0.9\n', encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert complaint(process, "moderation settings reloaded")
        out, _ = process.communicate(b"you stupid moron, shut up and go away\n")
    assert b"1 ada (removed: It went against the rules of this room)" in out


def test_whoever_types_a_line_has_its_scores_at_once(tmp_path: Path) -> None:
    with started(tmp_path, "classify") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(LINE)
            process.stdin.flush()
            assert process.stdout.readline().startswith(b'{"toxic":')
        assert process.communicate() == (b"", b"")
    assert process.returncode == 0


def test_a_reader_that_leaves_early_has_had_enough(tmp_path: Path) -> None:
    with started(tmp_path, "classify") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(LINE)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(LINE)
        process.stdin.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_reader_that_leaves_ends_the_run(tmp_path: Path) -> None:
    typed = "hello\n" * 50
    command = f"'{PARLEY}' run | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, input=typed, text=True, capture_output=True, timeout=20, check=False
    )
    assert done.stdout.startswith("·")
    assert "Traceback" not in done.stderr
