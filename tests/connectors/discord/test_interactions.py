"""Commands, presses and forms, answered in time and to the right person: on an emulated Discord."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.core.command import Suggestion
from bot.core.effect import Button, Post
from bot.core.event import ButtonPressed, CommandGiven, Reported, Role
from connectors.discord.account import Account
from connectors.discord.client import DiscordConnector
from connectors.discord.cookie import Cookie
from connectors.discord.forms import custom_id
from connectors.discord.memory import Memory
from connectors.discord.replies import Replies
from connectors.discord.wire import Wire
from tests.connectors.discord.world import Inbox, Server, Sleep, running, until
from tests.emulators.discord import Emulator, Fault
from tests.emulators.discord.asking import NotOffered
from tests.emulators.discord.interactions import Type

APPROVE = Button("case:1:approve", "Approve", "✅")


@pytest_asyncio.fixture
async def bot(emulator: Emulator, server: Server, inbox: Inbox) -> AsyncIterator[DiscordConnector]:
    connector = server.bot(inbox)
    async with running(connector, inbox, emulator):
        yield connector


def answer(event: CommandGiven | ButtonPressed | Reported, text: str = "done", to: str = "") -> Post:
    return Post(to=event.where, text=text, whisper_to=to or event.who.id)


async def test_a_command_is_answered_for_one_reader(server: Server, inbox: Inbox, bot: DiscordConnector) -> None:
    asked = await server.moderator.command(server.channel, "parley-mod mode", {"mode": "auto", "community": True})
    (given,) = await until(lambda: inbox.of(CommandGiven))
    assert (given.name, given.options, given.problem) == ("mode", (("mode", "auto"), ("community", "yes")), "")
    assert given.who.role is Role.MODERATOR
    assert asked.is_deferred
    receipts = [await bot.perform(answer(given), key="k", cookie=given.cookie) for _ in range(2)]
    await bot.perform(answer(given, "and more"), key="l", cookie=given.cookie)
    assert receipts[0] == receipts[1]
    assert (asked.text, asked.is_ephemeral) == ("done", True)
    assert [message.content for message in asked.followups] == ["and more"]
    assert all(message.only_for is server.moderator.user for message in asked.followups)
    assert server.emulator.refused == []


async def test_members_are_not_offered_what_moderators_do(server: Server, bot: DiscordConnector) -> None:
    with pytest.raises(NotOffered):
        await server.member.command(server.channel, "parley-mod mode")
    assert (await server.member.command(server.channel, "parley help")).response


async def test_an_answer_that_comes_too_late_is_a_direct_message(
    emulator: Emulator, server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    await server.member.command(server.channel, "parley help")
    (given,) = await until(lambda: inbox.of(CommandGiven))
    emulator.advance(timedelta(minutes=16))
    await bot.perform(answer(given), key="k", cookie=given.cookie)
    assert [message.content for message in server.member.inbox()] == ["done"]


async def test_a_command_that_could_not_be_acknowledged_is_still_given(
    emulator: Emulator, server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    emulator.settings.interaction_deadline = timedelta(seconds=0.3)
    emulator.fail(Fault(method="POST", template="/callback", status=500))
    await server.member.command(server.channel, "parley help")
    (given,) = await until(lambda: inbox.of(CommandGiven))
    assert given.cookie == ""
    await bot.perform(answer(given), key="k", cookie=given.cookie)
    assert [message.content for message in server.member.inbox()] == ["done"]


async def test_a_press_is_acknowledged_and_tells_who_pressed(
    server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    card = await bot.perform(Post(to=server.address(), text="Case 1", buttons=(APPROVE,)), key="k", cookie="")
    asked = await server.moderator.press(int(card.message_id), "case:1:approve")
    (press,) = await until(lambda: inbox.of(ButtonPressed))
    assert (press.message_id, press.button_id) == (card.message_id, "case:1:approve")
    await bot.perform(answer(press, "only moderators may"), key="l", cookie=press.cookie)
    assert [message.content for message in asked.followups] == ["only moderators may"]
    assert asked.followups[0].only_for is server.moderator.user


async def test_words_to_the_author_do_not_go_through_the_moderators_press(
    server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    card = await bot.perform(Post(to=server.address(), text="Case 1", buttons=(APPROVE,)), key="k", cookie="")
    asked = await server.moderator.press(int(card.message_id), "case:1:approve")
    (press,) = await until(lambda: inbox.of(ButtonPressed))
    await bot.perform(answer(press, "mind the rules", str(server.member.id)), key="l", cookie=press.cookie)
    assert asked.followups == []
    assert [message.content for message in server.member.inbox()] == ["mind the rules"]


async def test_a_button_works_after_a_restart(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    first = server.bot(inbox)
    async with running(first, inbox, emulator):
        card = await first.perform(Post(to=server.address(), text="Case 1", buttons=(APPROVE,)), key="k", cookie="")
    second = server.bot(inbox)
    async with running(second, inbox, emulator):
        await server.moderator.press(int(card.message_id), "case:1:approve")
        (press,) = await until(lambda: inbox.of(ButtonPressed))
    assert press.button_id == "case:1:approve"


async def test_an_answer_after_a_restart_replaces_the_thinking(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    async with running(server.bot(inbox), inbox, emulator):
        asked = await server.member.command(server.channel, "parley help")
        (given,) = await until(lambda: inbox.of(CommandGiven))
    second = server.bot(inbox)
    await second.perform(answer(given), key="k", cookie=given.cookie)
    await second.perform(answer(given, "more"), key="l", cookie=given.cookie)
    await second.close()
    assert (asked.text, asked.is_deferred) == ("done", False)
    assert [message.content for message in asked.followups] == ["more"]


async def test_an_answer_for_all_ends_the_thinking(server: Server, inbox: Inbox, bot: DiscordConnector) -> None:
    asked = await server.member.command(server.channel, "parley help")
    (given,) = await until(lambda: inbox.of(CommandGiven))
    await bot.perform(Post(to=given.where, text="for all"), key="k", cookie=given.cookie)
    assert server.emulator.texts(server.channel) == ["for all"]
    assert asked.original is not None
    assert asked.original.deleted


async def test_a_button_that_asks_opens_a_form_and_brings_the_answer(
    server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    remove = replace(APPROVE, id="case:1:remove", label="Remove", asks="What should its author read?")
    card = await bot.perform(Post(to=server.address(), text="Case 1", buttons=(remove,)), key="k", cookie="")
    form = await server.moderator.press(int(card.message_id), custom_id(remove))
    assert form.modal is not None
    assert (form.modal["title"], inbox.of(ButtonPressed)) == ("✅ Remove", [])
    asked = await server.moderator.submit(form, {"reason": " no advertising "})
    (press,) = await until(lambda: inbox.of(ButtonPressed))
    assert (press.button_id, press.text, press.message_id) == ("case:1:remove", "no advertising", card.message_id)
    await bot.perform(answer(press, "Case 1 was removed."), key="l", cookie=press.cookie)
    assert [message.content for message in asked.followups] == ["Case 1 was removed."]
    assert server.emulator.refused == []


async def test_options_are_completed_while_they_are_typed(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    async def suggest(given: CommandGiven, option: str) -> list[Suggestion]:
        return [Suggestion("7", f"{given.name} {option} {given.option(option)}")]

    connector = server.bot(inbox, suggest=suggest)
    async with running(connector, inbox, emulator):
        assert await server.moderator.complete(server.channel, "parley-mod case", "number", "7") == ["7"]
        with pytest.raises(NotOffered):
            await server.member.complete(server.channel, "parley-mod case", "number")
    assert inbox.of(CommandGiven) == []
    assert emulator.refused == []


async def test_a_message_is_reported_with_a_reason(server: Server, inbox: Inbox, bot: DiscordConnector) -> None:
    message = server.moderator.say(server.channel, "buy seeds")
    form = await server.member.menu("Report to moderators", message_id=message)
    assert inbox.of(Reported) == []
    asked = await server.member.submit(form, {"reason": "advertising"})
    (report,) = await until(lambda: inbox.of(Reported))
    assert (report.message_id, report.reason, report.who.id) == (str(message), "advertising", str(server.member.id))
    await bot.perform(answer(report, "Thank you."), key="k", cookie=report.cookie)
    assert (asked.text, asked.is_ephemeral) == ("Thank you.", True)


async def test_why_is_asked_of_a_message(server: Server, inbox: Inbox, bot: DiscordConnector) -> None:
    message = server.moderator.say(server.channel, "hello")
    await server.member.menu("Why was this removed?", message_id=message)
    (given,) = await until(lambda: inbox.of(CommandGiven))
    assert (given.name, given.option("message")) == ("why", str(message))


async def test_commands_are_registered_only_when_they_changed(emulator: Emulator, server: Server, inbox: Inbox) -> None:
    for _ in range(2):
        async with running(server.bot(inbox), inbox, emulator):
            pass
    assert len(emulator.calls("PUT", "/commands")) == 1
    assert len(emulator.world.application.commands) == 4


async def test_commands_that_cannot_be_registered_stop_nothing(
    emulator: Emulator, server: Server, inbox: Inbox
) -> None:
    emulator.fail(Fault(method="PUT", template="/commands", status=400))
    async with running(server.bot(inbox), inbox, emulator) as task:
        await asyncio.sleep(0)
        assert not task.done()
    assert not any(stream.endswith(":commands") for stream in inbox.cursors)


async def test_thinking_that_leads_to_nothing_ends(emulator: Emulator, server: Server) -> None:
    account = Account(Wire(emulator.api_base, emulator.token), Memory())
    await account.identify()
    replies = Replies(account, emulator.world.now, sleep=Sleep())
    asked = emulator.interactions.begin(Type.COMMAND, server.member.user, server.channel, {"type": 1, "name": "parley"})
    raw = {"type": 2, "id": str(asked.id), "token": asked.token, "data": asked.data}
    assert await replies.acknowledge(raw, ())
    await until(lambda: asked.original and asked.original.deleted)
    # An answer that comes after all is one more message for the same reader.
    late = Post(to=server.address(), text="after all", whisper_to=str(server.member.id))
    await replies.whisper(late, "k", str(Cookie("c", str(server.member.id), str(asked.id), asked.token)))
    await replies.close()
    await account.wire.close()
    assert [(each.content, each.only_for) for each in asked.followups] == [("after all", server.member.user)]


async def test_no_token_of_an_interaction_is_kept_with_the_payload(
    server: Server, inbox: Inbox, bot: DiscordConnector
) -> None:
    asked = await server.member.command(server.channel, "parley help")
    await until(lambda: inbox.of(CommandGiven))
    assert not any(asked.token.encode() in heard.raw for heard in inbox.heard)
