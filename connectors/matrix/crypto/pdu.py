"""Events as homeservers sign them: without what redaction takes away, and with a hash of all they say. Pure.

The keys that stay are listed in the specification under "Redactions" of each room version.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from connectors.matrix.crypto.signing import canonical
from connectors.matrix.reading import Json, mapping

_ALWAYS = "event_id type room_id sender state_key content hashes signatures depth prev_events auth_events"
_KEPT = frozenset([*_ALWAYS.split(), "origin_server_ts"])
_KEPT_ONCE = frozenset({"origin", "membership", "prev_state"})
_POWER = frozenset(["ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"])
_CONTENT: Mapping[str, frozenset[str]] = {
    "m.room.member": frozenset({"membership"}),
    "m.room.create": frozenset({"creator"}),
    "m.room.join_rules": frozenset({"join_rule"}),
    "m.room.power_levels": _POWER,
    "m.room.history_visibility": frozenset({"history_visibility"}),
}
# From which room version on more of a content stays.
ALLOW_SINCE, AUTHORISED_SINCE, NEW_RULES_SINCE = 8, 9, 11
REDACTS = frozenset({"redacts"})


def signed_part(event: Json, version: int) -> Json | None:
    """What of an event is signed; None for what is none."""
    kind, content = event.get("type"), event.get("content")
    if not isinstance(kind, str) or not isinstance(content, dict) or "hashes" not in event:
        return None
    kept = _KEPT if version >= NEW_RULES_SINCE else _KEPT | _KEPT_ONCE
    part = {key: value for key, value in event.items() if key in kept}
    return {**part, "content": _content(kind, content, version)}


def hash_fits(event: Json) -> bool:
    """Whether the content is the one that the signature will stand for."""
    said = {key: value for key, value in event.items() if key not in ("hashes", "signatures", "unsigned")}
    digest = base64.b64encode(hashlib.sha256(canonical(said)).digest()).decode().rstrip("=")
    return mapping(event.get("hashes")).get("sha256") == digest


def _content(kind: str, content: Json, version: int) -> Json:
    if kind == "m.room.create" and version >= NEW_RULES_SINCE:
        return content
    kept = _CONTENT.get(kind, frozenset()) | _more(kind, version)
    stays = {key: value for key, value in content.items() if key in kept}
    invite = mapping(content.get("third_party_invite"))
    if kind == "m.room.member" and version >= NEW_RULES_SINCE and "signed" in invite:
        stays["third_party_invite"] = {"signed": invite["signed"]}
    return stays


def _more(kind: str, version: int) -> frozenset[str]:
    if kind == "m.room.join_rules" and version >= ALLOW_SINCE:
        return frozenset({"allow"})
    if kind == "m.room.member" and version >= AUTHORISED_SINCE:
        return frozenset({"join_authorised_via_users_server"})
    if version < NEW_RULES_SINCE:
        return frozenset({"aliases"}) if kind == "m.room.aliases" and version < 6 else frozenset()  # noqa: PLR2004
    return {"m.room.power_levels": frozenset({"invite"}), "m.room.redaction": REDACTS}.get(kind, frozenset())
