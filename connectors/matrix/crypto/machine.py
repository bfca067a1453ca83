"""The account's device: its sessions with other devices and rooms, kept in a database of their own.

Nothing here awaits: whoever calls it does so from one thread, the database belongs to it. nio keeps the sessions; what
it refuses to read for a missing field, which clients show all the same, is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import structlog

# nio ships no types.
from nio import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse  # type: ignore[import-untyped]
from nio import ToDeviceResponse as Sent
from nio.crypto import Olm  # type: ignore[import-untyped]
from nio.event_builders import RoomKeyRequestMessage  # type: ignore[import-untyped]
from nio.events import ToDeviceEvent  # type: ignore[import-untyped]
from nio.exceptions import EncryptionError  # type: ignore[import-untyped]
from nio.store import SqliteStore  # type: ignore[import-untyped]

from bot.core.errors import Rejected
from connectors.matrix.reading import Json, decode, ident, mapping, objects

MEGOLM = "m.megolm.v1.aes-sha2"
ENCRYPTED = "m.room.encrypted"
DATABASE = "sessions.db"
# So often a key that did not come is asked for.
ASK_AGAIN = timedelta(minutes=10)
# What the server does by itself must not be claimed by an encrypted event.
NEVER_INSIDE = frozenset({"m.room.redaction", ENCRYPTED})

# What nio raises over what somebody else's client or server wrote.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, EncryptionError)
log = structlog.get_logger()

Devices: TypeAlias = frozenset[tuple[str, str]]
# A message to devices: its type, and by user and device what is said.
ToDevices: TypeAlias = tuple[str, dict[str, dict[str, Json]]]


@dataclass(frozen=True, slots=True)
class RoomKey:
    """What a message in a room is read with."""

    room_id: str
    session_id: str


# nio's class has no types.
class _Sessions(Olm):  # type: ignore[misc]
    """Also takes a key again from the device that made it; nio takes none but from the account's other devices."""

    def _should_accept_forward(self, sender: str, sender_key: str, event: object) -> bool:
        wanted = getattr(event, "session_id", "") in self.outgoing_key_requests
        made_it = mapping(mapping(getattr(event, "source", None)).get("content")).get("sender_key") == sender_key
        return (wanted and made_it) or bool(super()._should_accept_forward(sender, sender_key, event))


class Machine:
    """Opened with `open`; every method may write to the database."""

    def __init__(self, sessions: _Sessions) -> None:
        self._sessions = sessions
        self._shared_with: dict[str, Devices] = {}
        self._asked: dict[str, datetime] = {}

    @classmethod
    def open(cls, user_id: str, device_id: str, folder: Path, pickle_key: str) -> Machine:
        """Read or made; raises `Rejected` when the pickle key is not the one it was written with."""
        store = SqliteStore(user_id, device_id, str(folder), pickle_key=pickle_key, database_name=DATABASE)
        try:
            return cls(_Sessions(user_id, device_id, store))
        except ValueError as error:
            store.database.close()
            problem = f"{folder / DATABASE} was written with another pickle key: set MATRIX_PICKLE_KEY to that one."
            raise Rejected(problem) from error

    def close(self) -> None:
        """Let go of the database."""
        self._sessions.store.database.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside is on disk at its end, or nothing of it."""
        with self._sessions.store.database.atomic():
            yield

    @property
    def fingerprint(self) -> str:
        """The device's own signing key, by which others know it."""
        return str(self._sessions.account.identity_keys["ed25519"])

    @property
    def is_known(self) -> bool:
        """Whether the server was given the device's keys."""
        return bool(self._sessions.account.shared)

    def counted(self, one_time_keys: int) -> None:
        """So many keys for first messages the server still has."""
        self._sessions.uploaded_key_count = one_time_keys

    def to_upload(self) -> Json | None:
        """What the server should be given, None when it has enough."""
        if not self._sessions.should_upload_keys:
            return None
        keys: Json = self._sessions.share_keys()
        self._sessions.save_account()
        return keys

    def uploaded(self, answer: Json) -> None:
        """The server has them."""
        counts = {"curve25519": 0, "signed_curve25519": 0, **mapping(answer.get("one_time_key_counts"))}
        self._sessions.handle_response(KeysUploadResponse.from_dict({"one_time_key_counts": counts}))

    def hear(self, messages: Iterable[Json]) -> None:
        """Take what was sent to the device, above all keys; what a stranger made up has nothing for us."""
        for message in messages:
            try:
                self._sessions.handle_to_device_event(ToDeviceEvent.parse_event(dict(message)))
            except MALFORMED as error:
                log.info("device_message_malformed", problem=type(error).__name__)

    def has(self, key: RoomKey) -> bool:
        """Whether messages that were sealed with that key can be read, but for damaged ones."""
        return self._session(key.room_id, key.session_id) is not None

    def changed(self, users: Iterable[str]) -> None:
        """Their devices are no longer those that are known."""
        self._sessions.users_for_key_query.update(set(users) & self._sessions.tracked_users)

    def unknown(self, users: Iterable[str]) -> list[str]:
        """Those whose devices have to be asked for."""
        wanted = set(users)
        return sorted((wanted - self._sessions.tracked_users) | (wanted & self._sessions.users_for_key_query))

    def learn(self, users: Iterable[str], answer: Json) -> None:
        """Take over the devices of users; what is malformed is left out, and its owner is asked for later."""
        devices = mapping(answer.get("device_keys"))
        for user in users:
            try:
                one = {"device_keys": {user: mapping(devices.get(user))}, "failures": {}}
                self._sessions.handle_response(KeysQueryResponse.from_dict(one))
            except MALFORMED as error:
                log.info("devices_malformed", user=user, problem=type(error).__name__)
                self._sessions.tracked_users.add(user)
            self._sessions.users_for_key_query.discard(user)

    def devices(self, users: Iterable[str]) -> Devices:
        """Every device that could read what these users can."""
        active = self._sessions.device_store.active_user_devices
        mine = self._sessions.device_id
        return frozenset((user, device.id) for user in users for device in active(user) if device.id != mine)

    def to_claim(self, users: Iterable[str]) -> dict[str, dict[str, str]]:
        """Devices that were never spoken to, as keys for a first message are claimed."""
        missing: Mapping[str, list[str]] = self._sessions.get_missing_sessions(list(users))
        return {user: dict.fromkeys(devices, "signed_curve25519") for user, devices in missing.items()}

    def claimed(self, answer: Json) -> None:
        """Begin to speak with those devices."""
        for user, devices in mapping(answer.get("one_time_keys")).items():
            for device, keys in mapping(devices).items():
                try:
                    one = {"one_time_keys": {user: {device: keys}}, "failures": {}}
                    self._sessions.handle_response(KeysClaimResponse.from_dict(one))
                except (*MALFORMED, StopIteration) as error:
                    log.info("device_key_malformed", user=user, problem=type(error).__name__)

    def is_ready(self, room_id: str, devices: Devices) -> bool:
        """Whether exactly these devices can read what is sealed next."""
        return not self._sessions.should_share_group_session(room_id) and self._shared_with.get(room_id) == devices

    def to_share(self, room_id: str, users: Iterable[str]) -> list[ToDevices]:
        """The room's next key, for every device of these users."""
        parts = self._sessions.share_group_session_parallel(room_id, list(users), ignore_unverified_devices=True)
        return [(ENCRYPTED, part["messages"]) for _, part in parts]

    def shared(self, room_id: str, devices: Devices) -> None:
        """They have it."""
        self._sessions.outbound_group_sessions[room_id].mark_as_shared()
        self._shared_with[room_id] = devices

    def seal(self, room_id: str, kind: str, content: Json) -> dict[str, object]:
        """An encrypted event's content; what it relates to stays open, for the server counts by it."""
        sealed: dict[str, object] = self._sessions.group_encrypt(room_id, {"type": kind, "content": dict(content)})
        relation = content.get("m.relates_to")
        return {**sealed, "m.relates_to": relation} if relation else sealed

    def opened(self, room_id: str, event: Json) -> Json | None:
        """The event as it was before it was sealed; None where the key is missing or does not fit."""
        content = mapping(event.get("content"))
        session = self._session(room_id, ident(content.get("session_id")))
        if session is None or content.get("algorithm") != MEGOLM:
            return None
        try:
            clear, _ = session.decrypt(content.get("ciphertext"))  # type: ignore[attr-defined]  # nio has no types
            inner = mapping(decode(clear.encode("utf-8", "replace")))
        except (ValueError, TypeError):
            return None
        if inner.get("room_id") != room_id or not isinstance(inner.get("type"), str):
            return None
        return unsealed(event, inner)

    def ask(self, room_id: str, event: Json, now: datetime) -> None:
        """Have the sender asked for the key, unless that was done a moment ago."""
        content = mapping(event.get("content"))
        session_id, sender = ident(content.get("session_id")), ident(event.get("sender"))
        asked = self._asked.get(session_id)
        if not session_id or (asked and now - asked < ASK_AGAIN):
            return
        self._asked[session_id] = now
        wish = {"algorithm": MEGOLM, "room_id": room_id, "session_id": session_id}
        wish |= {"sender_key": ident(content.get("sender_key"))}
        request = {"action": "request", "request_id": session_id, "requesting_device_id": self._sessions.device_id}
        message = RoomKeyRequestMessage(
            "m.room_key_request", sender, "*", {**request, "body": wish}, session_id, session_id, room_id, MEGOLM
        )
        self._sessions.outgoing_to_device_messages.append(message)

    def to_send(self) -> list[tuple[object, ToDevices]]:
        """Messages to devices that wait, each with what `sent` wants to be told."""
        self._sessions.received_key_requests.clear()
        waiting = self._sessions.outgoing_to_device_messages
        return [(one, (one.type, {one.recipient: {one.recipient_device: one.content}})) for one in waiting]

    def sent(self, message: object) -> None:
        """It went out."""
        self._sessions.handle_response(Sent(message))

    def to_mend(self) -> dict[str, dict[str, str]]:
        """Devices whose session with us broke, as keys for a new one are claimed."""
        broken: dict[str, dict[str, str]] = {}
        for device in self._sessions.wedged_devices:
            broken.setdefault(device.user_id, {})[device.id] = "signed_curve25519"
        return broken

    def mended(self) -> None:
        """Whatever could be done for them was done."""
        self._sessions.wedged_devices.clear()

    def _session(self, room_id: str, session_id: str) -> object | None:
        """By its id alone: clients do not look at who the event says has made it."""
        makers = self._sessions.inbound_group_store[room_id].values()
        return next((sessions[session_id] for sessions in makers if session_id in sessions), None)


def unsealed(event: Json, inner: Json) -> Json:
    """The event with what was inside it.

    Clients disagree whether the relation inside or the one outside counts; where those differ there is none, so that
    a removal meets the event itself.
    """
    kind = inner.get("type")
    content = dict(mapping(inner.get("content")))
    outside, inside = mapping(event.get("content")).get("m.relates_to"), content.pop("m.relates_to", None)
    if inside is None or inside == outside:
        content |= {"m.relates_to": outside} if outside else {}
    return {**event, "type": ENCRYPTED if kind in NEVER_INSIDE else kind, "content": content}


def is_sealed(event: Json) -> bool:
    """Whether it is a message that is to be opened first."""
    return event.get("type") == ENCRYPTED and "state_key" not in event


def to_device(news: Json) -> list[Json]:
    """What a sync brought for the device."""
    return objects(mapping(news.get("to_device")).get("events"))
