"""Hearing everything once, whatever becomes of the connections: on an emulated Slack."""

import asyncio
import socket
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core.errors import Revoked
from bot.core.event import (
    ButtonPressed,
    CommandGiven,
    MemberJoined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reacted,
    Reported,
    Role,
)
from connectors.slack.client import Timing
from connectors.slack.limits import PAGE
from tests.connectors.slack.mini import (
    APP_TOKEN,
    BOT_TOKEN,
    ME,
    SECRET,
    TEAM,
    Emulator,
    Fault,
    post_signed,
    shown,
)
from tests.connectors.slack.world import Inbox, Sleep, Town, bot, running, until


def texts(inbox: Inbox) -> list[str]:
    return [event.text for event in inbox.of(MessagePosted)]


async def test_everything_that_happens_is_heard_and_acknowledged(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        said = await slack.say(town.bea, town.garden, "hello")
        await slack.say(town.eve, town.garden, "a reply", thread=said.partition(":")[2])
        await slack.edit(said, "hello there")
        await slack.react(town.eve, said, "tada")
        await slack.react(town.eve, said, "triangular_flag_on_post")
        await slack.delete(said)
        await slack.event({"type": "member_joined_channel", "user": town.eve, "channel": town.garden.id})
        await slack.say(town.bea, slack.direct(town.bea), "may I appeal?")
        # Nobody listens for this, and Slack would send it again.
        await slack.event({"type": "emoji_changed", "subtype": "add"})
        assert len(slack.acked) == 9
    kinds = [
        MessagePosted,
        MessagePosted,
        MessageEdited,
        Reacted,
        Reported,
        MessageDeleted,
        MemberJoined,
        MessagePosted,
    ]
    assert [type(event) for event in inbox.events] == kinds
    assert [event.is_direct for event in inbox.of(MessagePosted)] == [False, False, True]
    assert inbox.of(MessagePosted)[1].where == town.address(town.garden, said.partition(":")[2])


async def test_what_is_not_stored_is_not_acknowledged(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        inbox.fails = 1
        envelope = await slack.push("events_api", said_by(town, "Ev1"))
        await until(lambda: inbox.fails == 0)
        await asyncio.sleep(0.05)
        assert envelope not in slack.acked
        again = await slack.push("events_api", said_by(town, "Ev1"))
        await until(lambda: again in slack.acked)
    assert texts(inbox) == ["hello"]


async def test_a_redelivered_event_acts_once_also_while_the_first_is_being_stored(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        inbox.slow_s = 0.2
        sent = [await slack.push("events_api", said_by(town, "Ev1"), number) for number in range(3)]
        await until(lambda: set(sent) <= set(slack.acked))
    assert texts(inbox) == ["hello"]
    assert inbox.repeated == 0
    async with running(bot(slack, inbox), inbox, slack):
        # After a restart the store knows it by its channel and time.
        again = await slack.push("events_api", said_by(town, "Ev1"))
        await until(lambda: again in slack.acked)
    assert texts(inbox) == ["hello"]


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


async def test_moderators_are_those_of_the_workspace_and_those_who_were_named(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    slack.groups["S0MODS0001"] = [town.eve]
    connector = bot(slack, inbox, moderators=["@mods"])
    async with running(connector, inbox, slack):
        for user in (town.olga, town.mo, town.bea, town.eve):
            await slack.say(user, town.garden, "hello")
        roles = [event.who.role for event in inbox.of(MessagePosted)]
        assert roles == [Role.OWNER, Role.MODERATOR, Role.MEMBER, Role.MODERATOR]
        assert await connector.moderators(town.here) == {town.olga, town.mo, town.eve}
        slack.users[town.bea]["is_admin"] = True
        await slack.event({"type": "user_change", "user": slack.users[town.bea]})
        slack.groups["S0MODS0001"] = []
        await slack.event({"type": "subteam_members_changed", "subteam_id": "S0MODS0001"})
        await until(lambda: len(slack.made("usergroups.users.list")) > 1)
        assert await connector.role(town.here, town.bea) == Role.MODERATOR
        assert await connector.role(town.here, town.eve) == Role.MEMBER


async def test_commands_presses_menus_and_forms_are_heard(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        said = await slack.say(town.eve, town.garden, "free seeds")
        await slack.slash(town.bea, town.garden, "help")
        await slack.point(town.bea, said, "report")
        assert slack.views[-1]["title"]["text"] == "Report to moderators"
        await slack.submit(town.bea, "an advert")
        await slack.point(town.mo, said, "menu:remove")
        await slack.submit(town.mo, "no adverts")
        slack.fail(Fault(method="views.open", error="expired_trigger_id"))
        await slack.point(town.mo, said, "menu:remove")
    given = [(event.name, event.option("message"), event.option("reason")) for event in inbox.of(CommandGiven)]
    assert given == [("help", "", ""), ("delete", said, "no adverts"), ("delete", said, "")]
    assert [(event.message_id, event.reason) for event in inbox.of(Reported)] == [(said, "an advert")]
    assert inbox.of(ButtonPressed) == []


async def test_signed_requests_are_heard_and_others_refused(inbox: Inbox) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/slack/events"
    async with Emulator(http_to=url) as slack:
        town = Town.found(slack)
        wish = {"transport": "http", "signing_secret": SecretStr(SECRET), "port": port}
        async with running(bot(slack, inbox, **wish), inbox, slack):
            said = await slack.say(town.bea, town.garden, "hello")
            assert (await slack.slash(town.bea, town.garden, "help"))["status"] == 200
            await slack.point(town.bea, said, "report")
            assert (await slack.submit(town.bea, "rude"))["status"] == 200
            forged = '{"type":"event_callback","team_id":"T0TEAM0001","event":{"type":"message"}}'
            assert (await post_signed(url, forged, "application/json", secret="guessed"))[0] == 401
            assert (await post_signed(url, forged, "application/json", at=1_700_000_000))[0] == 401
            inbox.fails = 1
            assert (await slack.event(said_by(town, "x")["event"], "Ev-x"))["status"] == 503
            assert (await slack.event(said_by(town, "x")["event"], "Ev-x"))["status"] == 200
            challenge = '{"type":"url_verification","token":"t","challenge":"c4fe"}'
            assert await post_signed(url, challenge, "application/json") == (200, '{"challenge": "c4fe"}')
    kinds = [MessagePosted, CommandGiven, Reported, MessagePosted]
    assert [type(event) for event in inbox.events] == kinds


@pytest.mark.parametrize(("token", "named"), [(BOT_TOKEN, "SLACK_BOT_TOKEN"), (APP_TOKEN, "SLACK_APP_TOKEN")])
async def test_a_token_that_is_refused_ends_it_at_once_and_says_what_to_do(
    slack: Emulator, town: Town, inbox: Inbox, token: str, named: str
) -> None:
    slack.revoked.add(token)
    with pytest.raises(Revoked, match=named):
        await bot(slack, inbox).run(inbox)
    assert len(slack.refused) <= 2


async def test_a_token_that_is_revoked_while_listening_ends_it(slack: Emulator, town: Town, inbox: Inbox) -> None:
    task = asyncio.create_task(bot(slack, inbox).run(inbox))
    await until(lambda: len(slack.sockets) > 1)
    slack.revoked.add(BOT_TOKEN)
    await slack.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [ME]}})
    with pytest.raises(Revoked, match="SLACK_BOT_TOKEN"):
        await asyncio.wait_for(task, 5)


async def test_each_member_finds_their_own_page(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async def page(where: object, member: str) -> str:
        return f"# For {member}\n\nin {where}"

    async with running(bot(slack, inbox, page=page), inbox, slack):
        await slack.open_home(town.bea)
        await until(lambda: town.bea in slack.homes)
    home = slack.homes[town.bea]
    assert (home["type"], shown(home)) == ("home", f"For {town.bea}\n\nin slack/{TEAM}")


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
