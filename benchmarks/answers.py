"""From a mention to the first visible text, beside the model's own first token; the chat lies beside the checkout."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from benchmarks.path import Silent
from benchmarks.retrieval import CHAT, ROOM, events, filled
from bot.app import App
from bot.assembly import Judging, answering
from bot.core.effect import Draft
from bot.core.event import Author, MessagePosted, Surface, SurfaceKind
from bot.core.llm import LanguageModel, Speaker, Turn
from bot.core.ports import Ingest
from bot.core.stored import Heard
from bot.llm.chat import open_model
from bot.llm.settings import LlmSettings
from pipelines.answer.settings import AnswerSettings
from pipelines.moderation.settings import ModerationSettings
from storage.store import SqlStore
from tests.servers.llm import LlmServer, Say

MESSAGES, ROUNDS = 100_000, 30
AT_ONCE = (1, 10)
SAID = "Configure the sound card with alsaconf and reboot [1]."
QUESTION = "@parley how do I configure my sound card with alsa?"


@dataclass(frozen=True, slots=True)
class Watched(Silent):
    """Notes when each question's answer first becomes visible; stays connected, so that the house stays open."""

    seen: dict[str, float] = field(default_factory=dict)

    async def run(self, ingest: Ingest) -> None:
        """Nobody says anything, for ever."""
        await asyncio.Event().wait()

    async def preview(self, draft: Draft) -> None:
        """Somebody looks."""
        self.seen.setdefault(draft.reply_to, time.perf_counter())


def main() -> None:
    """Print both times, alone and ten at once."""
    if not CHAT.exists():
        print(f"Answers are measured on a chat that is not in {CHAT.parent}.")
        return
    asyncio.run(_measure())


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "parley.db"
        await filled(file, events(MESSAGES))
        async with LlmServer() as server:
            settings = LlmSettings(base_url=server.url, model="tiny", api_key=SecretStr("sk-bench"))
            model = open_model(settings)
            assert model is not None
            await _compared(file, server, model)
            await model.close()


async def _compared(file: Path, server: LlmServer, model: LanguageModel) -> None:
    house, watched = await _house(file, model)
    running = asyncio.create_task(house.run())
    await _answers(house, watched, server, 1)
    for width in AT_ONCE:
        through, alone = [], []
        for _ in range(max(ROUNDS // width, 5)):
            alone += await _tokens(server, model, width)
            through += await _answers(house, watched, server, width)
        print(f"{width:>2} at once, ms: raw first token {_spread(alone)}; first visible text {_spread(through)}")
    running.cancel()
    await asyncio.wait([running])
    await house.store.close()


async def _house(file: Path, model: LanguageModel) -> tuple[App, Watched]:
    store, watched = await SqlStore.open(f"sqlite:///{file}"), Watched()
    who = answering(AnswerSettings(member_tokens=0), model, 1_024)
    return App(store, Judging.of(ModerationSettings(), ()), connectors={"irc": watched}, answering=who), watched


async def _answers(house: App, watched: Watched, server: LlmServer, width: int) -> list[float]:
    server.will(*[Say(SAID)] * width)
    stamp = f"{time.perf_counter_ns()}"
    asked = [_question(f"{stamp}.{number}") for number in range(width)]
    started = time.perf_counter()
    await house.ingest([Heard(each) for each in asked])
    async with asyncio.timeout(60):
        while not all(each.message_id in watched.seen for each in asked):  # noqa: ASYNC110  # previews ring no bell
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.3)
    return [(watched.seen[each.message_id] - started) * 1_000 for each in asked]


def _question(name: str) -> MessagePosted:
    return MessagePosted(
        id=name,
        at=datetime.now(UTC),
        where=ROOM,
        who=Author(name, "Ann"),
        message_id=name,
        surfaces=(Surface(SurfaceKind.BODY, QUESTION),),
        mentions_bot=True,
    )


async def _tokens(server: LlmServer, model: LanguageModel, width: int) -> list[float]:
    server.will(*[Say(SAID)] * width)

    async def first() -> float:
        started, came = time.perf_counter(), 0.0
        async for _ in model.stream([Turn(speaker=Speaker.USER, text=QUESTION)], limit=64):
            came = came or time.perf_counter() - started
        return came * 1_000

    return list(await asyncio.gather(*(first() for _ in range(width))))


def _spread(waits: list[float]) -> str:
    ordered = sorted(waits)
    return f"p50 {ordered[len(ordered) // 2]:.1f}, p95 {ordered[len(ordered) * 95 // 100]:.1f}"


if __name__ == "__main__":
    main()
