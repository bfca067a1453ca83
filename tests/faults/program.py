"""The whole house as a process that can be killed, over a database file and beside a platform made of files.

Started once, it reads orders from standard input, a folder and a failpoint each, and forks for every one of them, so
that a start does not cost a second of importing. It prints how each ended: the exit code, or minus the signal.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

from bot import failpoint
from bot.app import App
from bot.assembly import Judging
from pipelines.moderation.rules.words import WordRule
from pipelines.moderation.settings import Mode, ModerationSettings
from storage.store import SqlStore
from tests.faults.platform import MODS, Files, append

# Otherwise imported when first needed, by every start anew.
LATE = ("alembic.command", "alembic.config", "pipelines.moderation.classifier", "pipelines.moderation.linear")


def main() -> None:
    for name in LATE:
        importlib.import_module(name)
    print("ready", flush=True)
    for line in sys.stdin:
        folder, place = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(start(Path(folder), place))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def start(folder: Path, place: str) -> int:
    os.environ["FAILPOINT"] = place
    # It looks at the environment once, when it is read.
    importlib.reload(failpoint)
    log = os.open(folder / "log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    try:
        asyncio.run(house(folder))
    except BaseException:  # noqa: BLE001  # the process ends here, and its log says why
        traceback.print_exc()
        sys.stderr.flush()
        return 1
    return 0


async def house(folder: Path) -> None:
    """Run until the platform's script ends."""
    settings = ModerationSettings(
        mode=Mode.AUTO,
        review_room=str(MODS),
        model=False,
        tell_author=False,
        rules={"vile": WordRule(words=("vile",)), "odd": WordRule(words=("odd",), score=0.9)},
    )
    store = await SqlStore.open(f"sqlite:///{folder}/house.db")
    app = App(store, Judging.of(settings, await store.settings()))
    app.connectors["files"] = Files(folder, app.wiring())
    watching = asyncio.create_task(watch(store, folder))
    await app.run()
    watching.cancel()
    await store.close()


async def watch(store: SqlStore, folder: Path) -> None:
    """Write down, many times a second, that the process lives, and how its store is."""
    was = ""
    while True:
        os.utime(folder / "log", (time.time(), time.time()))
        if store.degraded != was:
            was = store.degraded
            append(folder / "health", [{"degraded": was, "at": str(time.time())}])
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    main()
