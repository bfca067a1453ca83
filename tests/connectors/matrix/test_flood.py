"""More to redact than the homeserver's own limits allow: contained first, then cleaned in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bot.core.effect import Delete, Outgoing, Penalty, Restrict
from bot.core.settlement import Settlement, note
from bot.delivery import Delivery
from bot.lanes import Courier
from bot.polling import PollBook
from connectors.matrix.client import MatrixConnector
from pipelines.polls.drawing import PollText
from pipelines.review.card import CardText
from storage.store import SqlStore
from tests.connectors.matrix.world import Inbox, Person, World
from tests.fakes import opened
from tests.servers.synapse import Homeserver

T = TypeVar("T")

FLOOD = 60
FREE = {"messages_per_second": 0, "burst_count": 0}
# What the homeserver lets through before it counts, and what the time of the test adds.
AT_LEAST, AT_MOST = 8, 16


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def courier(store: SqlStore, bot: MatrixConnector) -> AsyncIterator[Courier]:
    delivery = Delivery(
        connectors={"matrix": bot},
        store=store,
        cards=CardText(),
        polls=PollBook(store, PollText(), now),
        review_room=lambda _: None,
        clock=now,
        jitter=lambda: 1.0,
    )
    made = Courier(store, delivery.deliver, now)
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.wait([task])
        await made.idle()


async def write(store: SqlStore, stem: str, *effects: Outgoing) -> None:
    await store.settle(Settlement(notes=[note(f"{stem}/{n}", effect) for n, effect in enumerate(effects)]))


async def redacted(ann: Person, room: str, flood: list[str]) -> list[int]:
    """Which messages of the flood are gone."""
    standing = {one["event_id"] for one in await ann.messages(room) if one["content"]}
    return [number for number, message in enumerate(flood) if message not in standing]


async def membership(ann: Person, room: str, user_id: str) -> str:
    return str((await ann.api("GET", f"rooms/{room}/state/m.room.member/{user_id}"))["membership"])


async def test_a_flood_is_contained_by_one_ban_before_it_is_cleaned_in_order(tmp_path: Path) -> None:
    own_limit = {"rc_admin_redaction": {"per_second": 0.2, "burst_count": 10}}
    with Homeserver(tmp_path / "limited", limits_messages=True, settings=own_limit) as server:
        world = World(server)
        ann, eve, robot = await world.person("ann", admin=True), await world.person("eve"), await world.person("robot")
        for person in (ann, eve):
            await ann.administer("POST", f"v1/users/{person.id}/override_ratelimit", FREE)
        room = await ann.create(power_level_content_override={"users": {robot.id: 60}})
        await eve.join(room)
        await robot.join(room)
        flood = [await eve.say(room, f"buy this {number}") for number in range(FLOOD)]
        here, bot = world.address(room), world.bot(robot, Inbox())
        async with opened() as store, courier(store, bot) as work:
            await write(store, "flood", *(Delete(to=here, message_ids=(one,), reason="a flood") for one in flood))
            work.ring()
            await until_stuck(ann, room, flood)
            ban = Restrict(to=here, user_id=eve.id, penalty=Penalty.BAN, reason="a flood")
            await write(store, "ban", ban)
            work.ring()
            assert await soon(lambda: membership(ann, room, eve.id), lambda found: found == "ban", patience_s=2)
            gone = await redacted(ann, room, flood)
            assert AT_LEAST <= len(gone) <= AT_MOST
            # Four are under way at a time, so a few may overtake each other, and none more.
            assert max(gone) < len(gone) + 4
            await ann.administer("POST", f"v1/users/{robot.id}/override_ratelimit", FREE)
            assert await soon(lambda: redacted(ann, room, flood), lambda found: len(found) == FLOOD, patience_s=30)
        await bot.close()


async def soon(look: Callable[[], Awaitable[T]], well: Callable[[T], bool], patience_s: float) -> bool:
    """Whether what is looked at becomes well in time."""
    for _ in range(int(patience_s / 0.1)):
        if well(await look()):
            return True
        await asyncio.sleep(0.1)
    return False


async def until_stuck(ann: Person, room: str, flood: list[str]) -> None:
    """Return once the limit holds up the rest."""
    before = -1
    while before != (count := len(await redacted(ann, room, flood))) or count < AT_LEAST:
        before = count
        await asyncio.sleep(1)
