"""People whose client seals what it sends: another implementation of a client, on the same homeserver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# nio ships no types.
from nio import AsyncClient, AsyncClientConfig  # type: ignore[import-untyped]

from bot.core.event import MessagePosted
from tests.connectors.matrix.world import Inbox, Person, World, until

ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@dataclass(slots=True)
class Device:
    """A client of a person, which keeps in step while it `lives`."""

    person: Person
    client: Any
    events: list[Any] = field(default_factory=list)
    to_device: list[Any] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.person.id

    async def say(self, room: str, text: str, **more: object) -> str:
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})

    async def send(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        sent = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        return str(sent.event_id)

    async def edit(self, room: str, message_id: str, text: str) -> str:
        relation = {"rel_type": "m.replace", "event_id": message_id}
        new = {"msgtype": "m.text", "body": text}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    def sees(self, room: str, find: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """An opened event of that room, as it arrived; an empty one while there is none."""
        return next((source for where, source in self.events if where == room and find(source)), {})

    def reads(self, room: str, text: str) -> dict[str, Any]:
        return self.sees(room, lambda source: text in source.get("content", {}).get("body", ""))

    async def step(self, *, full: bool = False) -> None:
        news = await self.client.sync(timeout=0 if full else 300, full_state=full)
        self.to_device.extend(news.to_device_events)
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        await self.client.send_to_device_messages()

    async def live(self) -> None:
        while True:
            await self.step()


@asynccontextmanager
async def device(person: Person, folder: Path) -> AsyncIterator[Device]:
    """The person's client, running inside the block."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    settings = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False, pickle_key="a test")
    client = AsyncClient(person.server.url, person.id, person.account.device_id, str(folder), settings)
    client.restore_login(person.id, person.account.device_id, person.account.token)
    made = Device(person, client)
    client.add_event_callback(lambda room, event: made.events.append((room.room_id, event.source)), None)
    await made.step(full=True)
    living = asyncio.create_task(made.live())
    try:
        yield made
    finally:
        living.cancel()
        await asyncio.wait([living])
        client.store.database.close()
        await client.close()


async def meet(owner: Device, *others: Person, world: World, robot: Person) -> str:
    """A sealed room with all of them in it, where the robot may moderate."""
    power = {"users": {robot.id: 50}}
    room = await owner.person.create(initial_state=[ENCRYPTION], power_level_content_override=power)
    for person in (*others, robot):
        await person.join(room)
    members = {owner.id, robot.id, *(person.id for person in others)}
    await until(lambda: room in owner.client.rooms and set(owner.client.rooms[room].users) >= members)
    return room


async def greet(owner: Device, room: str, inbox: Inbox) -> None:
    """Return once the robot reads what is said in the room."""
    await owner.say(room, "hello robot")
    await until(lambda: any(said.text == "hello robot" for said in inbox.of(MessagePosted)))
