"""What may go wrong between Discord and the whole bot: a test of the house for what no smaller test shows.

| fault | shown here | and by |
| --- | --- | --- |
| F10 limits of a route, of all, shared | a pause that is kept | `test_performing` (pause, limit), `test_pace` |
| F11 errors and slowness of theirs | removals pass posts | `test_performing` (trouble on their side) |
| F12 RESUME refused, 500 meanwhile | a stale mention | `test_day`, `test_listening` (refused resume) |
| F13 RESUME replays | a session repeats | `test_listening` (what comes twice) |
| F14 restarts and sessions in a loop | | `test_listening` (fifty restarts, never, drops), `test_budget` |
| F17 clocks that jump | two jumps | `test_budget` (goes back), `tests/test_app.py` (stepped) |
| F20 a permission is missing | found out when refused | `test_whole` (known before), `test_performing` |
| F23 a raid | | `test_day` (10,000 at night), `test_whole` (within the limits) |
| F27 stopped with 200 in flight | two hundred | `test_listening` (session), `test_performing` (stream) |
| F28 one loud channel | the order | `benchmarks/discord` (the times) |
| F29 the token is revoked | the whole bot ends | `test_listening` (stops at once) |
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.core.settlement import Outcome
from storage.store import SqlStore
from tests.connectors.discord.town import Town
from tests.connectors.discord.world import until
from tests.emulators.discord import Emulator, Fault
from tests.emulators.discord.call import Request

DELETE = "/channels/{channel_id}/messages/{message_id}"
POST = "/channels/{channel_id}/messages"
BAD = "buy seeds"


def removals(town: Town) -> list[Request]:
    """The requests that take messages away."""
    asked = town.server.emulator.requests
    return [each for each in asked if (each.method, each.template) == ("DELETE", DELETE) or "bulk" in each.template]


def removed(town: Town) -> list[str]:
    """Each message as often as Discord confirmed that it went."""
    done = [each for each in removals(town) if each.status == 204]
    bulks = [each.body for each in done if isinstance(each.body, dict)]
    listed = [str(message) for bulk in bulks for message in bulk["messages"]]
    return [each.parameters["message_id"] for each in done if each.method == "DELETE"] + listed


async def heard(app: App) -> list[str]:
    """Every message, in the order in which it was stored."""
    assert isinstance(app.store, SqlStore)
    return [found.event.message_id async for found in app.store.scan()]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_nothing_is_asked_before_the_pause_is_over(town: Town, scope: str) -> None:
    server, pause = town.server, timedelta(seconds=2)
    async with town.running():
        await town.mode("auto")
        server.emulator.fail(Fault(method="DELETE", template=DELETE, status=429, retry_after=pause, scope=scope))
        first = server.member.say(server.channel, BAD)
        await until(lambda: removals(town))
        asked = len(server.emulator.requests)
        second = server.member.say(server.channel, BAD)
        await until(lambda: town.is_gone(first) and town.is_gone(second))
    refusal, *later = removals(town)
    assert [each.status for each in later] == [204] * len(later)
    assert min(each.at for each in later) - refusal.at >= pause
    if scope == "global":
        assert min(each.at for each in server.emulator.requests[asked:]) - refusal.at >= pause


async def test_removals_pass_what_is_slow_to_be_said(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
        server.emulator.fail(Fault(method="POST", template=POST, times=50, delay=timedelta(seconds=10)))
        server.emulator.fail(Fault(method="DELETE", template=DELETE, times=2, status=503))
        began = time.monotonic()
        said = [await _goes(town, f"{BAD} {number}") for number in range(3)]
        assert time.monotonic() - began < 8
        server.emulator.server.faults.clear()
    assert removed(town) == said


async def _goes(town: Town, text: str) -> str:
    """Say something, and wait until it is gone; its id."""
    said = town.server.member.say(town.server.channel, text)
    await until(lambda: town.is_gone(said))
    return str(said)


async def test_what_was_asked_long_ago_is_not_answered_out_of_the_blue(tmp_path: Path) -> None:
    """The emulated clock is behind by a quarter of an hour, until it no longer is."""
    late = timedelta(minutes=15)
    async with Emulator(clock=lambda: time.time() - late.total_seconds()) as emulator:
        town = Town.found(emulator, tmp_path)
        server, mention = town.server, f"<@{emulator.world.me.id}>"
        async with town.running() as app:
            await emulator.drop(resume=False)
            stale = server.member.say(server.channel, f"{mention} when do slugs sleep?")
            emulator.advance(late)
            fresh = server.member.say(server.channel, f"{mention} when do snails sleep?")
            await until(lambda: _answers(town))
            await app.idle()
            told = [await app.store.message("discord", str(each)) for each in (stale, fresh)]
            assert [each.verdict.outcome for each in told if each and each.verdict] == [Outcome.APPROVED] * 2
        assert _answers(town) == [str(fresh)]


def _answers(town: Town) -> list[str]:
    """Which messages were answered."""
    ours = [each for each in town.server.channel.messages.values() if each.author is town.server.emulator.world.me]
    return [str((each.reference or {}).get("message_id")) for each in ours]


async def test_what_a_resumed_session_repeats_is_done_once(town: Town) -> None:
    server = town.server
    async with town.running() as app:
        await town.mode("auto")
        before = [server.member.say(server.channel, f"{BAD} {number}") for number in range(10)]
        await until(lambda: all(town.is_gone(message) for message in before))
        server.emulator.gateway.replay_extra = 500
        await server.emulator.drop()
        after = server.member.say(server.channel, BAD)
        await until(lambda: town.is_gone(after))
        await app.idle()
        known = await heard(app)
    assert server.emulator.gateway.resumes == 1
    assert sorted(removed(town)) == sorted(map(str, (*before, after)))
    assert known == [str(message) for message in (*before, after)]


@pytest.mark.parametrize("steps_h", [(-2, 2), (2, -4)])
async def test_a_clock_that_jumps_neither_stops_nor_repeats_anything(town: Town, steps_h: tuple[int, ...]) -> None:
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    said: list[str] = []
    async with town.running(clock) as app:
        await town.mode("auto")
        for step in (0, *steps_h):
            ahead += timedelta(hours=step)
            said += [await _goes(town, f"{BAD} at {step}, {number}") for number in range(3)]
        known = await heard(app)
    assert known == removed(town) == said


async def test_a_permission_that_is_missed_by_being_refused_becomes_one_alert(town: Town) -> None:
    server = town.server
    async with town.running() as app:
        await town.mode("auto")
        server.emulator.fail(Fault(method="DELETE", template=DELETE, times=50, status=403))
        server.emulator.fail(Fault(method="POST", template="bulk-delete", times=50, status=403))
        said = [server.member.say(server.channel, f"{BAD} {number}") for number in range(3)]
        await until(lambda: len(_cards(town)) == len(said))
        await app.idle()
        await asyncio.sleep(1.5)
        cases = await app.store.open_cases(None, 9)
    singly = [each.parameters["message_id"] for each in removals(town) if each.method == "DELETE"]
    assert sorted(singly) == sorted(map(str, said))
    assert sorted(case.message_id for case in cases) == sorted(map(str, said))
    assert len([each for each in _shown(town) if "Case" not in each]) == 1


def _shown(town: Town) -> list[str]:
    return [each.content or str(each.components) for each in town.server.emulator.messages(town.review)]


def _cards(town: Town) -> list[str]:
    return [each for each in _shown(town) if "Case" in each]


async def test_stopped_with_two_hundred_in_flight_it_ends_soon_and_finishes_after_the_next_start(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
        said = [server.member.say(server.channel, f"{BAD} {number}") for number in range(200)]
        await asyncio.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 12
    await server.emulator.until(lambda: server.emulator.gateway.closed)
    assert server.emulator.gateway.closed[-1][0] == 4000
    # A process takes a second to start, and does not know what the one before it has asked in the last one.
    await asyncio.sleep(1)
    async with town.running():
        await until(lambda: all(town.is_gone(message) for message in said))
    assert sorted(removed(town)) == sorted(map(str, said))
    assert server.emulator.refused == []


async def test_a_loud_channel_holds_up_no_quiet_one(town: Town) -> None:
    """What is said last in the quiet channel is done long before all of the loud one is judged."""
    server = town.server
    quiet = server.emulator.channel(server.guild, "quiet")
    async with town.running() as app:
        await town.mode("auto")
        await server.moderator.command(quiet, "parley-mod mode", {"mode": "auto"})
        loud = [server.member.say(server.channel, f"the {number}th thing to say today") for number in range(3000)]
        bad = server.member.say(quiet, BAD)
        await until(lambda: bad not in quiet.messages, 30)
        last = await app.store.message("discord", str(loud[-1]))
    assert last is None or last.verdict is None


async def test_a_revoked_token_ends_the_whole_bot_with_a_sentence(town: Town) -> None:
    async with town.running() as app:
        await town.server.emulator.revoke_token()
        await until(lambda: app.stopped)
        asked = len(town.server.emulator.requests)
        await asyncio.sleep(1)
    assert "Reset it in the developer portal" in str(app.stopped["discord"])
    assert len(town.server.emulator.requests) <= asked + 1
