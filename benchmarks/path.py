"""The path against its floor: messages a second and CPU a message, in turn, in one run."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as File

import orjson
import uvloop

from benchmarks.floor import Floor, Message
from benchmarks.processes import children_cpu_seconds
from bot.app import App
from bot.assembly import Judging
from bot.core.action import Action, Judged, Outlet
from bot.core.address import Address
from bot.core.banlist import BanList
from bot.core.capability import Capabilities
from bot.core.effect import Delete, Draft, Effect
from bot.core.event import Author, Event, MessagePosted, Role, Surface, SurfaceKind
from bot.core.evidence import Evidence
from bot.core.ports import Context, Ingest, Needs, Pipeline, Readers
from bot.core.stored import Heard, Receipt
from bot.logs import Level, LogSettings, set_up
from bot.process import calm_collector
from pipelines.moderation.settings import Mode, ModerationSettings
from storage.store import SqlStore

MESSAGES, BATCH, ROUNDS, BAD = 20_000, 128, 5, 100
AIM = 3.0
WHERE = Address("bench", "home", "general")
CLEAR = Judged(outlet=Outlet.CLEAR, evidence=Evidence(policy="bench", mode="auto"))


@dataclass(frozen=True, slots=True)
class Silent:
    """A platform that can do everything and does nothing."""

    async def run(self, ingest: Ingest) -> None:
        """Nobody says anything."""

    async def capabilities(self, where: Address) -> Capabilities:
        """Everything, at no cost."""
        return Capabilities(max_text=2000, can_delete_others=True, bulk_delete=100, deduplicates_sends=True)

    async def role(self, where: Address, user_id: str) -> Role:
        """Everybody is a member."""
        return Role.MEMBER

    async def readers(self, where: Address) -> Readers:
        """Everybody reads."""
        return Readers(everyone=True)

    async def moderators(self, where: Address) -> frozenset[str]:
        """Nobody does."""
        return frozenset()

    async def lacking(self, community: Address, needs: Needs) -> Sequence[str]:
        """Nothing."""
        return ()

    async def ban_lists(self, where: Address, lists: Sequence[Address], member_id: str = "") -> Sequence[BanList]:
        """None."""
        return ()

    async def preview(self, draft: Draft) -> None:
        """Nobody looks."""

    async def perform(self, effect: Effect, *, key: str, cookie: str) -> Receipt:
        """Done, without doing anything."""
        return Receipt(key)


@dataclass(frozen=True, slots=True)
class OneWord:
    """The floor's judgement, as a pipeline."""

    name: str = "one word"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        """A verdict for each message."""
        if isinstance(event, MessagePosted):
            yield _bad(event) if "spam" in event.text else CLEAR

    def failed(self, event: Event) -> Sequence[Action]:
        """It cannot."""
        return ()


def _bad(event: MessagePosted) -> Judged:
    delete = Delete(to=event.where, message_ids=(event.message_id,), reason="spam")
    return Judged(outlet=Outlet.LIVE, evidence=CLEAR.evidence, proposal=(delete,))


def _texts() -> list[str]:
    return [f"message {n} says something of ordinary length" + " spam" * (n % BAD == 0) for n in range(MESSAGES)]


def _events(round_: int) -> list[Heard]:
    at = datetime.now(UTC)
    authors = [Author(f"u{n}", f"User {n}") for n in range(50)]
    return [
        Heard(
            MessagePosted(
                id=f"{round_}.{n}",
                at=at,
                where=WHERE,
                who=authors[n % 50],
                message_id=f"{round_}.{n}",
                surfaces=(Surface(SurfaceKind.BODY, text),),
            )
        )
        for n, text in enumerate(_texts())
    ]


def _messages(events: Sequence[Heard]) -> list[Message]:
    """The same as plain dictionaries, with what the floor's rows need beside the payload."""
    return [
        Message(
            key=heard.event.key,
            place=str(heard.event.where),
            community=str(heard.event.where.community),
            who=heard.event.who.id,
            payload=orjson.loads(orjson.dumps(heard.event)),
        )
        for heard in events
    ]


async def _app(file: File, pipelines: Sequence[Pipeline] | None) -> App:
    store = await SqlStore.open(f"sqlite:///{file}")
    settings = ModerationSettings(mode=Mode.AUTO)
    return App(store, Judging.of(settings, ()), pipelines=pipelines, connectors={"bench": Silent()})


async def _through(app: App, heard: Sequence[Heard]) -> None:
    courier = asyncio.create_task(app.courier.run())
    for first in range(0, len(heard), BATCH):
        await app.ingest(heard[first : first + BATCH])
    await app.idle()
    courier.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """CPU microseconds a message, here and in the model's own process, and messages a second."""

    cpu: float
    model: float
    rate: float


async def _timed(work: Callable[[], Awaitable[None]]) -> Round:
    cpu, model, wall = time.process_time(), children_cpu_seconds(), time.perf_counter()
    await work()
    return Round(
        cpu=(time.process_time() - cpu) / MESSAGES * 1e6,
        model=(children_cpu_seconds() - model) / MESSAGES * 1e6,
        rate=MESSAGES / (time.perf_counter() - wall),
    )


async def _run(folder: File) -> None:
    floor, path = Floor(folder / "floor.db"), await _app(folder / "path.db", [OneWord()])
    shipped = await _app(folder / "shipped.db", None)
    rows: dict[str, list[Round]] = {"floor": [], "path": [], "path, shipped pipelines": []}
    for round_ in range(ROUNDS):
        events = _events(round_)
        messages = _messages(events)
        rows["floor"].append(await _timed(partial(floor.run, messages, BATCH)))
        rows["path"].append(await _timed(partial(_through, path, events)))
        rows["path, shipped pipelines"].append(await _timed(partial(_through, shipped, events)))
    for app in (path, shipped):
        await app.store.close()
    _report(rows)


def _report(rows: dict[str, list[Round]]) -> None:
    floor = [figures.cpu for figures in rows["floor"]]
    print(f"path: {MESSAGES:,} messages, {BATCH} at a time, 1 in {BAD} bad, {ROUNDS} rounds in turn; medians")
    for name, rounds in rows.items():
        cpu, model, rate = (
            statistics.median(figures) for figures in zip(*((r.cpu, r.model, r.rate) for r in rounds), strict=True)
        )
        ratio = statistics.median(each.cpu / base for each, base in zip(rounds, floor, strict=True))
        there = f" + {model:.1f} us in the model’s process" if model else ""
        print(
            f"  {name:24} {cpu:7.1f} us CPU a message {rate:9,.0f} messages/s   {ratio:5.2f} x the floor's CPU{there}"
        )
    print(f"  aim: path at most {AIM:.0f} x")


def main() -> None:
    """Print the figures."""
    set_up(LogSettings(), Level.ERROR)
    calm_collector()
    with tempfile.TemporaryDirectory() as folder:
        uvloop.run(_run(File(folder)))
