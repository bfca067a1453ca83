"""What clients send over the gateway, read strictly."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from aiohttp import WSMsgType, web

from tests.emulators.discord.refusal import Json


class CloseSocket(Exception):
    """The client broke a rule: https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")


def mapping(data: object) -> Json:
    """The object that the client should have sent."""
    if not isinstance(data, dict):
        raise CloseSocket(4002, "Error while decoding payload.")
    return data


async def messages(ws: web.WebSocketResponse, patience_s: float) -> AsyncIterator[str | bytes]:
    """What the client sends, until it closes the socket; raises `CloseSocket` when it is silent for too long."""
    while True:
        try:
            message = await ws.receive(patience_s)
        except TimeoutError:
            raise CloseSocket(4009, "Session timed out.") from None
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        yield message.data


def decoded(data: str | bytes, most_bytes: int) -> Json:
    """One payload; raises `CloseSocket` for what is none or too big."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > most_bytes:
        raise CloseSocket(4002, "Error while decoding payload.")
    try:
        payload = json.loads(raw)
    except ValueError:
        raise CloseSocket(4002, "Error while decoding payload.") from None
    return mapping(payload)
