"""What the small Slack is made of: names, channels, faults, and how a message reads."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp

Json: TypeAlias = dict[str, Any]

TEAM, ME, BOT_ID = "T0TEAM0001", "U0PARLEY01", "B0PARLEY01"
BOT_TOKEN, SECOND_TOKEN, ADMIN_TOKEN = "xoxb-bot", "xoxb-second", "xoxp-admin"
SECOND = "T0TEAM0002"
TEAMS = {BOT_TOKEN: TEAM, SECOND_TOKEN: SECOND}
APP, APP_TOKEN, SECRET = "A0PARLEY01", "xapp-app", "shh"
SCOPES = (
    "channels:history,channels:manage,channels:read,chat:write,commands,groups:history,groups:read,groups:write,"
    "im:history,im:read,im:write,mpim:history,mpim:read,reactions:read,reactions:write,usergroups:read,users:read"
)


class Refusal(Exception):
    """Slack says no."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """What befalls the next `times` calls of `method`; with `applied` they are carried out first."""

    method: str
    error: str = ""
    status: int = 200
    retry_after: float = 0.0
    delay_s: float = 0.0
    times: int = 1
    applied: bool = False


@dataclass(slots=True)
class Channel:
    """A conversation: who is in it and what was said, by time."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    general: bool = False
    messages: dict[str, Json] = field(default_factory=dict)


def check_blocks(body: Mapping[str, Any]) -> None:
    """Refuse what Slack refuses of a message's blocks; slack_sdk misses most of it."""
    blocks = body.get("blocks", [])
    pressed = buttons(body)
    names = [each["action_id"] for each in pressed]
    wrong = (
        len(blocks) > 50
        or any(not block.get("elements") for block in blocks)
        or any(len(block["elements"]) > 25 for block in blocks if block["type"] == "actions")
        or len(set(names)) < len(names)
        or any(not 0 < len(each["text"]["text"]) <= 75 or len(each.get("value", "")) > 2_000 for each in pressed)
        or any(not 0 < len(name) <= 255 for name in names)
    )
    if wrong:
        raise Refusal("invalid_blocks")
    if not blocks and not body.get("text"):
        raise Refusal("no_text")


def where_of(channel: Channel) -> Json:
    kinds = {"D": "im"}
    return {"channel": channel.id, "channel_type": kinds.get(channel.id[0], "group" if channel.private else "channel")}


def shown(message: Mapping[str, Any]) -> str:
    """What a member reads of a message."""
    blocks = [block for block in message.get("blocks", ()) if block["type"] == "rich_text"]
    if not blocks:
        return str(message.get("text", ""))
    return "\n".join(_text(element) for block in blocks for element in block["elements"])


def buttons(message: Mapping[str, Any]) -> list[Json]:
    return [each for block in message.get("blocks", ()) if block["type"] == "actions" for each in block["elements"]]


def _text(element: Json) -> str:
    if "elements" in element:
        between = "\n" if element["type"] == "rich_text_list" else ""
        return between.join(_text(each) for each in element["elements"])
    return str(element.get("text", element.get("url", "")))


async def post_signed(
    url: str, body: str, kind: str, *, at: float | None = None, secret: str = SECRET
) -> tuple[int, str]:
    """A request as Slack signs it."""
    stamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body.encode(), headers=headers) as answer:
        return answer.status, await answer.text()
