"""Our rules as rules of Discord's own filter: what fits, what is said of the rest, and taking them back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.core.effect import Filter, Screen
from bot.core.errors import Rejected
from bot.core.event import Reported
from connectors.discord.automod import in_rust, plan
from connectors.discord.client import DiscordConnector
from tests.connectors.discord.world import MODERATING, Inbox, Server, running, until
from tests.emulators.discord import Emulator, Permission, Refusal


@pytest.fixture
def server(emulator: Emulator) -> Server:
    return Server.found(emulator, MODERATING | Permission.MANAGE_GUILD)


@pytest_asyncio.fixture
async def bot(emulator: Emulator, server: Server, inbox: Inbox) -> AsyncIterator[DiscordConnector]:
    connector = server.bot(inbox)
    async with running(connector, inbox, emulator):
        yield connector


def screen(server: Server, *filters: Filter) -> Screen:
    here = server.address()
    reason = "It went against the rules of this room."
    return Screen(to=here.community, filters=filters, reason=reason, tell_in=here, tell_to=str(server.moderator.id))


def of_people() -> dict[str, object]:
    """A rule that somebody made by hand, under a name like ours."""
    return {"id": "5", "name": "Parley: blocks 1", "creator_id": "7", "trigger_type": 1, "trigger_metadata": {}}


async def test_rules_are_written_changed_and_taken_back(server: Server, inbox: Inbox, bot: DiscordConnector) -> None:
    seeds = Filter(name="seeds", words=("buy seeds", "x" * 61), pattern=r"free\s+manure")
    receipt = await bot.perform(screen(server, seeds), key="k", cookie="")
    assert receipt.remarks == (f"seeds: “{'x' * 40}” is longer than Discord takes, or has a *.",)
    (rule,) = server.guild.automod.values()
    assert rule["name"] == "Parley: blocks 1"
    assert rule["trigger_metadata"] == {"keyword_filter": ["buy seeds"], "regex_patterns": [r"(?i)free\s+manure"]}
    with pytest.raises(Refusal):
        server.member.say(server.channel, "Buy seeds here")
    server.moderator.say(server.channel, "do not say: buy seeds")
    (report,) = await until(lambda: inbox.of(Reported))
    assert [(found.rule, found.quote.strip()) for found in report.findings] == [(f"automod:{rule['id']}", "Buy seeds")]
    await bot.perform(screen(server, Filter(name="weeds", words=("weeds",))), key="l", cookie="")
    assert [each["trigger_metadata"]["keyword_filter"] for each in server.guild.automod.values()] == [["weeds"]]
    await bot.perform(screen(server), key="m", cookie="")
    assert server.guild.automod == {}
    assert server.emulator.refused == []


async def test_rules_of_people_are_left_alone_and_take_room(server: Server, bot: DiscordConnector) -> None:
    server.guild.automod.update({number: {**of_people(), "id": str(number)} for number in range(1, 6)})
    filters = [Filter(name=f"f{n}", words=tuple(f"word {n} {m}" for m in range(600))) for n in range(2)]
    receipt = await bot.perform(screen(server, *filters), key="k", cookie="")
    assert receipt.remarks == ("f1: no room for 200 of it; AutoMod is full.",)
    assert len(server.guild.automod) == 6
    await bot.perform(screen(server), key="l", cookie="")
    assert sorted(server.guild.automod) == [1, 2, 3, 4, 5]


async def test_what_asks_first_alerts_and_lets_the_message_stand(
    emulator: Emulator, server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    review = emulator.channel(server.guild, "review")
    asks = Filter(name="seeds", words=("seeds",), blocks=False, alert=server.address(review))
    await bot.perform(screen(server, asks), key="k", cookie="")
    said = server.member.say(server.channel, "buy seeds")
    (report,) = await until(lambda: inbox.of(Reported))
    assert (report.message_id, report.where) == (str(said), server.address())


async def test_without_the_permission_it_is_refused_in_words(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    connector = server.bot(inbox)
    assert (await connector.capabilities(server.address().community)).filters
    emulator.allow_bot(server.guild, MODERATING)
    with pytest.raises(Rejected, match="Manage Server"):
        await connector.perform(screen(server, Filter(name="f", words=("w",))), key="k", cookie="")
    await connector.close()


@pytest.mark.parametrize(
    ("pattern", "rust"),
    [
        (r"fr[e3]{2,}\b", r"(?i)fr[e3]{2,}\b"),
        (r"\<b\>", "(?i)<b>"),
        (r"\\<", r"(?i)\\<"),
        (r"\Qa.b\E", None),
        (r"\C", None),
        (r"\\C", r"(?i)\\C"),
        (r"\101", None),
        ("x" * 257, None),
    ],
)
def test_patterns_are_said_as_rust_says_them(pattern: str, rust: str | None) -> None:
    assert in_rust(pattern) == rust


def test_what_blocks_and_what_asks_never_share_a_rule() -> None:
    found = plan([Filter(name="a", words=("a",)), Filter(name="b", words=("b",), blocks=False)], 6)
    assert [rule.keywords for rule in found.rules] == [["a"], ["b"]]
    assert [len(rule.patterns) for rule in plan([Filter(name=str(n), pattern="a") for n in range(11)], 6).rules] == [
        10,
        1,
    ]
