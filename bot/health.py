"""The section `health`: whether this process lives, whether it can work, and what it counted, over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.core.errors import ConfigError
from bot.core.meter import Meter

if TYPE_CHECKING:
    from aiohttp import web

log = structlog.get_logger(__name__)

_PLACE: Final = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[\w.-]+)):(?P<port>\d{1,5})")
LOOK_EVERY: Final = 0.25
# Below this nobody notices, and a busy machine does it all the time.
STALL: Final = 0.05
_WORTH_A_LINE: Final = 1.0


def _listen(value: str) -> str:
    if value and not (_PLACE.fullmatch(value) and int(value.rpartition(":")[2]) <= 65_535):  # noqa: PLR2004 - as known
        raise ValueError("write it as host:port, such as 127.0.0.1:9180")
    return value


class HealthSettings(BaseModel):
    """Pages for monitoring: /healthz, /readyz and /metrics (Prometheus)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str, AfterValidator(_listen)] = Field(
        default="",
        description="Where the pages are, such as 127.0.0.1:9180; empty for nowhere. They ask for no password.",
    )

    @property
    def place(self) -> tuple[str, int] | None:
        """Host and port, None where nobody should listen."""
        found = _PLACE.fullmatch(self.listen)
        return (found["six"] or found["host"], int(found["port"])) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What the pages show: a sentence for each thing that keeps us from working, and the counts."""

    troubles: Callable[[], Sequence[str]]
    metrics: Callable[[], Awaitable[bytes]]
    content_type: str


@asynccontextmanager
async def pages(settings: HealthSettings, looks: Looks) -> AsyncIterator[str]:
    """Serve the pages meanwhile, if they are wanted; gives their address. Raises `ConfigError`."""
    if settings.place is None:
        yield ""
        return
    # Here, so that whoever has no use for pages does not load a server.
    from aiohttp import web

    runner = web.AppRunner(_app(looks), access_log=None)
    await runner.setup()
    try:
        await _start(web.TCPSite(runner, *settings.place), settings.listen)
        yield settings.listen
    finally:
        await runner.cleanup()


async def _start(site: web.TCPSite, listen: str) -> None:
    try:
        await site.start()
    except OSError as error:
        raise ConfigError(f"health.listen = “{listen}” cannot be used: {error.strerror or error}.") from error


def _app(looks: Looks) -> web.Application:
    from aiohttp import web

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        troubles = looks.troubles()
        return web.Response(text="\n".join([*troubles, ""]) if troubles else "ready\n", status=503 if troubles else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await looks.metrics(), headers={"Content-Type": looks.content_type})

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)])
    return app


async def watch(meter: Meter) -> None:
    """Look until cancelled how late the event loop comes: what blocks it holds up every room."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_EVERY
        await asyncio.sleep(LOOK_EVERY)
        late = loop.time() - due
        if late >= STALL:
            meter.stalled(late)
        if late >= _WORTH_A_LINE:
            log.warning("the event loop stood still", seconds=round(late, 1))
