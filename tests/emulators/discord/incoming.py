"""The body of a request: JSON, or files with JSON beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from tests.emulators.discord.call import Upload
from tests.emulators.discord.refusal import Json, Refusal

MOST_FILES = 10
MOST_BYTES = 10 * 1024 * 1024
_FILE = re.compile(r"files\[(\d+)\]")


@dataclass(slots=True)
class Incoming:
    """What a request carries."""

    body: Json | list[Json] | None = None
    uploads: list[Upload] = field(default_factory=list)


async def read(request: web.Request) -> Incoming:
    """The body of a request; refused if it cannot be read."""
    if request.content_type.startswith("multipart/"):
        return await _multipart(request)
    raw = await request.read()
    if not raw:
        return Incoming()
    if request.content_type != "application/json":
        raise Refusal(50035, message="Expected \"Content-Type\" header to be one of {'application/json'}.")
    return Incoming(_parsed(raw))


def _parsed(raw: bytes) -> Json | list[Json]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(50109) from None
    if not isinstance(body, dict | list):
        raise Refusal(50109)
    return body


async def _multipart(request: web.Request) -> Incoming:
    found = Incoming({})
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        if part.name == "payload_json":
            found.body = _parsed(content)
        elif (named := _FILE.fullmatch(part.name or "")) is not None:
            found.uploads.append(_upload(int(named[1]), part, content))
    if len(found.uploads) > MOST_FILES:
        raise Refusal(50035, message="Too many files")
    return found


def _upload(number: int, part: BodyPartReader, content: bytes) -> Upload:
    if len(content) > MOST_BYTES:
        raise Refusal(40005, status=413, message="Request entity too large")
    kind = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(number=number, filename=part.filename or "unknown", content=content, content_type=kind)
