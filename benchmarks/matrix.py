"""What an event of a sync costs, beside a client of nio that only listens to the same bytes.

The events are those of `tests/recordings/matrix`, as a homeserver wrote them, each with an id of its own; malformed
ones are left out, for nio writes a long line about each.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

# nio ships no types.
from nio import AsyncClient, SyncResponse  # type: ignore[import-untyped]

from bot.core.stored import Cursor, Heard
from connectors.matrix.account import Account
from connectors.matrix.listen import Listener
from connectors.matrix.memory import Origin
from connectors.matrix.raw import View
from connectors.matrix.reading import decode, ident, mapping
from connectors.matrix.rooms import Room
from connectors.matrix.wire import Wire

RECORDINGS = Path(__file__).parents[1] / "tests" / "recordings" / "matrix"
SYNCS, EVENTS, ROUNDS = 100, 50, 5
ROOMS = 200
ME = "@robot:bench"


@dataclass(frozen=True, slots=True)
class Scene:
    """What one room's syncs are made of."""

    state: list[dict[str, object]]
    events: list[dict[str, object]]


def scene() -> Scene:
    """The talk of the recordings, without what the bot said."""
    names = ("changes", "polls", "presses", "talk")
    found = [json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    events = [event for one in found for event in one["events"] if event["sender"] != one["me"]]
    return Scene(found[-1]["state"], events)


def syncs(of: Scene) -> list[bytes]:
    """Answers as they come in, the first with the rooms' state."""
    events = islice(cycle(of.events), SYNCS * EVENTS)
    numbered = [{**event, "event_id": f"$bench{number}"} for number, event in enumerate(events)]
    parts = [numbered[begin : begin + EVENTS] for begin in range(0, len(numbered), EVENTS)]
    return [_sync(f"s{n}", {"!bench:bench": (of.state if n == 0 else [], part)}) for n, part in enumerate(parts)]


def first_sync(of: Scene) -> bytes:
    """The answer at the start of an account in many rooms."""
    return _sync("s1", {f"!room{n}:bench": (of.state, of.events[:20]) for n in range(ROOMS)})


def _sync(token: str, rooms: dict[str, tuple[Sequence[object], Sequence[object]]]) -> bytes:
    join = {
        room: {
            "state": {"events": state},
            "timeline": {"events": events, "limited": False, "prev_batch": "p"},
            "account_data": {"events": []},
            "ephemeral": {"events": []},
            "summary": {},
            "unread_notifications": {},
        }
        for room, (state, events) in rooms.items()
    }
    return json.dumps({"next_batch": token, "rooms": {"join": join, "invite": {}, "leave": {}}}).encode()


async def ours(answers: Sequence[bytes]) -> int:
    """How many events came of them."""
    account = Account(Wire("http://127.0.0.1:9", "none"))
    account.me = ME
    # What is not known is asked of the homeserver, and here nothing answers.
    for target in targets(scene()):
        account.memory.keep(target, Origin(sender=""))
    count = 0

    async def ingest(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        nonlocal count
        del cursor
        count += len(heard)

    def view(room: Room) -> View:
        return View(me=ME, space="bench", room=room, origins=account.memory.get)

    listener = Listener(
        account=account,
        view=view,
        invited=lambda *_: None,
        gone=lambda _: None,
        upgraded=lambda *_: None,
        backfill_limit=0,
        sync_timeout_s=1,
    )
    since = "s"
    for answer in answers:
        since = await listener.take(mapping(decode(answer)), since, ingest)
    return count


def targets(of: Scene) -> set[str]:
    """What the events relate to."""
    relations = [mapping(mapping(event["content"]).get("m.relates_to")) for event in of.events]
    return {ident(relation.get("event_id")) for relation in relations}


async def theirs(answers: Sequence[bytes]) -> int:
    """The same through nio, with a callback for everything."""
    client = AsyncClient("http://127.0.0.1:9", ME)
    client.user_id = ME
    heard = 0

    def listen(*_: object) -> None:
        nonlocal heard
        heard += 1

    client.add_event_callback(listen, None)
    for answer in answers:
        await client.receive_response(SyncResponse.from_dict(json.loads(answer)))
    return heard


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU and wall seconds of one round."""

    cpu_s: float
    wall_s: float


def measured(work: Callable[[Sequence[bytes]], Awaitable[int]], answers: Sequence[bytes]) -> Figures:
    """One round of it."""

    async def run() -> None:
        await work(answers)

    cpu, wall = time.process_time(), time.perf_counter()
    asyncio.run(run())
    return Figures(time.process_time() - cpu, time.perf_counter() - wall)


def rounds(answers: Sequence[bytes]) -> Iterator[tuple[Figures, Figures]]:
    """In turn, so that a busy machine is busy for both; the first is not counted."""
    for number in range(ROUNDS + 1):
        pair = measured(ours, answers), measured(theirs, answers)
        if number:
            yield pair


def medians(answers: Sequence[bytes]) -> tuple[float, float]:
    """CPU seconds: ours, and nio's."""
    pairs = list(rounds(answers))
    return statistics.median(one.cpu_s for one, _ in pairs), statistics.median(other.cpu_s for _, other in pairs)


def main() -> None:
    """Print both, and how they compare."""
    of = scene()
    mine, bare = medians(syncs(of))
    count = SYNCS * EVENTS
    print(f"an event of a sync: {mine / count * 1e6:.1f} us CPU ({count / mine:,.0f}/s)")
    print(f"with nio alone:     {bare / count * 1e6:.1f} us CPU ({count / bare:,.0f}/s)")
    print(f"against nio: {mine / bare:.2f} (aim: at most 2)")
    start, other = medians([first_sync(of)])
    print(
        f"start in {ROOMS} rooms: {start * 1e3:.0f} ms, nio alone {other * 1e3:.0f} ms; {start / other:.2f} (aim: 1.5)"
    )
