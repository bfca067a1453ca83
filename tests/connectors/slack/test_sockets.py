"""Connections that come and go, and what was said meanwhile: on an emulated Slack."""

from typing import Any

import pytest

from bot.core.event import (
    MessageEdited,
    MessagePosted,
)
from connectors.slack.client import Timing
from connectors.slack.limits import PAGE
from tests.connectors.slack.mini import (
    ME,
    TEAM,
    Emulator,
    Fault,
)
from tests.connectors.slack.world import Inbox, Sleep, Town, bot, running, until


def texts(inbox: Inbox) -> list[str]:
    return [event.text for event in inbox.of(MessagePosted)]


async def test_what_two_sockets_bring_is_heard_in_the_order_it_was_said(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        await slack.say(town.bea, town.garden, "first")
        stamps = [slack.ts() for _ in range(6)]
        for number in (3, 0, 5, 1, 4, 2):
            await slack.push("events_api", said_by(town, f"Ev-{number}", stamps[number], f"{number}"), number)
        await until(lambda: len(inbox.events) == 7)
    assert texts(inbox) == ["first", "0", "1", "2", "3", "4", "5"]


async def test_a_socket_that_falls_silent_is_noticed_and_what_was_missed_is_read(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        root = await slack.say(town.bea, town.garden, "before")
        await slack.say(town.eve, town.garden, "in a thread", thread=root.partition(":")[2])
        slack.silence()
        await slack.say(town.bea, town.garden, "missed", silent=True)
        await slack.say(town.eve, town.garden, "missed in a thread", thread=root.partition(":")[2], silent=True)
        await until(lambda: "missed in a thread" in texts(inbox), 20)
        await until(lambda: not set(slack.silent) & set(slack.sockets))
    assert texts(inbox) == ["before", "in a thread", "missed", "missed in a thread"]


async def test_a_socket_that_answers_but_brings_nothing_is_replaced(slack: Emulator, town: Town, inbox: Inbox) -> None:
    timing = Timing(random=lambda: 0.0, sleep=Sleep(), ping_s=0.2, quiet_s=0.5)
    async with running(bot(slack, inbox, timing=timing), inbox, slack):
        await slack.say(town.bea, town.garden, "before")
        first = list(slack.sockets)
        await slack.say(town.bea, town.garden, "missed", silent=True)
        await until(lambda: "missed" in texts(inbox))
        await until(lambda: not set(first) & set(slack.sockets))


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "too_many_websockets"])
async def test_connections_that_slack_asks_to_renew_are_renewed(
    slack: Emulator, town: Town, inbox: Inbox, reason: str
) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        first = list(slack.sockets)
        for each in first:
            await each.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        await until(lambda: len(set(slack.sockets) - set(first)) == 2)
        for number in range(4):
            await slack.say(town.bea, town.garden, f"{number}")
    assert texts(inbox) == ["0", "1", "2", "3"]


async def test_a_slack_that_is_down_is_asked_less_and_less_until_it_is_back(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    sleep = Sleep()
    timing = Timing(random=lambda: 0.0, sleep=sleep, ping_s=0.4)
    slack.fail(Fault(method="apps.connections.open", status=503, times=8))
    async with running(bot(slack, inbox, timing=timing), inbox, slack):
        await slack.say(town.bea, town.garden, "hello")
    # Each of the two connections failed four times.
    pauses = sorted(pause_s for pause_s in sleep.pauses if pause_s >= 1)
    assert pauses == [1, 1, 2, 2, 4, 4, 8, 8]
    assert texts(inbox) == ["hello"]


async def test_an_absence_is_made_up_for_with_threads_edits_and_many_pages(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        root = await slack.say(town.bea, town.garden, "before")
        await slack.say(town.eve, town.garden, "reply", thread=root.partition(":")[2])
    await slack.edit(root, "changed while you were away", silent=True)
    missed = [f"missed {number}" for number in range(PAGE + 50)]
    for text in missed:
        asked = await slack.say(town.bea, town.garden, text, silent=True)
    await slack.say(town.eve, town.garden, "late reply", thread=root.partition(":")[2], silent=True)
    await slack.say(town.eve, town.garden, "fresh reply", thread=asked.partition(":")[2], silent=True)
    async with running(bot(slack, inbox), inbox, slack):
        await until(lambda: len(texts(inbox)) == len(missed) + 4)
    assert texts(inbox) == ["before", "reply", *missed, "late reply", "fresh reply"]
    assert [event.text for event in inbox.of(MessageEdited)] == ["changed while you were away"]
    assert inbox.repeated == 0


async def test_trouble_while_a_gap_is_read_is_waited_out(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        await slack.say(town.bea, town.garden, "before")
    await slack.say(town.bea, town.garden, "missed", silent=True)
    slack.fail(Fault(method="conversations.history", status=429, error="ratelimited", retry_after=3))
    slack.fail(Fault(method="conversations.history", status=503))
    async with running(bot(slack, inbox), inbox, slack):
        await until(lambda: "missed" in texts(inbox), 20)
    assert slack.faults[0].times == slack.faults[1].times == 0


async def test_a_channel_that_we_are_invited_to_is_read_from_then_on(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        pond = slack.channel("pond", [town.bea])
        await slack.event({"type": "member_joined_channel", "user": ME, "channel": pond.id})
        await until(lambda: f"slack:{TEAM}:{pond.id}" in inbox.cursors)
    await slack.say(town.bea, pond, "missed", silent=True)
    async with running(bot(slack, inbox), inbox, slack):
        await until(lambda: texts(inbox) == ["missed"])


def said_by(town: Town, event_id: str, ts: str = "1700000000.000100", text: str = "hello") -> dict[str, Any]:
    message = {"type": "message", "user": town.bea, "text": text, "ts": ts, "event_ts": ts, "channel": town.garden.id}
    return {"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": message}
