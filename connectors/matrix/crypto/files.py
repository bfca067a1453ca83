"""The two small files beside the sessions: what must stay secret, and what could not be read."""

from __future__ import annotations

import json
import os
import secrets as randomness
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import Rejected
from connectors.matrix.reading import Json, mapping

SECRETS = "secrets.json"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What the stored sessions are locked with, and the seeds of signing keys in hex.

    Three are the account's identity; with `policy` events are signed that may be delivered.
    """

    pickle_key: str
    master: str
    self_signing: str
    user_signing: str
    policy: str


def secrets_in(folder: Path, pickle_key: str = "") -> Secrets:
    """The account's secrets, made at the first start. A `pickle_key` that is given is never written down.

    Raises `Rejected` when the folder cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = read(folder / SECRETS)
        made = {name: str(kept.get(name) or randomness.token_hex(SEED_BYTES)) for name in Secrets.__slots__}
        if pickle_key:
            del made["pickle_key"]
        if made != kept:
            write(folder / SECRETS, made)
    except OSError as error:
        raise Rejected(f"The folder {folder} for keys cannot be used: {error.strerror}.") from error
    return Secrets(**{"pickle_key": pickle_key, **made})


def read(file: Path) -> Json:
    """What is written there, nothing where there is no file; raises `OSError`, and `Rejected` for a damaged one."""
    try:
        return mapping(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Rejected(f"{file} is damaged: put back a copy of the whole folder.") from error


def write(file: Path, content: Json) -> None:
    """Put it there, whole or not at all, for nobody else to read; raises `OSError`."""
    beside = file.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
        json.dump(content, output)
        output.flush()
        os.fsync(output.fileno())
    beside.replace(file)
