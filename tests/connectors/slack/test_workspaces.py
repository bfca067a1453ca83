"""Several workspaces in one process, and what `parley check` and the doctor say of each."""

from pydantic import SecretStr

from bot.core.address import Address
from bot.core.capability import Need
from bot.core.effect import Post
from bot.core.event import MessagePosted
from connectors.slack.settings import SlackSettings
from tests.connectors.slack.mini import ADMIN_TOKEN, APP_TOKEN, BOT_TOKEN, SECOND, SECOND_TOKEN, TEAM, Emulator
from tests.connectors.slack.world import Inbox, Town, bot, running, until

BOTH = SecretStr(f"{BOT_TOKEN},{SECOND_TOKEN}")


async def test_each_workspace_is_heard_and_spoken_to_with_its_own_token(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    connector = bot(slack, inbox, bot_token=BOTH)
    async with running(connector, inbox, slack):
        for team in (TEAM, SECOND):
            ts = slack.ts()
            said = {"type": "message", "user": town.bea, "text": team, "ts": ts, "event_ts": ts}
            await slack.event({**said, "channel": town.garden.id}, team=team)
            to = Address("slack", team, town.garden.id)
            await connector.perform(Post(to=to, text=f"to {team}"), key=team, cookie="")
    assert [(event.where.space, event.text) for event in inbox.of(MessagePosted)] == [(TEAM, TEAM), (SECOND, SECOND)]
    assert [token for method, token in slack.tokens if method == "chat.postMessage"] == [BOT_TOKEN, SECOND_TOKEN]


async def test_a_workspace_that_is_lost_leaves_the_others_at_work(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox, bot_token=BOTH)
    async with running(connector, inbox, slack) as task:
        await slack.event({"type": "app_uninstalled"}, team=SECOND)
        await slack.say(town.bea, town.garden, "still here?")
        await until(lambda: inbox.events)
        assert not (await connector.capabilities(Address("slack", SECOND, town.garden.id))).readable
        assert not task.done()


async def test_a_token_that_is_no_good_leaves_the_others_at_work(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox, bot_token=SecretStr(f"xoxb-old,{BOT_TOKEN}"))
    async with running(connector, inbox, slack):
        await slack.say(town.bea, town.garden, "hello")
        await until(lambda: inbox.events)


def settings(slack: Emulator, **more: object) -> SlackSettings:
    wish = {"bot_token": SecretStr(BOT_TOKEN), "app_token": SecretStr(APP_TOKEN), "api_base": slack.api_base, **more}
    return SlackSettings.model_validate(wish)


async def test_check_says_what_may_be_done(slack: Emulator, town: Town) -> None:
    found = await settings(slack, admin_token=SecretStr(ADMIN_TOKEN)).probe()
    assert [(each.what, each.ok, each.detail) for each in found] == [
        ("Fernhill", True, "I have every scope I use."),
        ("Fernhill channels", True, "I am in 2 channels."),
        ("Fernhill auto mode", True, "enforcing: I can delete messages."),
        ("slack sockets", True, "can be opened."),
    ]


async def test_check_opens_no_socket_where_requests_come_in(slack: Emulator, town: Town) -> None:
    found = await settings(slack, transport="http", signing_secret=SecretStr("shh"), port=3003).probe()
    assert (found[-1].what, found[-1].ok, found[-1].detail) == (
        "slack requests",
        True,
        "will be taken on 127.0.0.1:3003.",
    )
    assert slack.made("apps.connections.open") == []


async def test_check_says_what_to_mend(slack: Emulator, town: Town) -> None:
    slack.users[town.olga].update(is_owner=False, is_admin=False)
    slack.scopes = "chat:write,channels:history"
    town.garden.members.clear()
    town.mods.members.clear()
    slack.revoked.add(APP_TOKEN)
    found = {each.what: each for each in await settings(slack, admin_token=SecretStr(ADMIN_TOKEN)).probe()}
    assert not any(each.ok for each in found.values())
    assert "users:read" in found["Fernhill"].detail
    assert "parley slack manifest" in found["Fernhill"].detail
    assert "invite me" in found["Fernhill channels"].detail
    assert "no admin" in found["Fernhill auto mode"].detail
    assert "SLACK_APP_TOKEN" in found["slack sockets"].detail


async def test_check_without_a_good_token_leads_to_the_app(slack: Emulator) -> None:
    slack.revoked.add(BOT_TOKEN)
    (found,) = await settings(slack).probe()
    assert not found.ok
    assert "https://api.slack.com/apps?new_app=1" in found.detail


async def test_the_doctor_names_scopes_powers_and_rooms(slack: Emulator, town: Town) -> None:
    slack.scopes = "chat:write"
    connector = bot(slack, Inbox())
    pond = slack.channel("pond", [town.mo])
    pond.members.discard("U0PARLEY01")
    await connector.capabilities(town.address(pond))

    def needs(where: Address) -> frozenset[Need]:
        return frozenset({Need.READ, Need.REMOVE, *([Need.SPEAK] if where.channel == pond.id else [])})

    found = await connector.lacking(town.here.community, needs)
    await connector.close()
    assert [next(word for word in ("scopes", "SLACK_ADMIN_TOKEN", pond.id) if word in each) for each in found] == [
        "scopes",
        "SLACK_ADMIN_TOKEN",
        pond.id,
    ]
