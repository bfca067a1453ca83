"""What the app asks Slack for: exactly the scopes and events that are used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import quote

# What the calls and listeners of this connector take; a test compares them.
SCOPES = (
    "channels:history",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)
CREATE = "https://api.slack.com/apps?new_app=1&manifest_json="


def manifest(url: str = "") -> dict[str, object]:
    """The manifest as Slack reads it; with a `url`, events come there over HTTP."""
    found: dict[str, dict[str, object]] = json.loads(files(__package__).joinpath("manifest.json").read_text("utf-8"))
    if url:
        settings, features = found["settings"], found["features"]
        settings["socket_mode_enabled"] = False
        for part in ("event_subscriptions", "interactivity"):
            settings[part] = {**_object(settings[part]), "request_url": url}
        commands = features["slash_commands"]
        assert isinstance(commands, list)
        features["slash_commands"] = [{**_object(command), "url": url} for command in commands]
    return {**found}


def create_url(url: str = "") -> str:
    """Opens Slack with everything filled in."""
    return CREATE + quote(json.dumps(manifest(url), separators=(",", ":"), ensure_ascii=False), safe="")


def shown(arguments: Sequence[str]) -> str:
    """Print the app's manifest and the link that makes it; with an https address, for requests sent there."""
    url = arguments[0] if arguments else ""
    if url and not url.startswith("https://"):
        raise ValueError("Slack sends events only to an address that begins with https://.")
    printed = json.dumps(manifest(url), indent=2, ensure_ascii=False)
    return f"{printed}\n\nMake the app with one click:\n{create_url(url)}"


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value
