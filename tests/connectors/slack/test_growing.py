"""Answers that grow: streams, what becomes of them when they end too early, and changes in their place."""

import asyncio
from urllib.parse import quote

from bot.core.effect import Button, Draft, Effect, Post
from bot.core.event import MessagePosted
from bot.core.stored import Receipt
from connectors.slack.client import SlackConnector
from tests.connectors.slack.mini import Emulator, Fault, buttons
from tests.connectors.slack.world import Inbox, Town, bot, running, until


async def do(connector: SlackConnector, effect: Effect, key: str = "key", cookie: str = "") -> Receipt:
    return await connector.perform(effect, key=key, cookie=cookie)


async def test_an_answer_streams_into_the_thread_of_its_question(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await connector.preview(draft(town, asked, ""))
        await until(lambda: slack.statuses)
        text = await grown(connector, town, asked, "One. Two <!channel>. Three.", lambda: slack.texts(town.garden)[1:])
        receipt = await do(
            connector,
            Post(to=town.here, text=f"{text} The end.", stream="s", reply_to=asked, buttons=(Button("b", "More", ""),)),
        )
    _, answer = town.garden.messages.values()
    assert receipt.message_id == f"{town.garden.id}:{answer['ts']}"
    assert answer["text"] == "One. Two &lt;!channel>. Three. The end."
    assert answer["thread_ts"] == asked.partition(":")[2]
    assert [each["action_id"] for each in buttons(answer)] == ["b"]
    assert "streaming_since" not in answer
    assert (len(slack.made("chat.startStream")), len(slack.made("chat.stopStream"))) == (1, 1)
    assert slack.made("chat.update") == []


async def test_an_answer_with_links_to_messages_ends_with_links_that_slack_knows(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        link = (await connector.capabilities(town.here)).link.replace("{message}", quote(asked))
        text = await grown(connector, town, asked, "See", lambda: slack.texts(town.garden)[1:])
        source = f"{text} [what was said](<{link}>)"
        await do(connector, Post(to=town.here, text=source, stream="s", reply_to=asked))
    _, answer = town.garden.messages.values()
    (block,) = answer["blocks"]
    ts = asked.partition(":")[2].replace(".", "")
    assert block["elements"][0]["elements"][1]["url"] == f"https://fernhill.slack.com/archives/{town.garden.id}/p{ts}"
    assert "streaming_since" not in answer


async def test_a_stream_that_expires_loses_no_text(slack: Emulator, town: Town, inbox: Inbox) -> None:
    slack.stream_life_s = 1.0
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await grown(connector, town, asked, "One. Two.", lambda: slack.texts(town.garden)[1:])
        await asyncio.sleep(1.1)
        await connector.preview(draft(town, asked, "One. Two. Three."))
        await until(lambda: slack.texts(town.garden)[1:] == ["One. Two. Three."])
        receipt = await do(connector, Post(to=town.here, text="One. Two. Three. Four.", stream="s", reply_to=asked))
    assert slack.texts(town.garden)[1:] == ["One. Two. Three. Four."]
    assert receipt.message_id.endswith(list(town.garden.messages)[-1])


async def test_a_stream_that_expires_before_its_end_is_ended_by_a_change(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    slack.stream_life_s = 0.3
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await grown(connector, town, asked, "One.", lambda: slack.texts(town.garden)[1:])
        await asyncio.sleep(0.4)
        await do(connector, Post(to=town.here, text="One.", stream="s", reply_to=asked))
    assert slack.texts(town.garden)[1:] == ["One."]
    assert len(slack.made("chat.update")) == 1


async def test_a_stream_that_somebody_stopped_stays_as_it_is(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await grown(connector, town, asked, "One.", lambda: slack.texts(town.garden)[1:])
        list(town.garden.messages.values())[-1]["stopped"] = True
        await connector.preview(draft(town, asked, "One. Two."))
        await until(lambda: ("chat.appendStream", "stopped_by_user") in slack.refused)
        await do(connector, Post(to=town.here, text="One. Two. Three.", stream="s", reply_to=asked))
    assert slack.texts(town.garden)[1:] == ["One."]


async def test_without_streams_an_answer_grows_by_changing_one_message(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        slack.fail(Fault(method="chat.startStream", error="channel_type_not_supported"))
        await grown(connector, town, asked, "One.", lambda: slack.texts(town.garden)[1:])
        for text in ("One. Two.", "One. Two. Three."):
            await connector.preview(draft(town, asked, text))
        await do(connector, Post(to=town.here, text="One. Two. Three. Four.", stream="s", reply_to=asked))
    assert slack.texts(town.garden)[1:] == ["One. Two. Three. Four."]
    assert len(slack.made("chat.update")) <= 2


async def test_streams_of_a_workspace_share_one_budget(slack: Emulator, town: Town, inbox: Inbox) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = [await slack.say(town.bea, town.garden, f"<@U0PARLEY01> {number}?") for number in range(4)]
        began = asyncio.get_running_loop().time()
        for words in range(1, 40):
            for number, each in enumerate(asked):
                await connector.preview(draft(town, each, "word " * words + "end", f"s{number}"))
            await asyncio.sleep(0.05)
        made = len(slack.made("chat.startStream")) + len(slack.made("chat.appendStream"))
        assert made <= (asyncio.get_running_loop().time() - began) / 0.6 + 1


async def test_what_grows_when_we_are_stopped_is_ended_and_found_again(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    first = bot(slack, inbox)
    async with running(first, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await grown(first, town, asked, "One.", lambda: slack.texts(town.garden)[1:])
    assert "streaming_since" not in list(town.garden.messages.values())[-1]
    second = bot(slack, inbox)
    async with running(second, inbox, slack):
        await do(second, Post(to=town.here, text="One. Two.", stream="s", reply_to=asked))
    assert slack.texts(town.garden)[1:] == ["One. Two."]


async def test_a_question_that_is_taken_away_takes_its_growing_answer_along(
    slack: Emulator, town: Town, inbox: Inbox
) -> None:
    connector = bot(slack, inbox)
    async with running(connector, inbox, slack):
        asked = await slack.say(town.bea, town.garden, "<@U0PARLEY01> what about slugs?")
        await grown(connector, town, asked, "One.", lambda: slack.texts(town.garden)[1:])
        await slack.delete(asked)
        await until(lambda: slack.texts(town.garden) == [])
    assert [event.text for event in inbox.of(MessagePosted)] == ["@U0PARLEY01 what about slugs?"]


def draft(town: Town, asked: str, text: str, stream: str = "s") -> Draft:
    return Draft(to=town.here, text=text, stream=stream, reply_to=asked)


async def grown(connector: SlackConnector, town: Town, asked: str, text: str, seen: object) -> str:
    """Grow a text word by word until all of it can be read."""
    assert callable(seen)
    words = text.split(" ")
    for count in range(1, len(words) + 1):
        await connector.preview(draft(town, asked, " ".join(words[:count])))
        await asyncio.sleep(0.02)
    await until(lambda: [each.replace("&lt;", "<") for each in seen()] == [text])
    return text
