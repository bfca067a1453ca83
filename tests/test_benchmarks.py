"""The benchmarks' own tools; what they measure is too slow for every change."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import corpora
from benchmarks.__main__ import ALL, main
from benchmarks.figures import absent, figure
from benchmarks.processes import children_cpu_seconds, cpu_seconds, resident_mb
from benchmarks.rules import kinds
from pipelines.moderation.rules.presets import Preset, rules

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells what a process cost")
SPIN = "import sys\nfor n in range(10**7): pass\nprint(1, flush=True)\nsys.stdin.read()"


def test_a_name_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    assert capsys.readouterr().err == f"There is no benchmark 'speed': choose from {', '.join(ALL)}.\n"


def test_a_missed_aim_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    figure("speed", "3 us", "at most 2 us", kept=False)
    figure("speed", "1 us", "at most 2 us")
    figure("speed", "1 us")
    absent("chat", "there")
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "speed 3 us (aim: at most 2 us, MISSED)",
        "speed 1 us (aim: at most 2 us)",
        "speed 1 us",
        "chat is not in there: left out",
    ]


def test_corpora_that_are_missing_are_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAT", "SLACK", "LABELLED"):
        monkeypatch.setattr(corpora, name, tmp_path / "none")
    corpora.labelled.cache_clear()
    found = corpora.ubuntu(), corpora.slack(), corpora.validation(), corpora.unknown("1.0"), corpora.polite()
    corpora.labelled.cache_clear()
    assert found == ([], [], [], [], [])


def test_every_kind_of_rule_is_measured() -> None:
    shipped = {rule.kind for preset in Preset for rule in rules(preset).values()}
    assert shipped <= set(kinds())
    assert all(name == rule.kind for name, rule in kinds().items())


@LINUX
def test_what_a_child_computes_is_counted() -> None:
    before = children_cpu_seconds()
    with subprocess.Popen([sys.executable, "-c", SPIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        spent, memory = cpu_seconds(child.pid), resident_mb(child.pid)
        assert spent > 0.05
        assert children_cpu_seconds() - before >= spent - 0.01  # floats of hundredths
        assert memory > 1
    assert (cpu_seconds(child.pid), resident_mb(child.pid)) == (0.0, 0.0)


@LINUX
def test_what_this_process_computes_is_what_python_says() -> None:
    assert cpu_seconds(os.getpid()) == pytest.approx(time.process_time(), abs=0.2)
