"""Ask the homeserver who we are and what we may do, for `parley check`."""

from __future__ import annotations

import asyncio
from functools import partial

from bot.core.errors import BotError, Rejected
from connectors.matrix.account import Account
from connectors.matrix.crypto.files import secrets_in
from connectors.matrix.crypto.known import known_device, looked_at
from connectors.matrix.crypto.losses import Losses
from connectors.matrix.crypto.signing import SigningKey
from connectors.matrix.crypto.thread import in_keys_thread
from connectors.matrix.reading import strings
from connectors.matrix.rooms import Room
from connectors.matrix.settings import GATE_SECRET, MatrixSettings
from connectors.matrix.wire import Wire, path
from connectors.spec import Probe

SHOWN_ROOMS = 30


async def probe(settings: MatrixSettings) -> list[Probe]:
    """One line about the account and one about each room."""
    account = Account(Wire(settings.homeserver, settings.token))
    try:
        return await _ask(account, settings)
    except BotError as error:
        return [Probe("homeserver", ok=False, detail=f"{settings.homeserver}: {error}")]
    finally:
        await account.wire.close()


async def _ask(account: Account, settings: MatrixSettings) -> list[Probe]:
    me = await account.identify()
    found = [Probe("account", ok=True, detail=f"I am {me} on device {account.device_id or 'without a name'}.")]
    if settings.device_id and settings.device_id != account.device_id:
        detail = f"The token belongs to device {account.device_id}: write that as device_id, or leave it empty."
        found.append(Probe("device_id", ok=False, detail=detail))
    found += await _encryption(account, settings)
    found += await asyncio.to_thread(_gate, account, settings)
    rooms = list(strings((await account.wire.get(path("joined_rooms"))).get("joined_rooms")))
    if not rooms:
        return [*found, Probe("rooms", ok=False, detail=f"I am in no room yet: invite {me}.")]
    found += [_room(await account.room(room_id), me, sealed=settings.encryption) for room_id in rooms[:SHOWN_ROOMS]]
    if rooms[SHOWN_ROOMS:]:
        found.append(Probe("rooms", ok=True, detail=f"{len(rooms) - SHOWN_ROOMS} more rooms were not looked at."))
    return found


async def _encryption(account: Account, settings: MatrixSettings) -> list[Probe]:
    """Looks at what is stored and what the homeserver knows; changes nothing."""
    if not settings.encryption:
        return []
    folder, pickle_key = settings.keys
    try:
        device = await known_device(account.wire, account.me, account.device_id)
        found = await in_keys_thread(partial(looked_at, folder, pickle_key, account.me, device))
        counts = Losses.of(folder).counts() if folder.exists() else {}
    except (Rejected, OSError) as error:
        return [Probe("encryption", ok=False, detail=str(error))]
    unread = [f"{count} in {room_id}" for room_id, count in sorted(counts.items())]
    told = f"{', '.join(unread)}: I have asked for their keys. Until they come, nobody moderates them."
    return [found, *([Probe("unread messages", ok=False, detail=told)] if unread else [])]


def _gate(account: Account, settings: MatrixSettings) -> list[Probe]:
    """What whoever sets up a homeserver or a room needs to know."""
    if not settings.gate_port:
        return []
    try:
        key = SigningKey(secrets_in(*settings.keys).policy).public
    except Rejected as error:
        return [Probe("gate", ok=False, detail=str(error))]
    where = f"http://{settings.gate_host}:{settings.gate_port}"
    module = f"The module for Synapse asks {where}." if settings.gate_word else f"No module may ask: set {GATE_SECRET}."
    policy = f'As a policy server: m.room.policy {{"via": "{account.space}", "public_keys": {{"ed25519": "{key}"}}}}.'
    return [Probe("gate", ok=True, detail=f"{module} {policy}")]


def _room(room: Room, me: str, *, sealed: bool) -> Probe:
    level = room.level(me)
    needed = {f"{what} needs {room.needed(what)}" for what in ("redact", "kick", "ban") if level < room.needed(what)}
    problems = [f"My power is {level:g}, but {', '.join(sorted(needed))}: raise it."] if needed else []
    if room.encrypted and not sealed:
        problems.append("The room is encrypted: I cannot read what is said there.")
    return Probe(room.title, ok=not problems, detail=" ".join(problems) or f"I may redact, kick and ban ({level:g}).")
