"""A platform made of files: a script that is heard line by line, and a list of everything that was done to it.

`script` holds what happened, a batch a line, and may grow while it is read. `acked` lists the lines that were taken,
`done` the effects with their keys, each on disk before it is confirmed: a known key does nothing again, like a nonce.
Reading goes on where the stored cursor says.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities
from bot.core.effect import Delete, Draft, Edit, Effect, Post
from bot.core.event import Author, ButtonPressed, Event, MessageEdited, MessagePosted, Role, Surface, SurfaceKind
from bot.core.ports import Ingest, Needs, Readers
from bot.core.stored import Cursor, Heard, Receipt
from connectors.spec import Wiring

Row: TypeAlias = dict[str, str]

ROOM = Address("files", "T1", "general")
MODS = Address("files", "T1", "mods")
MODERATORS = ("mo", "max", "ivy")
CAN = Capabilities(max_text=2000, buttons=6, ephemeral=True, can_delete_others=True, deduplicates_sends=True)
STREAM = "script"
SETTLED = {"do": "wait until everything was answered"}
END = {"do": "end"}


def say(message_id: str, text: str) -> Row:
    return {"message": message_id, "text": text}


def edit(message_id: str, text: str, revision: int = 1) -> Row:
    return {"message": message_id, "text": text, "revision": str(revision)}


def press(button: str, who: str) -> Row:
    return {"button": button, "who": who}


def add(folder: Path, *batches: list[Row]) -> None:
    """Let it happen on the platform, a batch at a time."""
    for batch in batches:
        append(folder / "script", batch)


def done(folder: Path) -> list[Row]:
    """What was done, in order: `key`, `did` and `at` (seconds since 1970)."""
    return [row for rows in read(folder / "done") for row in rows]


def append(file: Path, rows: list[Row]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(rows) + "\n")
        lines.flush()
        os.fsync(lines.fileno())


def read(file: Path) -> list[list[Row]]:
    """The whole lines of a file that may still grow; a line that a kill cut short was never confirmed."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]


class Files:
    """Implements `Connector` over a folder."""

    def __init__(self, folder: Path, wiring: Wiring) -> None:
        self._folder = folder
        self._wiring = wiring
        self._known = {row["key"] for row in done(folder)}

    async def run(self, ingest: Ingest) -> None:
        async for number, batch in self._lines(int(await self._wiring.position(STREAM) or 0)):
            if batch == [END]:
                return
            if batch == [SETTLED]:
                assert self._wiring.settled is not None
                await self._wiring.settled()
                continue
            await ingest([Heard(_event(row)) for row in batch], Cursor(STREAM, str(number)))
            append(self._folder / "acked", [{"line": str(number)}])

    async def _lines(self, position: int) -> AsyncIterator[tuple[int, list[Row]]]:
        while True:
            script = read(self._folder / "script")
            for number, batch in enumerate(script[position:], position + 1):
                yield number, batch
            position = max(position, len(script))
            await asyncio.sleep(0.01)

    async def capabilities(self, where: Address) -> Capabilities:
        return CAN

    async def role(self, where: Address, user_id: str) -> Role:
        return _author(user_id).role

    async def readers(self, where: Address) -> Readers:
        return Readers(everyone=True)

    async def moderators(self, where: Address) -> frozenset[str]:
        return frozenset()

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        return ()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        return ()

    async def preview(self, draft: Draft) -> None:
        """Nobody looks."""

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        if key not in self._known:
            append(self._folder / "done", [{"key": key, "did": _told(effect), "at": str(time.time())}])
            self._known.add(key)
        return Receipt(key)


def _told(effect: Effect) -> str:
    match effect:
        case Delete():
            return f"deleted {','.join(effect.message_ids)}"
        case Post(whisper_to=who) if who:
            return f"told {who}: {effect.text}"
        case Post():
            return f"posted in {effect.to.channel}"
        case Edit():
            return f"edited in {effect.to.channel}"
        case _:
            return type(effect).__name__


def _author(name: str) -> Author:
    return Author(name, name.capitalize(), Role.MODERATOR if name in MODERATORS else Role.MEMBER)


def _event(row: Row) -> Event:
    at, who = datetime.now(UTC), _author(row.get("who", "ada"))
    if "button" in row:
        return ButtonPressed(
            id=f"{who.id}/{row['button']}", at=at, where=MODS, who=who, message_id="card", button_id=row["button"]
        )
    message_id, revision = row["message"], int(row.get("revision", 0))
    kind = MessageEdited if revision else MessagePosted
    return kind(
        id=f"{message_id}.{revision}",
        at=at,
        where=ROOM,
        who=who,
        message_id=message_id,
        revision=revision,
        surfaces=(Surface(SurfaceKind.BODY, row["text"]),),
    )
