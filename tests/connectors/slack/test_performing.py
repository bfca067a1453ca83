"""Doing things once, refusing them in words, and waiting where Slack asks to: on an emulated Slack."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.core.capability import Need
from bot.core.effect import Delete, Edit, Effect, OpenPoll, OpenThread, Penalty, Post, React, Restrict
from bot.core.errors import RateLimited, Rejected, Transient, Unsupported
from bot.core.stored import Receipt
from connectors.slack.client import SlackConnector
from tests.connectors.slack.mini import ADMIN_TOKEN, BOT_TOKEN, Emulator, Fault, shown
from tests.connectors.slack.world import Inbox, Town, armed, bot, running, until

HOSTILE = "<!channel> <@U0MO000000> & <https://evil.example|here>"


@pytest_asyncio.fixture
async def advisory(slack: Emulator, town: Town) -> AsyncIterator[SlackConnector]:
    connector = bot(slack, Inbox())
    yield connector
    await connector.close()


@pytest_asyncio.fixture
async def enforcing(slack: Emulator, town: Town) -> AsyncIterator[SlackConnector]:
    connector = armed(slack, Inbox())
    yield connector
    await connector.close()


async def do(connector: SlackConnector, effect: Effect, key: str = "key", cookie: str = "") -> Receipt:
    return await connector.perform(effect, key=key, cookie=cookie)


# What is said


@pytest.mark.parametrize("applied", [True, False])
async def test_an_answer_that_got_lost_does_not_double_the_post(
    slack: Emulator, town: Town, advisory: SlackConnector, *, applied: bool
) -> None:
    await do(advisory, Post(to=town.here, text="before"), "other")
    slack.fail(Fault(method="chat.postMessage", status=502, applied=applied))
    post = Post(to=town.here, text="once")
    with pytest.raises(Transient):
        await do(advisory, post)
    await do(advisory, post)
    assert slack.texts(town.garden) == ["before", "once"]


async def test_what_was_said_before_a_crash_is_not_said_again(slack: Emulator, town: Town) -> None:
    post = Post(to=town.here, text="once")
    root = await slack.say(town.bea, town.garden, "a question", silent=True)
    reply = Post(to=town.here, text="an answer", reply_to=root)
    for _ in range(2):
        connector = bot(slack, Inbox())
        assert [(await do(connector, each, each.text)).gone for each in (post, reply)] == [False, False]
        await connector.close()
    assert slack.texts(town.garden) == ["a question", "once", "an answer"]


async def test_nobody_is_called_by_what_is_said_or_changed(
    slack: Emulator, town: Town, advisory: SlackConnector
) -> None:
    said = await do(advisory, Post(to=town.here, text=HOSTILE.replace("<", "\\<")), "1")
    await do(advisory, Edit(to=town.here, message_id=said.message_id, text=HOSTILE.replace("<", "\\<")))
    poll = OpenPoll(to=town.here, question=HOSTILE, options=(HOSTILE, "no"), lasts=timedelta(hours=1))
    await do(advisory, poll, "2")
    assert slack.texts(town.garden)[0] == HOSTILE
    sent = [*slack.made("chat.postMessage"), *slack.made("chat.update")]
    assert all("<" not in body["text"] and body["parse"] == "none" for body in sent)
    assert all(body["unfurl_links"] is False for body in slack.made("chat.postMessage"))


async def test_a_thread_begins_on_a_message_or_with_one(slack: Emulator, town: Town, advisory: SlackConnector) -> None:
    said = await slack.say(town.bea, town.garden, "slugs!", silent=True)
    opened = await do(advisory, OpenThread(to=town.here, title="Slugs", message_id=said), "1")
    started = await do(advisory, OpenThread(to=town.here, title="Weeds"), "2")
    assert opened.message_id == said
    threads = [message.get("thread_ts", "") for message in town.garden.messages.values()]
    assert threads == ["", said.partition(":")[2], ""]
    assert slack.texts(town.garden)[1:] == ["Slugs", "Weeds"]
    assert started.message_id.endswith(list(town.garden.messages)[-1])


async def test_a_reaction_that_is_there_already_is_done(slack: Emulator, town: Town, advisory: SlackConnector) -> None:
    said = await slack.say(town.bea, town.garden, "good news", silent=True)
    slack.fail(Fault(method="reactions.add", error="already_reacted"))
    assert not (await do(advisory, React(to=town.here, message_id=said, reaction="👍"))).gone
    await do(advisory, React(to=town.here, message_id=said, reaction="👍"))
    assert town.garden.messages[said.partition(":")[2]]["reactions"] == ["+1"]


# What one reader sees


async def test_answers_are_whispered_and_notices_are_direct_messages(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        await slack.slash(town.bea, town.garden, "help")
        cookie = inbox.events[-1].cookie
        for number in range(7):
            await do(connector, Post(to=town.here, text=f"answer {number}", whisper_to=town.bea), f"{number}", cookie)
        # A press by a moderator also causes words to others.
        await do(connector, Post(to=town.here, text="a notice", whisper_to=town.eve), "notice", cookie)
        await do(connector, Post(to=town.here, text="a notice", whisper_to=town.eve), "notice", cookie)
    assert slack.seen(town.bea) == [f"answer {number}" for number in range(7)]
    assert slack.seen(town.eve) == ["a notice"]
    # An interaction takes five answers.
    assert len(slack.made("chat.postEphemeral")) == 2


async def test_a_command_in_a_thread_is_answered_there_for_its_giver_alone(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        root = (await slack.say(town.eve, town.garden, "hello")).partition(":")[2]
        await slack.say(town.bea, town.garden, "<@U0PARLEY01> help", thread=root)
        given = inbox.events[-1]
        await do(connector, Post(to=given.where, text="what I can do", whisper_to=town.bea), "1", given.cookie)
    (whisper,) = slack.whispers
    assert (whisper["user"], whisper["thread_ts"], shown(whisper)) == (town.bea, root, "what I can do")


# What is taken away


async def test_without_an_admins_token_others_words_stay_and_that_is_said(
    slack: Emulator, town: Town, advisory: SlackConnector
) -> None:
    said = await slack.say(town.bea, town.garden, "spam", silent=True)
    can = await advisory.capabilities(town.here)
    assert (can.can_delete_others, can.warns, can.ephemeral) == (False, True, True)
    with pytest.raises(Rejected, match="SLACK_ADMIN_TOKEN"):
        await do(advisory, Delete(to=town.here, message_ids=(said,), reason="spam"))
    needs = frozenset({Need.READ, Need.REMOVE})
    assert any("SLACK_ADMIN_TOKEN" in each for each in await advisory.lacking(town.here.community, lambda _: needs))
    assert slack.texts(town.garden) == ["spam"]


async def test_with_one_they_go_but_not_in_conversations_of_two(
    slack: Emulator, town: Town, enforcing: SlackConnector
) -> None:
    said = await slack.say(town.bea, town.garden, "spam", silent=True)
    can = await enforcing.capabilities(town.here)
    assert (can.can_delete_others, can.warns) == (True, False)
    await do(enforcing, Delete(to=town.here, message_ids=(said,), reason="spam"))
    assert slack.texts(town.garden) == []
    direct = slack.direct(town.bea)
    assert not (await enforcing.capabilities(town.address(direct))).can_delete_others


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda slack: slack.revoked.add(ADMIN_TOKEN), "no longer accepts SLACK_ADMIN_TOKEN"),
        (lambda slack: slack.users[next(iter(slack.users))].update(is_owner=False, is_admin=False), "no admin"),
        (lambda slack: None, "may not delete there"),
    ],
)
async def test_an_admins_token_that_is_refused_makes_us_advisory_at_once(
    slack: Emulator, town: Town, enforcing: SlackConnector, change: object, says: str
) -> None:
    said = await slack.say(town.bea, town.garden, "spam", silent=True)
    assert (await enforcing.capabilities(town.here)).can_delete_others
    assert callable(change)
    change(slack)
    slack.fail(Fault(method="chat.delete", error="cant_delete_message"))
    with pytest.raises(Rejected, match=says):
        await do(enforcing, Delete(to=town.here, message_ids=(said,), reason="spam"))
    can = await enforcing.capabilities(town.here)
    assert (can.can_delete_others, can.warns) == (False, True)
    assert slack.texts(town.garden) == ["spam"]


async def test_a_token_of_somebody_who_is_no_admin_does_not_enforce(slack: Emulator, town: Town) -> None:
    slack.users[town.olga].update(is_owner=False, is_admin=False)
    connector = armed(slack, Inbox())
    assert not (await connector.capabilities(town.here)).can_delete_others
    await connector.close()


# Who is sent out


async def test_whoever_is_sent_out_is_told_before(slack: Emulator, town: Town, advisory: SlackConnector) -> None:
    kick = Restrict(to=town.here, user_id=town.bea, penalty=Penalty.KICK, reason="spam", tell="You are sent out.")
    assert not (await do(advisory, kick)).gone
    assert town.bea not in town.garden.members
    assert slack.seen(town.bea) == ["You are sent out."]
    names = [name for name, _ in slack.calls]
    assert names.index("chat.postMessage") < names.index("conversations.kick")
    assert (await do(advisory, kick)).gone


async def test_where_nobody_can_be_sent_out_it_is_not_claimed(
    slack: Emulator, town: Town, advisory: SlackConnector
) -> None:
    lobby = slack.channel("lobby", [town.bea], general=True)
    assert (await advisory.capabilities(town.address(lobby))).penalties == frozenset()
    assert (await advisory.capabilities(town.here)).penalties == {Penalty.KICK}
    slack.fail(Fault(method="conversations.kick", error="restricted_action"))
    with pytest.raises(Rejected, match="sent out"):
        await do(advisory, Restrict(to=town.here, user_id=town.bea, penalty=Penalty.KICK, reason="spam"))
    assert (await advisory.capabilities(town.here)).penalties == frozenset()
    with pytest.raises(Unsupported):
        await do(advisory, Restrict(to=town.here, user_id=town.bea, penalty=Penalty.TIMEOUT, reason="spam"))


# Trouble


async def test_nothing_is_asked_before_slack_wants_it(slack: Emulator, town: Town, advisory: SlackConnector) -> None:
    await do(advisory, Post(to=town.here, text="first"), "1")
    slack.fail(Fault(method="chat.postMessage", status=429, error="ratelimited", retry_after=30))
    for number in range(5):
        with pytest.raises(RateLimited) as refused:
            await do(advisory, Post(to=town.here, text="later"), f"later {number}")
        assert 29 < refused.value.retry_after <= 30
    assert len(slack.made("chat.postMessage")) == 2


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
async def test_trouble_of_slacks_own_is_tried_again(
    slack: Emulator, town: Town, advisory: SlackConnector, error: str
) -> None:
    slack.fail(Fault(method="chat.postMessage", error=error))
    with pytest.raises(Transient):
        await do(advisory, Post(to=town.here, text="hello"))
    await do(advisory, Post(to=town.here, text="hello"))
    assert slack.texts(town.garden) == ["hello"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("not_in_channel", "/invite"),
        ("is_archived", "archived"),
        ("restricted_action", "settings"),
        ("missing_scope", "manifest"),
        ("a_new_error", "a_new_error"),
    ],
)
async def test_a_refusal_is_a_sentence_and_final(
    slack: Emulator, town: Town, advisory: SlackConnector, error: str, says: str
) -> None:
    slack.fail(Fault(method="chat.postMessage", error=error))
    with pytest.raises(Rejected, match=says):
        await do(advisory, Post(to=town.here, text="hello"))


async def test_a_channel_that_we_have_left_is_not_readable_any_more(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        assert (await connector.capabilities(town.here)).readable
        slack.fail(Fault(method="conversations.info", status=503))
        await slack.event({"type": "member_left_channel", "user": "U0PARLEY01", "channel": town.garden.id})
        assert (await connector.capabilities(town.here)).readable
        town.garden.members.discard("U0PARLEY01")
        await until(lambda: slack.faults[0].times == 0)
        assert not (await connector.capabilities(town.here)).readable


async def test_a_place_that_is_not_ours_is_not_claimed(town: Town, advisory: SlackConnector) -> None:
    elsewhere = town.here.__class__("slack", "T0ELSE", "C0ELSE")
    assert not (await advisory.capabilities(elsewhere)).readable
    with pytest.raises(Rejected, match="workspace"):
        await do(advisory, Post(to=elsewhere, text="hello"))


async def test_only_one_workspace_ends_when_its_token_does(
    slack: Emulator, town: Town, advisory: SlackConnector
) -> None:
    await do(advisory, Post(to=town.here, text="hello"), "1")
    slack.revoked.add(BOT_TOKEN)
    with pytest.raises(Exception, match="SLACK_BOT_TOKEN"):
        await do(advisory, Post(to=town.here, text="hello"), "2")
