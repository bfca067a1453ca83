"""What a running house shows to whoever watches over it, asked over real HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import ValidationError

from bot.app import App
from bot.assembly import Judging
from bot.core.errors import ConfigError, ModelFailed, Rejected, Revoked
from bot.core.meter import Unmetered
from bot.core.ports import Connector, Scores
from bot.health import HealthSettings, watch
from bot.metrics import Metrics
from bot.watching import watched
from pipelines.moderation.classifier import LocalClassifier
from storage.store import SqlStore
from tests.fakes import FakeClock, FakeConnector, eventually, opened, said
from tests.test_app import SETTINGS

DASHBOARD = Path(__file__).parents[1] / "docs" / "grafana.json"


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with opened() as store:
        yield store


@dataclass(slots=True)
class Watched:
    app: App
    address: str
    session: ClientSession

    async def get(self, page: str) -> tuple[int, str]:
        async with self.session.get(f"http://{self.address}/{page}") as answer:
            return answer.status, await answer.text()

    async def count(self, line: str) -> float:
        """The value of the line that begins so, 0 if there is none."""
        _, page = await self.get("metrics")
        return next((float(each.rpartition(" ")[2]) for each in page.splitlines() if each.startswith(line)), 0.0)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@asynccontextmanager
async def house(store: SqlStore, **connectors: Connector) -> AsyncIterator[Watched]:
    settings, metrics = HealthSettings(listen=f"127.0.0.1:{free_port()}"), Metrics()
    app = App(store, Judging.of(SETTINGS, []), FakeClock(), connectors=dict(connectors), meter=metrics)
    async with watched(app, settings, metrics), ClientSession() as session:
        yield Watched(app, settings.listen, session)


@asynccontextmanager
async def running(seen: Watched) -> AsyncIterator[None]:
    task = asyncio.create_task(seen.app.run())
    await eventually(lambda: seen.app.listening)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_house_is_alive_before_it_is_ready(store: SqlStore) -> None:
    async with house(store, fake=FakeConnector()) as seen:
        assert await seen.get("healthz") == (200, "alive\n")
        assert await seen.get("readyz") == (503, "I am not listening yet, or no more.\n")
        async with running(seen):
            assert await seen.get("readyz") == (200, "ready\n")


async def test_a_platform_that_refuses_us_is_a_trouble_and_down(store: SqlStore) -> None:
    fake = FakeConnector()
    async with house(store, fake=fake, other=FakeConnector()) as seen, running(seen):
        fake.hears(Revoked("The token was revoked: make a new one."))
        await eventually(lambda: seen.app.stopped)
        assert await seen.get("readyz") == (503, "fake: The token was revoked: make a new one.\n")
        up = [await seen.count(f'parley_connector_up{{connector="{name}"}}') for name in ("fake", "other")]
        assert up == [0.0, 1.0]


async def test_what_moves_along_the_path_is_counted_and_nothing_that_was_said(store: SqlStore) -> None:
    fake = FakeConnector()
    async with house(store, fake=fake) as seen, running(seen):
        fake.hears(said("hello", "m0"), said("so vile", "m1"), said("rather odd", "m2"))
        await eventually(lambda: fake.performed)
        await seen.app.idle()
        assert await seen.count('parley_events_heard_total{platform="fake"}') == 3
        assert await seen.count('parley_decisions_total{mode="auto",outcome="acted"}') == 1
        assert await seen.count('parley_decisions_total{mode="auto",outcome="asked"}') == 1
        assert await seen.count('parley_findings_total{rule="vile"}') == 1
        assert await seen.count('parley_deliveries_total{effect="Delete",platform="fake",went="done"}') == 1
        assert await seen.count("parley_now_lane_seconds_count") == 3
        assert await seen.count('parley_waiting{what="cases"}') == 1
        _, page = await seen.get("metrics")
        assert "hello" not in page
        assert "rather" not in page


async def test_refusals_are_counted(store: SqlStore) -> None:
    fake = FakeConnector(failures=[Rejected("No.")])
    async with house(store, fake=fake) as seen, running(seen):
        fake.hears(said("vile"))
        await eventually(lambda: fake.performed or not fake.failures)
        await seen.app.idle()
        assert await seen.count('parley_deliveries_total{effect="Delete",platform="fake",went="refused"}') == 1


async def test_nothing_listens_unless_it_is_wanted(store: SqlStore) -> None:
    app = App(store, Judging.of(SETTINGS, []), FakeClock())
    async with watched(app, HealthSettings(), None):
        assert isinstance(app.meter, Unmetered)


async def test_a_place_that_is_taken_is_refused_with_a_sentence(store: SqlStore) -> None:
    async with house(store) as seen:
        app = App(store, Judging.of(SETTINGS, []), FakeClock())
        with pytest.raises(ConfigError, match=r"health\.listen = “127\.0\.0\.1:\d+” cannot be used"):
            async with watched(app, HealthSettings(listen=seen.address), Metrics()):
                raise AssertionError("it cannot listen there")


@pytest.mark.parametrize("listen", ["9180", "127.0.0.1:99999", ":80", "http://127.0.0.1:80"])
def test_what_is_no_place_to_listen_is_refused(listen: str) -> None:
    with pytest.raises(ValidationError, match="write it as host:port"):
        HealthSettings(listen=listen)


def test_an_address_of_the_newer_kind_is_a_place_too() -> None:
    assert HealthSettings(listen="[::1]:9180").place == ("::1", 9180)


async def test_a_loop_that_stands_still_is_noticed() -> None:
    metrics = Metrics()
    watching = asyncio.create_task(watch(metrics))
    await asyncio.sleep(0.01)
    time.sleep(0.5)  # noqa: ASYNC251 - it stands still on purpose
    await asyncio.sleep(0.01)
    watching.cancel()
    assert metrics.registry.get_sample_value("parley_loop_stall_seconds_count") == 1


class Moody:
    version = "v"

    def __init__(self) -> None:
        self.moods = [RuntimeError("no"), None]

    def score(self, texts: Sequence[str]) -> list[Scores]:
        if mood := self.moods.pop(0):
            raise mood
        return [Scores(toxic=0.0, labels={}) for _ in texts]


@dataclass(slots=True)
class Noting(Unmetered):
    scores: list[tuple[int, bool]] = field(default_factory=list)

    def scored(self, texts: int, seconds: float, *, failed: bool) -> None:
        self.scores.append((texts, failed))


async def test_what_the_model_does_is_counted() -> None:
    meter = Noting()
    classifier = LocalClassifier(Moody(), meter=meter)
    with pytest.raises(ModelFailed):
        await classifier.score(["a"])
    await classifier.score(["a", "b"])
    assert meter.scores == [(1, True), (2, False)]


async def test_the_dashboard_asks_for_nothing_that_is_not_counted(store: SqlStore) -> None:
    fake = FakeConnector()
    async with house(store, fake=fake) as seen, running(seen):
        fake.hears(said("vile"))
        await eventually(lambda: fake.performed)
        await seen.app.idle()
        _, page = await seen.get("metrics")
    shown = {line.partition("{")[0].partition(" ")[0] for line in page.splitlines() if line.startswith("parley_")}
    wanted = set(re.findall(r"parley_\w+", DASHBOARD.read_text(encoding="utf-8")))
    assert wanted - shown == set()
