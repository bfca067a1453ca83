"""What the homeserver and the folder of keys say of our device, for `parley check`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.matrix.crypto.files import SECRETS, secrets_in
from connectors.matrix.crypto.machine import DATABASE, Machine
from connectors.matrix.crypto.signing import is_vouched, standing
from connectors.matrix.reading import Json, mapping
from connectors.matrix.wire import Wire, path
from connectors.spec import Probe


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """As others see it: `answer` is what the homeserver tells about the account's keys."""

    id: str
    answer: Json
    keys: Json


async def known_device(wire: Wire, me: str, device_id: str) -> KnownDevice:
    """Raises `Transient`, `Rejected`, `Revoked`."""
    answer = await wire.post(path("keys", "query"), {"device_keys": {me: []}})
    keys = mapping(mapping(mapping(answer.get("device_keys")).get(me)).get(device_id))
    return KnownDevice(device_id, answer, keys)


def foreign(device: KnownDevice, fingerprint: str) -> str:
    """A sentence when the homeserver knows the device by other keys than those that are stored."""
    known = mapping(device.keys.get("keys")).get(f"ed25519:{device.id}")
    if not known or known == fingerprint:
        return ""
    return (
        f"Device {device.id} has other keys than those stored here: put the folder back, or log the account in again "
        "and set MATRIX_ACCESS_TOKEN to the new token."
    )


def looked_at(folder: Path, pickle_key: str, me: str, device: KnownDevice) -> Probe:
    """Whether encrypted rooms can be read and written; raises `Rejected`."""
    if not (folder / SECRETS).exists() or not (folder / DATABASE).exists():
        problem, well = foreign(device, ""), f"{folder} holds no keys yet: the first run makes them."
    else:
        problem, well = _trouble(folder, pickle_key, me, device), "My device is signed by my account."
    return Probe("encryption", ok=not problem, detail=problem or well)


def _trouble(folder: Path, pickle_key: str, me: str, device: KnownDevice) -> str:
    secrets = secrets_in(folder, pickle_key)
    machine = Machine.open(me, device.id, folder, secrets.pickle_key)
    try:
        problem = foreign(device, machine.fingerprint)
    finally:
        machine.close()
    return problem or unsigned(standing(device.answer, me, secrets), signed=is_vouched(device.keys, me, secrets))


def unsigned(whose: str, *, signed: bool) -> str:
    """A sentence when careful clients do not trust the device."""
    if whose == "theirs":
        return (
            "My account has another identity than the one stored here, so my device is not signed: verify it from a "
            "client of that account, or put the folder back."
        )
    return "" if signed else "My device is not signed yet: the next run signs it."
