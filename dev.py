#!/usr/bin/env python3
"""Set Parley up beside this file and run it, its tests or its benchmarks: `python3 dev.py` lists the commands.

Only the standard library is needed. An older Python than Parley's must still be able to read this file, or it could
not say that it is too old; so nothing younger than Python 3.8 is used at import time.

Environment variables: PARLEY_NO_UV=1 installs with plain pip. On Linux torch comes without CUDA, which is gigabytes;
UV_TORCH_BACKEND=auto takes it as your graphics card needs it.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
BIN = "Scripts" if os.name == "nt" else "bin"

# uv does not read pip's configuration: for each setting, the variable uv takes it from and what separates its values.
UV_NAME_OF_PIP_SETTING = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
}


class Stop(Exception):
    """Ends the program with one sentence for the person at the keyboard."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


class Environment(NamedTuple):
    """A virtual environment and what belongs in it."""

    folder: Path
    constraints: Path
    group: str  # of pyproject.toml's dependency groups; "" for none
    with_parley: bool

    def tool(self, name: str) -> str:
        """The path of a program installed here."""
        return str(self.folder / BIN / name)

    @property
    def stamp(self) -> Path:
        """Says what is installed. It is written last, so without it nothing here can be trusted."""
        return self.folder / "installed"

    def place(self) -> str:
        """Changes when the folder was moved or Python replaced: then only a new environment helps."""
        return repr((str(self.folder), sys.base_prefix, sys.version))

    def fingerprint(self) -> str:
        """The place, and a line that changes whenever other packages are wanted."""
        digest = hashlib.sha256(self.group.encode())
        for file in (ROOT / "pyproject.toml", self.constraints):
            digest.update(file.read_bytes())
        return f"{self.place()}\n{digest.hexdigest()}"

    def installed(self) -> str:
        """The fingerprint of what is there; empty for nothing or something half made."""
        return self.stamp.read_text(encoding="utf-8") if self.stamp.exists() else ""


RUNNING = Environment(ROOT / ".venv", ROOT / "constraints.txt", group="", with_parley=True)
TESTING = RUNNING._replace(group="dev")
# Synapse pins libraries that Parley uses in other versions, so it lives on its own.
SYNAPSE = Environment(
    ROOT / ".venv-synapse", ROOT / "tests" / "servers" / "synapse-constraints.txt", group="synapse", with_parley=False
)


def refuse_old_python(version: tuple[int, ...]) -> None:
    """Raises `Stop` for a Python that is too old for Parley."""
    if version[:2] < OLDEST_PYTHON:
        raise Stop("Parley needs Python {}.{} or newer, and this is {}.{}.".format(*OLDEST_PYTHON, *version[:2]))


def uv_settings(listing: str) -> dict[str, str]:
    """What uv wants in its environment for what `pip config list` printed; pip's own variables outrank its files."""
    found = dict(line.split("=", 1) for line in listing.splitlines() if "=" in line)
    variables = {}
    for setting, (variable, separator) in UV_NAME_OF_PIP_SETTING.items():
        for name in (f"global.{setting}", f"install.{setting}", f":env:.{setting}"):
            if name in found:
                variables[variable] = separator.join(ast.literal_eval(found[name]).split())
    if "UV_INDEX" in variables:
        # pip takes the best version that any index has; uv would stop at the first index that knows the name.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Holds back a second dev.py, for an hour at most, while the first one installs."""
    # SQLite locks files alike on every system, and the system lets go when the holder dies.
    with contextlib.closing(sqlite3.connect(ROOT / ".venv.lock", timeout=3600)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def quietly(*command: str, settings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run in the repository and keep what is printed; the caller's environment outranks `settings`."""
    environment = {**(settings or {}), **os.environ}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def torch_settings(folders: str) -> dict[str, str]:
    """Uv's variables for a torch without CUDA, unless one of these folders holds a torch of its own."""
    if not sys.platform.startswith("linux"):
        return {}
    found = (wheel for folder in folders.split(",") if folder for wheel in Path(folder).glob("torch-*.whl"))
    return {} if any(found) else {"UV_TORCH_BACKEND": "cpu"}


def must(*command: str, failing: str) -> None:
    """Run with pip's settings handed on to uv; stop with `failing` under the command's own words if it fails."""
    listing = quietly(RUNNING.tool("python"), "-m", "pip", "config", "list").stdout
    settings = uv_settings(listing)
    done = quietly(*command, settings={**torch_settings(settings.get("UV_FIND_LINKS", "")), **settings})
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise Stop(failing)


def is_ready(*environments: Environment) -> bool:
    """Whether the folder holds what one of them asks for."""
    return environments[0].installed() in [environment.fingerprint() for environment in environments]


def prepare(environment: Environment, *, will_do: Environment | None = None) -> None:
    """Bring an environment up to date, unless it, or a bigger one in the same folder that will do, already is."""
    enough = (environment, will_do or environment)
    if is_ready(*enough):
        return
    with only_one_at_a_time():
        if not is_ready(*enough):
            print(f"Installing into {environment.folder.name} ...", flush=True)
            install(environment)


def install(environment: Environment) -> None:
    """Fill the environment, from nothing if it is missing, half made or made for another place."""
    if not environment.installed().startswith(environment.place()):
        create(environment)
    environment.stamp.unlink(missing_ok=True)
    must(
        *(*installer(environment), "-c", str(environment.constraints)),
        *(("-e", ".") if environment.with_parley else ()),
        *group_requirements(environment.group),
        failing="Installing failed, see above; check the network and pip's settings, then run this again.",
    )
    environment.stamp.write_text(environment.fingerprint(), encoding="utf-8")


def create(environment: Environment) -> None:
    """Make an empty virtual environment where there was none, or a broken one."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Stop("This Python has no venv module; on Debian and Ubuntu `apt install python3-venv` brings it.")
    # One pip, in the first environment, serves both.
    options = () if environment.with_parley else ("--without-pip",)
    done = quietly(sys.executable, "-m", "venv", "--clear", *options, str(environment.folder))
    if done.returncode:
        raise Stop(f"Could not make a virtual environment in {environment.folder.name}: {done.stdout.strip()}")


def installer(environment: Environment) -> list[str]:
    """The command that installs into the environment: uv where it can be had, else pip."""
    python = environment.tool("python")
    if has_uv():
        return [RUNNING.tool("uv"), "pip", "install", "--python", python, "--compile-bytecode"]
    return [RUNNING.tool("python"), "-m", "pip", "--python", python, "install", "--quiet"]


def has_uv() -> bool:
    """Whether uv may be used and is there, or could just be installed."""
    if os.environ.get("PARLEY_NO_UV"):
        return False
    if Path(RUNNING.tool("uv")).exists():
        return True
    pip = (RUNNING.tool("python"), "-m", "pip", "install", "--quiet", "--retries", "1", "--only-binary", ":all:")
    return quietly(*pip, "-c", str(RUNNING.constraints), "uv").returncode == 0


def group_requirements(group: str) -> list[str]:
    """The requirements of one of pyproject.toml's dependency groups (pip itself reads those only since 25.1)."""
    import tomllib  # here, because a Python that is too old has none

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["dependency-groups"][group]) if group else []


def launch(*command: str) -> int:
    """Become the command; on Windows, which cannot, run it and return its exit code."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def run(arguments: list[str]) -> int:
    """Start the bot."""
    return parley(["run", *arguments])


def parley(arguments: list[str]) -> int:
    """Run the bot's command line, from the folder the caller is in."""
    prepare(RUNNING, will_do=TESTING)
    return launch(RUNNING.tool("parley"), *arguments)


def test(arguments: list[str]) -> int:
    """Run every check, or with arguments only pytest, which gets them."""
    prepare(TESTING)
    if sys.platform != "win32":  # Synapse has no wheel for Windows
        prepare(SYNAPSE)
    os.chdir(ROOT)
    return launch(TESTING.tool("python"), "-m", "tests", *arguments)


def bench(arguments: list[str]) -> int:
    """Run all benchmarks or the one that is named."""
    prepare(TESTING)
    os.chdir(ROOT)
    return launch(TESTING.tool("python"), "-m", "benchmarks", *arguments)


def lock(arguments: list[str]) -> int:
    """Write both files of constraints; versions that still fit stay, unless `--upgrade` is among the arguments."""
    with only_one_at_a_time():
        # Not `prepare`: the constraints there are may contradict the dependencies that call for other ones.
        if not Path(RUNNING.tool("python")).exists():
            create(RUNNING)
        if not has_uv():
            raise Stop("Locking needs uv, and it could not be installed.")
    for environment in (TESTING, SYNAPSE):
        must(
            *(RUNNING.tool("uv"), "pip", "compile", "--quiet", "--universal", "--no-annotate", "--no-header"),
            *("--python-version", ".".join(map(str, OLDEST_PYTHON)), "--group", environment.group),
            *("--no-emit-package", "torch"),  # its builds have names of their own: pyproject.toml pins it for all
            *("--output-file", str(environment.constraints), *arguments),
            *(("pyproject.toml",) if environment.with_parley else ()),
            failing="Locking failed, see above.",
        )
    return 0


COMMANDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "run": (run, "start the bot; arguments go to `parley run`"),
    "parley": (parley, "any other command of the bot"),
    "test": (test, "every check; with arguments only pytest, which gets them"),
    "bench": (bench, "measure: everything, or the benchmark that is named"),
    "lock": (lock, "write the constraints after a change of dependencies; --upgrade takes newer versions"),
}


def usage() -> str:
    """What can be asked for, a line each."""
    return "\n".join(f"  python3 dev.py {name:8}{purpose}" for name, (_, purpose) in COMMANDS.items())


def obey(arguments: list[str]) -> int:
    """Carry out one command and return its exit code; raises `Stop`."""
    name, *rest = arguments or ["help"]
    if name in ("help", "--help", "-h"):
        print(usage())
        return 0
    if name not in COMMANDS:
        raise Stop(f"There is no command {name!r}; there are:\n{usage()}", code=2)
    command, _ = COMMANDS[name]
    return command(rest)


def main(arguments: list[str]) -> int:
    """The exit code for the arguments: 0 done, 1 failed, 2 not understood."""
    try:
        refuse_old_python(tuple(sys.version_info[:2]))
        return obey(arguments)
    except Stop as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
