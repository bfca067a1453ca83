"""Run every check in order and say in a line how each went; with arguments, only pytest, which gets them."""

import os
import subprocess
import sys
import time
from pathlib import Path

CHECKS = ("ruff format --check .", "ruff check .", "mypy --strict", "lint-imports", "pytest")
# Not resolved: the programs lie beside the environment's own python, which is a link.
PROGRAMS = Path(sys.executable).parent


def passes(command: str) -> bool:
    """Whether a check passes; says so in a line, under the check's own words if it does not."""
    started = time.monotonic()
    program, *arguments = command.split()
    # pytest shows its progress as it goes; the others have nothing to say while all is well.
    output = None if program == "pytest" else subprocess.PIPE
    done = subprocess.run(
        [PROGRAMS / program, *arguments], check=False, text=True, stdout=output, stderr=subprocess.STDOUT
    )
    if done.returncode and done.stdout:
        print(done.stdout)
    print(f"{'FAIL' if done.returncode else 'ok':6}{command:24}{time.monotonic() - started:6.1f} s", flush=True)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """The exit code: 0 when all is well."""
    if arguments:
        os.execv(PROGRAMS / "pytest", ["pytest", *arguments])
    failed = [command for command in CHECKS if not passes(command)]
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
