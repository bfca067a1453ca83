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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.discord.world import BAD_IN, BOTS

ROOT = Path(__file__).parents[2]
IDLE, BURST, LOUD, ROUNDS = 60, 5_000, 3_000, 5
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
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
AIMS = "aims: idle p50 at most 1.5 x, CPU at most 3 x, p95 of the bad ones in a burst at most 1 x the smallest bot’s"


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


def cpu_s(pid: int) -> float:
    """What a process has used until now, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def children(pid: int) -> list[int]:
    """The processes it has started: the local models live in one."""
    found = [task.read_text("utf-8").split() for task in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for children_ in found for child in children_]


def used_s(pid: int) -> tuple[float, float]:
    """Its own CPU, and that of the processes it started."""
    return cpu_s(pid), sum(map(cpu_s, children(pid)))


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
    print(
        f"discord: {ROUNDS} rounds in turn; {IDLE} bad messages one by one, then {BURST:,}, 1 in {BAD_IN} bad; medians"
    )
    for bot, each in found.items():
        cpu, models = statistics.median(each.own_us), statistics.median(each.children_us)
        print(
            f"  {bot:8} idle p50 {p(0.5, each.idle_ms):6.1f} ms p99 {p(0.99, each.idle_ms):6.1f} ms   "
            f"burst p50 {middle(0.5, each.burst_ms):7.0f} ms p95 {middle(0.95, each.burst_ms):7.0f} ms   "
            f"CPU {cpu:5.0f} us a message and {models:4.0f} us in its models’ process   "
            f"quiet channels beside a loud one p95 {middle(0.95, each.loud_ms):6.1f} ms"
        )
    ours, least = (found[bot] for bot in BOTS)
    both = [own + models for own, models in zip(ours.own_us, ours.children_us, strict=True)]
    print(
        f"  ratio: idle p50 {p(0.5, ours.idle_ms) / p(0.5, least.idle_ms):.2f}, "
        f"p95 in a burst {middle(0.95, ours.burst_ms) / middle(0.95, least.burst_ms):.2f}, "
        f"CPU {statistics.median(ours.own_us) / statistics.median(least.own_us):.2f}, with its models "
        f"{statistics.median(both) / statistics.median(least.own_us):.2f}"
    )
    print(f"  {AIMS}")


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
