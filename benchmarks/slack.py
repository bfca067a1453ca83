"""Parley's ear on Slack beside a bare bolt app that does nothing: CPU an event, events a second, delay of the acks."""

from __future__ import annotations

import asyncio
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path as File

import aiohttp
import uvloop
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.figures import figure, heading
from benchmarks.path import OneWord
from benchmarks.slack_flood import ME, TEAM
from bot.app import App
from bot.assembly import Judging
from bot.core.ports import Ingest
from bot.core.stored import Cursor, Heard
from bot.logs import Level, LogSettings, set_up
from bot.process import calm_collector
from connectors.slack.client import SlackConnector
from connectors.slack.settings import SlackSettings
from connectors.spec import Wiring
from pipelines.moderation.settings import Mode, ModerationSettings
from storage.store import SqlStore

EVENTS, AHEAD, ROUNDS = 10_000, 256, 3
RATE = 1_000
AIM, AIM_MS = 2.0, 500


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU microseconds an event, events a second, and the delay of the slowest acks but one in a hundred."""

    cpu_us: float
    rate: float
    p99_ms: float


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """The flooding Slack, in a process of its own so that its CPU is not counted."""
    command = [sys.executable, "-m", "benchmarks.slack_flood"]
    # Nothing else runs yet that could wait for it.
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    try:
        assert child.stdout is not None
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.terminate()
        child.wait()


@asynccontextmanager
async def _bare(base: str) -> AsyncIterator[None]:
    """Bolt over two sockets, with a cached authorization and a listener that returns."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id=ME, bot_id="B0PARLEY", bot_token="xoxb")  # noqa: S106  # it opens nothing

    logger = logging.getLogger("bare")
    logger.setLevel(logging.CRITICAL)
    client = AsyncWebClient(base_url=f"{base}/api/")
    app = AsyncApp(logger=logger, signing_secret="unused", client=client, authorize=authorize)  # noqa: S106

    @app.event("message")
    async def hear(event: dict[str, object]) -> None:
        """Nothing is done with it."""

    handlers = [AsyncSocketModeHandler(app, "xapp-bench") for _ in range(2)]
    for handler in handlers:
        await handler.connect_async()  # type: ignore[no-untyped-call]
    yield
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _dropped(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
    """Stores nothing."""


@asynccontextmanager
async def _listening(base: str, ingest: Ingest) -> AsyncIterator[None]:
    """The connector alone."""

    async def beginning(_: str) -> str:
        return ""

    settings = SlackSettings(
        bot_token=SecretStr("xoxb-bench"), app_token=SecretStr("xapp-bench"), api_base=f"{base}/api/"
    )
    wiring = Wiring(commands=(), position=beginning, clock=lambda: datetime.now(UTC))
    task = asyncio.create_task(SlackConnector(settings, wiring).run(ingest))
    await asyncio.sleep(1)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def _whole(base: str, folder: File) -> AsyncIterator[None]:
    """The connector before the whole path: SQLite on disk, and a judgement of one word."""
    store = await SqlStore.open(f"sqlite:///{folder / f'{time.monotonic_ns()}.db'}")
    app = App(store, Judging.of(ModerationSettings(mode=Mode.AUTO), ()), pipelines=[OneWord()])
    async with _listening(base, app.ingest):
        yield
        await app.lane.idle()
    await store.close()


async def _measured(base: str, side: AbstractAsyncContextManager[None]) -> Figures:
    async with side, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as session:

        async def flood(rate: int, ahead: int) -> dict[str, object]:
            query = {"events": str(EVENTS), "rate": str(rate), "ahead": str(ahead)}
            async with session.get(f"{base}/flood", params=query) as answer:
                found: dict[str, object] = await answer.json()
                return found

        paced = await flood(RATE, 0)
        cpu = time.process_time()
        fast = await flood(0, AHEAD)
        cpu_us = (time.process_time() - cpu) / EVENTS * 1e6
    delays, seconds = paced["delays"], fast["seconds"]
    assert isinstance(delays, list)
    assert isinstance(seconds, float)
    return Figures(cpu_us, EVENTS / seconds, delays[len(delays) * 99 // 100] * 1e3)


async def _run(folder: File) -> None:
    rows: dict[str, list[Figures]] = {"bare bolt app": [], "connector": [], "connector and path": []}
    for _ in range(ROUNDS):
        # A server for each, so that no event is known to the next round.
        sides: dict[str, Callable[[str], AbstractAsyncContextManager[None]]] = {
            "bare bolt app": _bare,
            "connector": lambda base: _listening(base, _dropped),
            "connector and path": lambda base: _whole(base, folder),
        }
        for name, side in sides.items():
            async with _server() as base:
                rows[name].append(await _measured(base, side(base)))
    _report(rows)


def _report(rows: dict[str, list[Figures]]) -> None:
    bare = [each.cpu_us for each in rows["bare bolt app"]]
    heading(
        f"slack: {EVENTS:,} events at {RATE:,} a second, then {EVENTS:,} with {AHEAD} ahead, {ROUNDS} rounds; medians"
    )
    for name, figures in rows.items():
        cpu = statistics.median(each.cpu_us for each in figures)
        rate = statistics.median(each.rate for each in figures)
        p99 = statistics.median(each.p99_ms for each in figures)
        ratio = statistics.median(one.cpu_us / base for one, base in zip(figures, bare, strict=True))
        aims = ("", "") if name == "bare bolt app" else (f"at most {AIM:.0f} x", f"under {AIM_MS} ms")
        figure(f"{name}: CPU an event", f"{cpu:.1f} us, {ratio:.2f} x bare", aims[0], kept=ratio <= AIM)
        figure(f"{name}: events a second", f"{rate:,.0f}")
        figure(f"{name}: ack p99", f"{p99:.1f} ms", aims[1], kept=p99 < AIM_MS)


def main() -> None:
    """Print the figures."""
    set_up(LogSettings(), Level.ERROR)
    calm_collector()
    with tempfile.TemporaryDirectory() as folder:
        uvloop.run(_run(File(folder)))
