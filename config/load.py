"""Read the settings file and the environment, and remember where each key came from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File

from bot.core.errors import ConfigError
from config.lines import lines
from config.shape import Path

DEFAULT = File("parley.toml")
PREFIX = "PARLEY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Settings as they were written. `file` is the name people know; `lines` counts from 1."""

    file: str
    tree: Mapping[str, object]
    lines: Mapping[Path, int]
    environ: Mapping[str, str]

    def place(self, path: Path) -> str:
        """`file:line` of a key or of the closest table above it, else the file."""
        for cut in range(len(path), 0, -1):
            if path[:cut] in self.lines:
                return f"{self.file}:{self.lines[path[:cut]]}"
        return self.file


def read(path: File | None, environ: Mapping[str, str]) -> Source:
    """The file that was named, else ./parley.toml where there is one; empty variables count as unset.

    Raises `ConfigError` when the file cannot be read or is no TOML.
    """
    file = path or DEFAULT
    text = "" if path is None and not file.exists() else _text(file)
    tree = _tree(str(file), text)
    given = {name: value for name, value in environ.items() if value}
    return Source(file=str(file), tree=tree, lines=lines(text), environ=given)


def _text(file: File) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{file} does not exist: give --config a file that does, or leave it out.") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): check its kind and its permissions.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text: save it as UTF-8.") from None
    return text.replace("\r\n", "\n")


def _tree(file: str, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{file} is nested too deeply to be settings: start from the example file.") from None
    except ValueError as error:
        raise ConfigError(_broken(file, text, str(error))) from None


def _broken(file: str, text: str, message: str) -> str:
    what, _, where = message.partition(" (at ")
    found = re.search(r"line (\d+), column (\d+)", where)
    number = int(found[1]) if found else text.rstrip().count("\n") + 1
    column = f" at column {found[2]}" if found else ""
    return f"{file}:{number}: this is not TOML{column} ({what[:1].lower()}{what[1:]}): correct that line."
