"""Cross-signing: the account's own keys, and the signature by which others know its device. Pure.

Clients that trust only signed devices neither read us nor let us read without it. The specification's "Cross-signing"
says what is signed by what.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from connectors.matrix.crypto.files import Secrets
from connectors.matrix.reading import Json, ident, mapping


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ed25519 key, from its seed in hex."""

    seed: str

    @property
    def public(self) -> str:
        """Unpadded base64, which is also the key's name."""
        return _base64(self._key.public_key().export_key(format="raw"))

    def signature(self, content: Json) -> str:
        """Over the object without its signatures, unpadded base64."""
        return _base64(eddsa.new(self._key, "rfc8032").sign(canonical(content)))

    @property
    def _key(self) -> ECC.EccKey:
        return ECC.construct(curve="Ed25519", seed=bytes.fromhex(self.seed))


def canonical(content: Json) -> bytes:
    """An object as it is signed."""
    signed = {key: value for key, value in content.items() if key not in ("signatures", "unsigned")}
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def identity(user_id: str, secrets: Secrets) -> dict[str, object]:
    """The account's public keys, as they are uploaded once."""
    master = SigningKey(secrets.master)
    keys = {"self_signing": secrets.self_signing, "user_signing": secrets.user_signing}
    lower = {f"{usage}_key": _signed(_public(user_id, usage, seed), user_id, master) for usage, seed in keys.items()}
    return {"master_key": _public(user_id, "master", secrets.master), **lower}


def vouched(user_id: str, device: Json, secrets: Secrets) -> dict[str, object]:
    """The signature that makes a device one of the account's, as it is uploaded."""
    signed = _signed(device, user_id, SigningKey(secrets.self_signing))
    signed.pop("unsigned", None)
    return {user_id: {ident(device.get("device_id")): signed}}


def standing(answer: Json, user_id: str, secrets: Secrets) -> str:
    """Whose identity the server knows of the account: 'ours', 'theirs', or '' when there is none yet."""
    known = mapping(mapping(answer.get("master_keys")).get(user_id)).get("keys")
    if not mapping(known):
        return ""
    return "ours" if f"ed25519:{SigningKey(secrets.master).public}" in mapping(known) else "theirs"


def is_vouched(device: Json, user_id: str, secrets: Secrets) -> bool:
    """Whether the device carries our signature already."""
    signatures = mapping(mapping(device.get("signatures")).get(user_id))
    return f"ed25519:{SigningKey(secrets.self_signing).public}" in signatures


def _public(user_id: str, usage: str, seed: str) -> dict[str, object]:
    public = SigningKey(seed).public
    return {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{public}": public}}


def _signed(content: Json, user_id: str, key: SigningKey) -> dict[str, object]:
    return {**content, "signatures": {user_id: {f"ed25519:{key.public}": key.signature(content)}}}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
