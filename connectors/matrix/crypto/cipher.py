"""Reads what is sealed and seals what we say, with whatever the homeserver must be asked for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import structlog

from bot.core.errors import Rejected
from bot.core.ports import Clock
from connectors.matrix.crypto.files import Secrets, secrets_in
from connectors.matrix.crypto.known import foreign, known_device
from connectors.matrix.crypto.losses import Losses
from connectors.matrix.crypto.machine import Machine, RoomKey, ToDevices, is_sealed, to_device
from connectors.matrix.crypto.signing import identity, is_vouched, standing, vouched
from connectors.matrix.crypto.thread import in_keys_thread
from connectors.matrix.reading import Json, ident, mapping, strings, whole
from connectors.matrix.wire import Wire, path

T = TypeVar("T")

# The homeserver asks other servers for the keys of their users.
PATIENCE_S = 60.0
log = structlog.get_logger()


class Cipher:
    """One device of one account. The database work is done in another thread, so that nothing else waits."""

    def __init__(self, wire: Wire, me: str, device_id: str, clock: Clock) -> None:
        self._wire = wire
        self._me = me
        self._device_id = device_id
        self._clock = clock
        self._left = -1
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._machine: Machine
        self._secrets: Secrets
        self.losses: Losses

    async def open(self, folder: Path, pickle_key: str) -> None:
        """Read or make the keys, and let the server and other devices know of them.

        Raises `Rejected` where the store cannot be used or the device's keys are not in it; `Transient`, `Revoked`.
        """
        if not self._device_id:
            raise Rejected(
                "The access token belongs to no device: log the bot's account in and set MATRIX_ACCESS_TOKEN."
            )
        self._secrets = secrets_in(folder, pickle_key)
        try:
            self.losses = Losses.of(folder)
        except OSError as error:
            raise Rejected(f"The folder {folder} for keys cannot be used: {error.strerror}.") from error
        self._machine = await self._do(Machine.open, self._me, self._device_id, folder, self._secrets.pickle_key)
        await self._introduce()

    async def close(self) -> None:
        """Let go of the database."""
        if hasattr(self, "_machine"):
            await self._do(self._machine.close)

    async def heed(self, news: Json) -> list[tuple[str, str]]:
        """Take what a sync brought for the device; the room and id of each message that can be read since.

        Raises `Transient`, `Rejected`, `Revoked`; the same sync may be heeded again.
        """
        counts = mapping(news.get("device_one_time_keys_count"))
        left = whole(counts.get("signed_curve25519"), 0)
        messages, lists = to_device(news), mapping(news.get("device_lists"))
        if not messages and not lists and left == self._left:
            return []
        await self._do(self._take, messages, lists, left)
        self._left = left
        await self._replenish()
        await self._mend()
        await self._send_waiting()
        return await self._do(self.losses.found, self._machine.has)

    async def unseal(self, room_id: str, events: Collection[Json]) -> list[Json]:
        """The events as they were before they were sealed; those that cannot be read as they are, and counted."""
        if not any(map(is_sealed, events)):
            return list(events)
        unsealed = await self._do(self._unsealed, room_id, events)
        await self._send_waiting()
        return unsealed

    async def seal(self, room_id: str, kind: str, content: Json, readers: Iterable[str]) -> Json:
        """What to send in place of an event, for every device of these users and no other."""
        users = sorted(readers)
        async with self._sharing[room_id]:
            await self._meet(users)
            devices = await self._do(self._machine.devices, users)
            if not await self._do(self._machine.is_ready, room_id, devices):
                await self._share(room_id, users)
                await self._do(self._machine.shared, room_id, devices)
            return await self._do(self._machine.seal, room_id, kind, content)

    async def _introduce(self) -> None:
        """Put our keys on the server, sign the device, and ask again for what is missing."""
        device = await known_device(self._wire, self._me, self._device_id)
        problem = foreign(device, self._machine.fingerprint)
        if problem:
            raise Rejected(problem)
        await self._replenish()
        await self._vouch()
        await self._ask_again()

    async def _vouch(self) -> None:
        """Sign the device, if the account's identity is ours to sign with; else a person has to."""
        known = await known_device(self._wire, self._me, self._device_id)
        whose = standing(known.answer, self._me, self._secrets)
        if whose == "theirs":
            log.warning("device_not_signed", device=self._device_id, why="the account has another identity")
            return
        try:
            if not whose:
                await self._wire.post(path("keys", "device_signing", "upload"), identity(self._me, self._secrets))
            if not is_vouched(known.keys, self._me, self._secrets):
                body = vouched(self._me, known.keys, self._secrets)
                await self._wire.post(path("keys", "signatures", "upload"), body)
                log.info("device_signed", device=self._device_id)
        except Rejected as error:
            log.warning("device_not_signed", device=self._device_id, why=str(error))

    async def _ask_again(self) -> None:
        for event_id, key in self.losses.one_of_each():
            try:
                event = await self._wire.get(path("rooms", key.room_id, "event", event_id))
            except Rejected:
                continue
            await self._do(self._machine.ask, key.room_id, event, self._clock())
        await self._send_waiting()

    async def _replenish(self) -> None:
        """Keys for the first message of others to us, which the server gives away one by one."""
        body = await self._do(self._machine.to_upload)
        if body is not None:
            answer = await self._wire.post(path("keys", "upload"), body)
            await self._do(self._machine.uploaded, answer)

    def _take(self, messages: list[Json], lists: Json, one_time_keys: int) -> None:
        with self._machine.together():
            self._machine.counted(one_time_keys)
            self._machine.changed(strings([lists.get("changed"), lists.get("left")]))
            self._machine.hear(messages)

    def _unsealed(self, room_id: str, events: Collection[Json]) -> list[Json]:
        with self._machine.together():
            unsealed = [self._read(room_id, event) for event in events]
        self.losses.save()
        return unsealed

    def _read(self, room_id: str, event: Json) -> Json:
        if not is_sealed(event):
            return event
        opened, event_id = self._machine.opened(room_id, event), ident(event.get("event_id"))
        if opened is not None:
            self.losses.read(room_id, event_id)
            return opened
        self._lose(RoomKey(room_id, ident(mapping(event.get("content")).get("session_id"))), event)
        return event

    def _lose(self, key: RoomKey, event: Json) -> None:
        """Count it, and ask for its key unless that is not what is wrong."""
        event_id, spoilt = ident(event.get("event_id")), self._machine.has(key)
        if self.losses.lost(event_id, key, spoilt=spoilt):
            by = ident(event.get("sender"))
            log.warning("message_unreadable", room=key.room_id, event_id=event_id, by=by, spoilt=spoilt)
        if not spoilt:
            self._machine.ask(key.room_id, event, self._clock())

    async def _meet(self, users: list[str]) -> None:
        """Know the devices of these users, and be able to speak to each."""
        unknown = await self._do(self._machine.unknown, users)
        if unknown:
            await self._do(self._machine.learn, unknown, await self._query(unknown))
        await self._claim(await self._do(self._machine.to_claim, users))

    async def _claim(self, wanted: dict[str, dict[str, str]]) -> None:
        if wanted:
            answer = await self._wire.post(path("keys", "claim"), {"one_time_keys": wanted}, patience_s=PATIENCE_S)
            await self._do(self._machine.claimed, answer)

    async def _mend(self) -> None:
        """Begin anew with devices whose session with us broke; those that have no key left have to wait."""
        await self._claim(await self._do(self._machine.to_mend))
        await self._do(self._machine.mended)

    async def _query(self, users: list[str]) -> Json:
        body: Json = {"device_keys": {user: [] for user in users}}
        return await self._wire.post(path("keys", "query"), body, patience_s=PATIENCE_S)

    async def _share(self, room_id: str, users: list[str]) -> None:
        for message in await self._do(self._machine.to_share, room_id, users):
            await self._send(message)

    async def _send_waiting(self) -> None:
        """What the device has to tell others; a refusal must not keep rooms from being read."""
        for token, message in await self._do(self._machine.to_send):
            try:
                await self._send(message)
            except Rejected as error:
                log.warning("device_not_told", problem=str(error))
            await self._do(self._machine.sent, token)

    async def _send(self, message: ToDevices) -> None:
        kind, content = message
        await self._wire.put(path("sendToDevice", kind, uuid4().hex), {"messages": content})

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        return await in_keys_thread(partial(work, *arguments))
