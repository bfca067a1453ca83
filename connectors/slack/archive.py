"""The files of a workspace export, whether it is still a zip or already a folder."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from connectors.export import MAX_DOCUMENT_BYTES, unbroken

# One day of one channel is a few megabytes at its busiest.
MAX_FILE_BYTES = 64 << 20
# Chat in JSON packs 5 to 20 times; a bomb packs a thousand times or counts the same bytes again and again.
MAX_EXPANSION = 200

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_GIVEN_NAME = re.compile(r"^(.+?) Slack export\b.*$", re.IGNORECASE)


class Archive(Protocol):
    """`files` are paths relative to the export's root."""

    @property
    def name(self) -> str:
        """What the folder or zip is called."""
        ...

    @property
    def files(self) -> frozenset[str]:
        """Every JSON file."""
        ...

    def read(self, file: str) -> bytes:
        """All of one file, within the limits."""
        ...


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The export at `path`; raises `ValueError` with a sentence when it is none."""
    with unbroken(path.name):
        if path.is_dir():
            yield _checked(_Folder(path))
            return
        with zipfile.ZipFile(path) as file:
            yield _checked(_Zip(path, file))


def workspace(archive: Archive) -> str:
    """The workspace's name as far as the export tells: it is only in the name of the zip."""
    return _GIVEN_NAME.sub(r"\1", archive.name)


def days(archive: Archive) -> dict[str, list[str]]:
    """The day files of each conversation folder, oldest first, folders by name."""
    found: dict[str, list[str]] = {}
    for file in sorted(archive.files):
        folder, _, day = file.partition("/")
        if _DAY.fullmatch(day):
            found.setdefault(folder, []).append(file)
    return found


def _checked(archive: Archive) -> Archive:
    if "users.json" in archive.files and ("channels.json" in archive.files or days(archive)):
        return archive
    raise ValueError(
        f"{archive.name}: expected a workspace export with channels.json, users.json and a folder for each channel."
    )


@dataclass(frozen=True, slots=True)
class _Folder:
    root: Path

    @property
    def name(self) -> str:
        return self.root.resolve().name

    @property
    def files(self) -> frozenset[str]:
        found = [*self.root.glob("*.json"), *self.root.glob("*/*.json")]
        return frozenset(file.relative_to(self.root).as_posix() for file in found)

    def read(self, file: str) -> bytes:
        with (self.root / file).open("rb") as opened_file:
            return _capped(opened_file.read(MAX_FILE_BYTES + 1), file)


class _Zip:
    """A zip, opened where it lies: nothing is written to disk, so its file names cannot lead anywhere."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._file = file
        self._budget = max(MAX_DOCUMENT_BYTES, MAX_EXPANSION * path.stat().st_size)
        self._root = _root(file.namelist())
        self.name = path.stem
        names = (name.removeprefix(self._root) for name in file.namelist() if name.startswith(self._root))
        self.files = frozenset(name for name in names if name.endswith(".json"))

    def read(self, file: str) -> bytes:
        with self._file.open(self._root + file) as opened_file:
            data = _capped(opened_file.read(MAX_FILE_BYTES + 1), file)
        self._budget -= len(data)
        if self._budget < 0:
            raise ValueError(f"{self.name}: expected a zip that unpacks to at most {MAX_EXPANSION} times its size.")
        return data


def _root(names: list[str]) -> str:
    """'' or, when the whole folder was zipped again, that folder with its slash."""
    found = [name for name in names if PurePosixPath(name).name == "users.json"]
    return min(found, key=len).removesuffix("users.json") if found else ""


def _capped(data: bytes, file: str) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"{file}: expected at most {MAX_FILE_BYTES:,} bytes.")
    return data
