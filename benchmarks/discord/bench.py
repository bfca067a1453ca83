"""From a bad message to the request that removes it, and CPU a message, in turn with the smallest bot."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.discord.world import BAD_IN, BOTS
from benchmarks.figures import figure, heading
from benchmarks.processes import cpu_seconds

ROOT = Path(__file__).parents[2]
IDLE, BURST, LOUD, ROUNDS = 60, 5_000, 3_000, 5
CALM_S = 1.0
SETTINGS = {
    "PARLEY_MODERATION__MODE": "auto",
    "PARLEY_MODERATION__RULES__SEEDS__WORDS": '["free seeds"]',
    # The smallest bot tells nobody either.
    "PARLEY_MODERATION__TELL_AUTHOR": "false",
    "PARLEY_MODERATION__AUDIT_RATE": "0",
    "PARLEY_MODERATION__AUDIT_RATE_ACTED": "0",
    "PARLEY_LOG__LEVEL": "error",
}
IDLE_AIM, BURST_AIM, CPU_AIM = 1.5, 1.0, 3.0


@dataclass(slots=True)
class Figures:
    """Of one bot: milliseconds of each bad message, and CPU microseconds a message of each round, by process."""

    idle_ms: list[float] = field(default_factory=list)
    burst_ms: list[list[float]] = field(default_factory=list)
    loud_ms: list[list[float]] = field(default_factory=list)
    own_us: list[float] = field(default_factory=list)
    children_us: list[float] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """The emulators' process, spoken to in lines."""

    process: subprocess.Popen[str]
    places: dict[str, list[str]]

    def play(self, bot: str, what: str, many: int = 0) -> list[float]:
        """How long each bad message stood, in milliseconds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([bot, what, many]), file=self.process.stdin, flush=True)
        found: list[float] = json.loads(self.process.stdout.readline())
        return found


@contextmanager
def world() -> Iterator[World]:
    """Started, and ended afterwards."""
    command, pipe = [sys.executable, "-m", "benchmarks.discord.world"], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield World(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


@contextmanager
def running(command: Sequence[str], folder: Path, **environment: str) -> Iterator[int]:
    """The process's number; it is ended afterwards."""
    told = {**os.environ, **environment}
    with subprocess.Popen(command, cwd=folder, env=told) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def parley(places: Sequence[str]) -> dict[str, str]:
    """What tells Parley where it is."""
    api_base, gateway_url, token = places
    where = {"API_BASE": api_base, "GATEWAY_URL": gateway_url}
    return {"DISCORD_TOKEN": token, **{f"PARLEY_CONNECTORS__DISCORD__{k}": v for k, v in where.items()}, **SETTINGS}


def children(pid: int) -> list[int]:
    """The processes it has started: the local models live in one."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        # A thread may end while it is looked at, and has no children then.
        with suppress(OSError):
            found += map(int, thread.read_text("utf-8").split())
    return found


def used_s(pid: int) -> tuple[float, float]:
    """Its own CPU, and that of the processes it started."""
    return cpu_seconds(pid), sum(map(cpu_seconds, children(pid)))


def calm(pid: int) -> tuple[float, float]:
    """The CPU used once nothing is left to do."""
    before = used_s(pid)
    while True:
        time.sleep(CALM_S)
        after = used_s(pid)
        if sum(after) - sum(before) < 0.03 * CALM_S:
            return after
        before = after


def measure(town: World, bot: str, pid: int, figures: Figures) -> None:
    """One round."""
    figures.idle_ms += town.play(bot, "idle", IDLE)
    before = calm(pid)
    figures.burst_ms.append(town.play(bot, "burst", BURST))
    after = calm(pid)
    figures.own_us.append((after[0] - before[0]) / BURST * 1e6)
    figures.children_us.append((after[1] - before[1]) / BURST * 1e6)
    figures.loud_ms.append(town.play(bot, "loud", LOUD))
    calm(pid)


def p(share: float, values: Sequence[float]) -> float:
    """The value that so large a share stays below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def middle(share: float, rounds: Sequence[Sequence[float]]) -> float:
    """The median of the rounds."""
    return statistics.median(p(share, each) for each in rounds)


def report(found: dict[str, Figures]) -> None:
    """Print it."""
    heading(f"discord: {ROUNDS} rounds in turn; medians")
    for bot, each in found.items():
        p50, p99 = p(0.5, each.idle_ms), p(0.99, each.idle_ms)
        figure(f"{bot}: {IDLE} bad ones, one by one", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        p50, p95 = middle(0.5, each.burst_ms), middle(0.95, each.burst_ms)
        figure(f"{bot}: bad ones, 1 in {BAD_IN}, in a burst of {BURST:,}", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms")
        cpu, models = statistics.median(each.own_us), statistics.median(each.children_us)
        figure(f"{bot}: CPU a message of it", f"{cpu:.0f} us, and {models:.0f} us in the models’ process")
        figure(f"{bot}: bad ones beside a loud channel", f"p95 {middle(0.95, each.loud_ms):.1f} ms")
    ours, least = (found[bot] for bot in BOTS)
    both = [own + models for own, models in zip(ours.own_us, ours.children_us, strict=True)]
    heading("parley against the smallest bot")
    against("p50, one by one", p(0.5, ours.idle_ms) / p(0.5, least.idle_ms), IDLE_AIM)
    against("p95 in the burst", middle(0.95, ours.burst_ms) / middle(0.95, least.burst_ms), BURST_AIM)
    against("CPU, the models’ process included", statistics.median(both) / statistics.median(least.own_us), CPU_AIM)


def against(what: str, ratio: float, aim: float) -> None:
    """One ratio beside its aim."""
    figure(what, f"{ratio:.2f} x", f"at most {aim:g} x", kept=ratio <= aim)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name, world() as town:
        folder, tool = Path(name), Path(sys.executable).with_name("parley")
        least = [sys.executable, "-m", "benchmarks.discord.minimal", *town.places["minimal"]]
        with (
            running([str(tool), "run"], folder, **parley(town.places["parley"])) as ours,
            running(least, ROOT) as theirs,
        ):
            pids, found = {"parley": ours, "minimal": theirs}, {bot: Figures() for bot in BOTS}
            for bot in BOTS:
                town.play(bot, "ready")
                town.play(bot, "burst", 200)  # the models are loaded with the first message
                calm(pids[bot])
            for round_ in range(ROUNDS):
                for bot in BOTS if round_ % 2 else reversed(BOTS):
                    measure(town, bot, pids[bot], found[bot])
    report(found)
