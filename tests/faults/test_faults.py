"""The house is killed, its database locked, its events repeated: what was promised stays true."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bot.core.settlement import Outcome
from tests.fakes import opened
from tests.faults.platform import END, ROOM, SETTLED, add, done, edit, press, read, say

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

ROOT = Path(__file__).parent.parent.parent
KILLED = -signal.SIGKILL
SCRIPT = ([say("m1", "hello"), say("m2", "you are vile"), say("m3", "how odd")], [edit("m1", "vile again")])


@dataclass(slots=True)
class Machine:
    """Starts the house in a folder, one at a time, and knows how it ended."""

    process: subprocess.Popen[str]

    def start(self, folder: Path, failpoint: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(folder), failpoint]) + "\n")
        self.process.stdin.flush()

    def ended(self) -> int:
        """The exit code, or minus the signal."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def run(self, folder: Path, failpoint: str = "") -> int:
        self.start(folder, failpoint)
        return self.ended()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    command = [sys.executable, "-m", "tests.faults.program"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Machine(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def empty(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that holds nothing: making one takes longer than a whole run."""
    folder = tmp_path_factory.mktemp("empty")
    add(folder, [END])
    assert machine.run(folder) == 0, (folder / "log").read_text()
    (folder / "script").unlink()
    return folder


@pytest.fixture
def fresh(empty: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder of that name to start the house in."""
    return lambda name: Path(shutil.copytree(empty, tmp_path / name))


async def verdicts(folder: Path) -> list[tuple[str, Outcome | None]]:
    async with opened(f"sqlite:///{folder}/house.db") as store:
        return [(one.event.id, one.verdict.outcome if one.verdict else None) async for one in store.scan()]


def did(folder: Path) -> list[str]:
    return [row["did"] for row in done(folder)]


def wait(true: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


async def _told_the_truth(folder: Path) -> None:
    """Each message has one verdict, and everything vile went, once."""
    heard = await verdicts(folder)
    assert [key for key, _ in heard] == ["m1.0", "m2.0", "m3.0", "m1.1"]
    # Killed before it was judged, the first text of m1 is known to be outdated after the restart.
    assert dict(heard) | {"m1.0": None} == {
        "m1.0": None,
        "m2.0": Outcome.ACTED,
        "m3.0": Outcome.ASKED,
        "m1.1": Outcome.ACTED,
    }
    assert dict(heard)["m1.0"] in (Outcome.APPROVED, Outcome.SUPERSEDED)
    assert Counter(did(folder)) == {"deleted m1": 1, "deleted m2": 1, "posted in mods": 1}
    async with opened(f"sqlite:///{folder}/house.db") as store:
        assert [case.message_id for case in await store.open_cases(ROOM, 9)] == ["m3"]


async def _survives(machine: Machine, folder: Path, failpoint: str) -> bool:
    """Whether it was killed there at all; if so, a restart must mend everything within five seconds."""
    add(folder, *SCRIPT, [SETTLED], [END])
    first = machine.run(folder, failpoint)
    if first == KILLED:
        started = time.monotonic()
        assert machine.run(folder) == 0, (folder / "log").read_text()
        assert time.monotonic() - started < 5
    else:
        assert first == 0, (folder / "log").read_text()
    await _told_the_truth(folder)
    return first == KILLED


PLACES = (
    "before_commit",
    "after_commit",
    "after_inbox",
    "before_settle",
    "after_settle",
    "before_perform",
    "after_perform",
)


@pytest.mark.parametrize("place", PLACES)
async def test_killed_anywhere_it_acts_once_after_the_restart(
    machine: Machine, fresh: Callable[[str], Path], place: str
) -> None:
    """The first and the second time that the house comes by."""
    for nth in (1, 2):
        assert await _survives(machine, fresh(f"{place}{nth}"), f"{place}:{nth}")


@pytest.mark.nightly
@pytest.mark.timeout(600)
async def test_killed_at_every_step_it_acts_once_after_the_restart(
    machine: Machine, fresh: Callable[[str], Path]
) -> None:
    """Kill at step 1, 2, 3, ... until a run has no such step."""
    for step in count(1):
        if not await _survives(machine, fresh(str(step)), f"*:{step}"):
            assert step > 20
            return


async def test_killed_again_and_again_it_still_gets_there(machine: Machine, fresh: Callable[[str], Path]) -> None:
    folder = fresh("again")
    add(folder, *SCRIPT, [SETTLED], [END])
    kills = 0
    while machine.run(folder, f"*:{4 + kills}") == KILLED:
        kills += 1
    assert kills > 3
    await _told_the_truth(folder)


async def test_what_the_platform_did_before_the_kill_is_not_done_twice(
    machine: Machine, fresh: Callable[[str], Path]
) -> None:
    folder = fresh("did")
    add(folder, [say("m1", "vile")], [SETTLED], [END])
    assert machine.run(folder, "after_perform:1") == KILLED
    assert did(folder) == ["deleted m1"]
    assert machine.run(folder) == 0
    assert did(folder) == ["deleted m1"]
    assert await verdicts(folder) == [("m1.0", Outcome.ACTED)]


async def test_every_event_three_times_and_again_after_a_restart_is_one_event(
    machine: Machine, fresh: Callable[[str], Path]
) -> None:
    folder = fresh("thrice")
    batches = [[row for row in batch for _ in range(3)] for batch in SCRIPT]
    add(folder, *batches, *batches, [SETTLED], [END])
    assert machine.run(folder) == 0
    before = done(folder)
    add(folder, *batches, [SETTLED], [END])
    # The script's first end was read by the first start, and is no line for the cursor.
    _forget_ends(folder)
    assert machine.run(folder) == 0
    assert done(folder) == before
    await _told_the_truth(folder)


def _forget_ends(folder: Path) -> None:
    """Leave only the last end in the script."""
    lines = [batch if batch != [END] else [SETTLED] for batch in read(folder / "script")]
    (folder / "script").unlink()
    add(folder, *lines[:-1], [END])


def _degraded(folder: Path) -> list[bool]:
    return [bool(row["degraded"]) for rows in read(folder / "health") for row in rows]


async def test_a_locked_database_delays_and_loses_nothing(machine: Machine, fresh: Callable[[str], Path]) -> None:
    folder = fresh("locked")
    machine.start(folder)
    add(folder, [say("m0", "hello")])
    wait(lambda: len(read(folder / "acked")) == 1)
    with closing(sqlite3.connect(folder / "house.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        add(folder, *SCRIPT)
        wait(lambda: _degraded(folder) == [True])
        beat = (folder / "log").stat().st_mtime
        wait(lambda: (folder / "log").stat().st_mtime > beat + 0.5)
        assert (len(read(folder / "acked")), did(folder)) == (1, [])
        other.execute("ROLLBACK")
    wait(lambda: len(did(folder)) == 3)
    assert _degraded(folder) == [True, False]
    add(folder, [END])
    assert machine.ended() == 0
    assert [outcome for _, outcome in await verdicts(folder)] == [
        Outcome.APPROVED,
        Outcome.APPROVED,
        Outcome.ACTED,
        Outcome.ASKED,
        Outcome.ACTED,
    ]


async def test_two_moderators_press_at_once_around_a_kill_and_a_third_afterwards(
    machine: Machine, fresh: Callable[[str], Path]
) -> None:
    folder = fresh("pressed")
    both = [press("case:1:remove", "mo"), press("case:1:approve", "max")]
    add(folder, [say("m1", "odd")], [SETTLED], both, [SETTLED], [press("case:1:remove", "ivy")], [SETTLED], [END])
    assert machine.run(folder, "before_perform:2") == KILLED
    assert machine.run(folder) == 0
    told = sorted(row.partition(" at ")[0] for row in did(folder) if row.startswith("told"))
    assert told == [f"told {who}: Case 1 was removed, by Mo" for who in ("ivy", "max", "mo")]
    others = sorted(row for row in did(folder) if not row.startswith("told"))
    assert others == ["deleted m1", "edited in mods", "posted in mods"]
