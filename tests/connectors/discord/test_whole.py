"""The whole bot in an emulated server: what it hears, decides and does, through a restart and a lost session."""

from __future__ import annotations

import asyncio

import pytest

from bot.check import check
from bot.core.action import Configure
from bot.core.settlement import Settlement
from tests.connectors.discord.stage import shown
from tests.connectors.discord.town import ABUSE, Town, press
from tests.connectors.discord.world import MODERATING, Server, until
from tests.emulators.discord import EVERYONE, NotOffered, Overwrite, Permission
from tests.emulators.discord.interactions import Type
from tests.emulators.discord.model import Message
from tests.fakes import opened


async def test_abuse_goes_by_itself_or_by_a_press(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
        kind, unkind = server.member.say(server.channel, "good morning"), server.member.say(server.channel, ABUSE)
        await until(lambda: town.is_gone(unkind))
        server.member.edit(kind, ABUSE)
        await until(lambda: town.is_gone(kind))

        await town.mode("semi")
        asked = server.member.say(server.channel, ABUSE)
        card = await until(lambda: town.card("nobody here likes you"))
        assert card is not None
        await press(server.moderator, card, "Remove", "No insults here.")
        await until(lambda: town.is_gone(asked))
        await until(lambda: town.card("was removed"))
        await until(lambda: any("No insults here" in shown(each) for each in server.member.inbox()))
    assert server.emulator.calls("DELETE", "/messages/{message_id}")[-1].reason == "No insults here."
    assert server.emulator.refused == []


async def test_an_author_appeals_and_another_moderator_answers(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    other = emulator.member(
        server.guild, "eve", *(server.guild.roles[each] for each in server.moderator.member.role_ids)
    )
    async with town.running():
        await town.mode("semi")
        asked = server.member.say(server.channel, ABUSE)
        await press(server.moderator, await until(lambda: town.card("nobody here likes you")), "Remove")
        await until(lambda: town.is_gone(asked))
        notice = await until(server.member.inbox)
        await press(server.member, notice[0], "Appeal", "It was a quotation.")
        card = await until(lambda: town.card("It was a quotation"))
        assert card is not None
        assert "by mo" in shown(card)
        first = await press(server.moderator, card, "Grant")
        await until(lambda: any("another moderator" in each.content for each in first.followups))
        await press(other, card, "Grant", "Quotations are fine.")
        await until(lambda: any("Quotations are fine" in each.content for each in server.member.inbox()))
        await press(server.member, notice[0], "Appeal", "Again!")
        await until(lambda: any("once" in each.content for each in server.member.whispers()))
    assert emulator.refused == []


async def test_rules_go_to_discords_filter_and_what_it_finds_comes_back(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    emulator.allow_bot(server.guild, MODERATING | Permission.MANAGE_GUILD)
    async with town.running():
        synced = await server.moderator.command(server.channel, "parley-mod automod sync")
        await until(lambda: "looks for 1 of my rules" in synced.text)
        said = server.member.say(server.channel, "buy seeds")
        card = await until(lambda: town.card("Discord’s AutoMod"))
        assert card is not None
        assert "(`seeds`)" in shown(card)
        assert f"discord.com/channels/{server.guild.id}/{server.channel.id}/{said}" in shown(card)
        taken = await server.moderator.command(server.channel, "parley-mod automod unsync")
        await until(lambda: "Nothing of mine" in taken.text)
    assert server.guild.automod == {}
    assert emulator.refused == []


async def test_moderators_take_away_what_they_point_at(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    async with town.running() as app:
        said = server.member.say(server.channel, "good morning")
        await app.idle()
        with pytest.raises(NotOffered):
            await server.member.menu("Remove", message_id=said)
        form = await server.moderator.menu("Remove", message_id=said)
        await server.moderator.submit(form, {"reason": "Not here."})
        await until(lambda: town.is_gone(said))
        await until(lambda: any("Not here" in shown(each) for each in server.member.inbox()))
        past = await server.moderator.menu("History", channel=server.channel, target=server.member.user)
        await until(lambda: " messages, " in past.text)
    assert emulator.refused == []


async def test_the_doctor_says_what_is_missing_where(town: Town) -> None:
    server, emulator = town.server, town.server.emulator
    quiet = emulator.channel(server.guild, "quiet")
    async with town.running():
        well = await server.moderator.command(server.channel, "parley-mod doctor")
        await until(lambda: "everything" in well.text)
        emulator.overwrite(quiet, Overwrite(id=emulator.bot_role(server.guild).id, deny=Permission.MANAGE_MESSAGES))
        emulator.allow_bot(server.guild, MODERATING & ~Permission.KICK_MEMBERS)
        ill = await server.moderator.command(server.channel, "parley-mod doctor")
        await until(lambda: "I lack" in ill.text)
    assert "In the whole server I lack Kick Members." in ill.text
    assert f"In <#{quiet.id}> I lack Manage Messages" in ill.text
    assert "scope=bot+applications.commands&permissions=" in ill.text
    assert f"<#{server.channel.id}>" not in ill.text


async def test_check_asks_for_what_is_configured_and_no_more(town: Town) -> None:
    server = town.server
    server.emulator.allow_bot(server.guild, EVERYONE)
    lacking = [line.detail for line in await check(town.settings, offline=False) if not line.ok]
    assert len(lacking) == 1
    assert "Manage Messages" in lacking[0]
    async with opened(town.settings.store.url) as store:
        shadow = Configure(scope="", key="moderation.mode", value="shadow", by="mo")
        await store.settle(Settlement(cause="test", settings=[shadow]))
    assert [line.detail for line in await check(town.settings, offline=False) if not line.ok] == []


async def test_a_forged_or_foreign_press_changes_nothing(town: Town) -> None:
    server = town.server
    async with town.running() as app:
        await town.mode("semi")
        asked = server.member.say(server.channel, ABUSE)
        card = await until(lambda: town.card("nobody here likes you"))
        for custom_id in (f"case:{_case(card)}:remove", "case:999:ban", "case:x:remove", "report-1", "x" * 100):
            forged = {"custom_id": custom_id, "component_type": 2, "id": 1}
            server.emulator.interactions.begin(Type.COMPONENT, server.member.user, server.channel, forged, message=card)
        await until(lambda: any("moderators" in text for text in _told(server)))
        await app.idle()
    assert not town.is_gone(asked)
    assert not server.guild.bans


async def test_a_restart_and_a_lost_session_let_nothing_through(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
    missed = [server.member.say(server.channel, ABUSE) for _ in range(5)]
    kind = server.member.say(server.channel, "good morning")
    async with town.running():
        await until(lambda: all(town.is_gone(message) for message in missed))
        await server.emulator.drop(resume=False)
        lost = [server.member.say(server.channel, ABUSE) for _ in range(5)]
        await until(lambda: all(town.is_gone(message) for message in lost), 20)
    assert not town.is_gone(kind)
    assert [request for request in server.emulator.refused if request.status != 429] == []


async def test_a_raid_is_cleared_within_discords_limits(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
        raid = [server.member.say(server.channel, f"{ABUSE} {number}") for number in range(300)]
        await until(lambda: all(town.is_gone(message) for message in raid), 30)
    assert server.emulator.refused == []


async def test_a_missing_permission_becomes_a_card_and_one_alert(town: Town) -> None:
    server = town.server
    async with town.running():
        await town.mode("auto")
        server.emulator.overwrite(
            server.channel, Overwrite(id=server.emulator.bot_role(server.guild).id, deny=Permission.MANAGE_MESSAGES)
        )
        await asyncio.sleep(0.1)
        said = [server.member.say(server.channel, f"{ABUSE} {number}") for number in range(3)]
        await until(lambda: town.card("I may not delete"))
        await asyncio.sleep(0.5)
    assert not any(town.is_gone(message) for message in said)
    assert len(server.emulator.calls("DELETE", "/messages/{message_id}")) == 0


def _case(card: Message | None) -> str:
    assert card is not None
    return shown(card).split("Case ")[1].split("**")[0]


def _told(server: Server) -> list[str]:
    return [message.content for message in server.member.whispers()]
