"""Named places where a test may kill the process: `FAILPOINT=after_inbox:3` dies at the third passage."""

from __future__ import annotations

import os
import signal
from collections import Counter

_name, _, _nth = os.environ.get("FAILPOINT", "").partition(":")
_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here as if by SIGKILL when the environment says so; `*:N` counts every failpoint."""
    if not _name:
        return
    for key in (name, "*"):
        _passed[key] += 1
        if key == _name and _passed[key] == int(_nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)
