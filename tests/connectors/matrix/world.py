"""People, rooms and a running bot on a real homeserver."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from bot.core.address import Address
from bot.core.command import CommandSpec, Kind, Option
from bot.core.event import Event
from bot.core.stored import Cursor, Heard
from connectors.matrix.client import MatrixConnector
from connectors.matrix.settings import MatrixSettings
from connectors.spec import Refusal, Wiring
from tests.servers.synapse import Account, Homeserver

PATIENCE_S = 20.0
COMMANDS = (
    CommandSpec(name="help", summary="what I can do"),
    CommandSpec(
        name="mode",
        summary="shows or sets the mode",
        options=(Option(name="mode", summary="the mode", kind=Kind.WORD),),
    ),
)
Found = TypeVar("Found")
_numbers = count(1)


@dataclass(slots=True)
class Inbox:
    """Keeps what a connector hands over, as a store would."""

    heard: list[Heard] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    batches: list[tuple[int, bool]] = field(default_factory=list)

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        self.heard.extend(heard)
        self.batches.append((len(heard), cursor is not None))
        if cursor:
            self.cursors[cursor.stream] = cursor.position

    async def position(self, stream: str) -> str:
        return self.cursors.get(stream, "")

    def of(self, kind: type[Found]) -> list[Found]:
        return [one.event for one in self.heard if isinstance(one.event, kind)]

    @property
    def events(self) -> list[Event]:
        return [one.event for one in self.heard]


@dataclass(slots=True)
class Person:
    """Somebody with a client."""

    server: Homeserver
    account: Account

    @property
    def id(self) -> str:
        return self.account.user_id

    async def api(self, method: str, path: str, body: object = None, version: str = "v3") -> dict[str, Any]:
        where = f"/_matrix/client/{version}/{path}"
        return await asyncio.to_thread(self.server.api, method, where, self.account.token, body)

    async def administer(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        where = f"/_synapse/admin/{path}"
        return await asyncio.to_thread(self.server.api, method, where, self.account.token, body)

    async def create(self, **wish: object) -> str:
        room: str = (await self.api("POST", "createRoom", {"preset": "public_chat", **wish}))["room_id"]
        return room

    async def join(self, room: str) -> None:
        await self.api("POST", f"join/{quote(room)}", {})

    async def send(self, room: str, content: Mapping[str, object], kind: str = "m.room.message") -> str:
        txn = f"t{next(_numbers)}"
        sent: str = (await self.api("PUT", f"rooms/{quote(room)}/send/{kind}/{txn}", content))["event_id"]
        return sent

    async def say(self, room: str, text: str, **more: object) -> str:
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})

    async def edit(self, room: str, message_id: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": message_id}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def react(self, room: str, message_id: str, symbol: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": message_id, "key": symbol}
        return await self.send(room, {"m.relates_to": relation}, "m.reaction")

    async def redact(self, room: str, message_id: str) -> str:
        txn = f"t{next(_numbers)}"
        done: str = (await self.api("PUT", f"rooms/{quote(room)}/redact/{quote(message_id)}/{txn}", {}))["event_id"]
        return done

    async def event(self, room: str, message_id: str) -> dict[str, Any]:
        return await self.api("GET", f"rooms/{quote(room)}/event/{quote(message_id)}")

    async def messages(self, room: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.api("GET", f"rooms/{quote(room)}/messages?dir=b&limit=500"))["chunk"]
        return found[::-1]

    async def power(self, room: str, levels: Mapping[str, object]) -> None:
        await self.api("PUT", f"rooms/{quote(room)}/state/m.room.power_levels/", levels)


@dataclass(slots=True)
class World:
    """A homeserver, and how to make people and bots on it."""

    server: Homeserver

    async def person(self, name: str, *, admin: bool = False) -> Person:
        unique = f"{name}{next(_numbers)}_{time.time_ns()}"
        account = await asyncio.to_thread(self.server.register, unique, admin=admin)
        return Person(self.server, account)

    def address(self, room: str, thread: str = "") -> Address:
        return Address("matrix", self.server.name, room, thread)

    def bot(self, person: Person, inbox: Inbox, **settings: object) -> MatrixConnector:
        return self.guard(person, inbox, None, **settings)

    def guard(self, person: Person, inbox: Inbox, refusal: Refusal | None, **settings: object) -> MatrixConnector:
        """A bot that is asked before anything is delivered."""
        wish = {"homeserver": self.server.url, "access_token": SecretStr(person.account.token), "encryption": False}
        wish |= settings
        wiring = Wiring(commands=COMMANDS, position=inbox.position, clock=lambda: datetime.now(UTC), refusal=refusal)
        return MatrixConnector(MatrixSettings.model_validate(wish), wiring)


@asynccontextmanager
async def running(bot: MatrixConnector, inbox: Inbox) -> AsyncIterator[asyncio.Task[None]]:
    """The bot, listening inside the block; where it never was before, from when it has a place to go on from."""
    task = asyncio.create_task(bot.run(inbox))
    try:
        await until(lambda: task.done() or inbox.cursors)
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(found: Callable[[], Found], patience_s: float = PATIENCE_S) -> Found:
    """What `found` gives once it is true; fails after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not (result := found()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)
    return result


async def joined(person: Person, room: str) -> None:
    """Return once that person is in the room."""
    deadline = time.monotonic() + PATIENCE_S
    while room not in (await person.api("GET", "joined_rooms"))["joined_rooms"]:
        assert time.monotonic() < deadline, "waited in vain"
