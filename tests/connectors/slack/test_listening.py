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
from tests.connectors.slack.world import Inbox, Town, bot, running, until


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


async def test_whoever_cannot_be_known_is_not_heard_before_slack_has_said_it_often_enough(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    fault = Fault(method="users.info", status=503, times=99)
    slack.fail(Fault(method="users.list", status=503))
    async with running(bot(slack, inbox), inbox, slack):
        slack.fail(fault)
        for asked in range(1, 4):
            envelope = await slack.push("events_api", said_by(town, "Ev1"))
            await asked_for(slack, asked)
            await asyncio.sleep(0.05)
            assert envelope not in slack.acked
        fault.times = 0
        envelope = await slack.push("events_api", said_by(town, "Ev1"))
        await until(lambda: envelope in slack.acked)
    (said,) = inbox.of(MessagePosted)
    assert (said.who.name, said.who.role) == ("bea", Role.MEMBER)


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


async def test_whoever_came_while_we_listened_is_new(slack: Emulator, town: Town, inbox: Inbox) -> None:
    async with running(bot(slack, inbox), inbox, slack):
        gus = slack.user("gus", is_restricted=True)
        await slack.event({"type": "team_join", "user": slack.users[gus]})
        await slack.event({"type": "user_change", "user": slack.users[gus]})
        await slack.say(gus, town.garden, "hello")
        await slack.say(town.bea, town.garden, "welcome")
    newcomer, old = (event.who for event in inbox.of(MessagePosted))
    assert (newcomer.role, newcomer.joined_at is None, old.joined_at) == (Role.GUEST, False, None)


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


async def test_a_port_that_others_have_ends_it_and_says_so(slack: Emulator, town: Town, inbox: Inbox) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        connector = bot(slack, inbox, transport="http", signing_secret=SecretStr(SECRET), port=port)
        with pytest.raises(Revoked, match=f"cannot listen on 127.0.0.1:{port}"):
            await connector.run(inbox)


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


async def asked_for(slack: Emulator, times: int) -> None:
    await until(lambda: len(slack.made("users.info")) == times)


def said_by(town: Town, event_id: str, ts: str = "1700000000.000100", text: str = "hello") -> dict[str, Any]:
    message = {"type": "message", "user": town.bea, "text": text, "ts": ts, "event_ts": ts, "channel": town.garden.id}
    return {"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": message}
