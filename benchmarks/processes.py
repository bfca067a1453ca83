"""What processes have cost: time on a core and memory. Linux alone tells without another library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PROC = Path("/proc")
# In what follows the name of the program in /proc/PID/stat.
_PARENT, _USER, _SYSTEM = 1, 11, 12


def cpu_seconds(process_id: int) -> float:
    """What the process has computed so far, 0 where that cannot be told."""
    fields = _fields(process_id)
    ticks = int(fields[_USER]) + int(fields[_SYSTEM]) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0


def children_cpu_seconds() -> float:
    """The same for all running children of this process, such as the model's."""
    ids = [int(folder.name) for folder in _PROC.glob("[0-9]*")]
    mine = str(os.getpid())
    return sum(cpu_seconds(each) for each in ids if (fields := _fields(each)) and fields[_PARENT] == mine)


def resident_mb(process_id: int | str) -> float:
    """Its memory in MB, 0 where that cannot be told."""
    try:
        lines = (_PROC / str(process_id) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it is gone, or this is no Linux
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def resident_mb_after(script: str) -> float:
    """The memory of another Python that has run the script."""
    told = "from benchmarks.processes import resident_mb; print(resident_mb('self'))"
    done = subprocess.run([sys.executable, "-c", f"{script}\n{told}"], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def _fields(process_id: int) -> list[str]:
    try:
        stat = (_PROC / str(process_id) / "stat").read_text(encoding="utf-8")
    except OSError:  # it ended meanwhile, or this is no Linux
        return []
    return stat.rpartition(") ")[2].split()
