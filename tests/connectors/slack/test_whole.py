"""The whole bot in an emulated workspace: what it hears, decides and does, advisory and enforcing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import App
from bot.core.action import Action
from bot.core.effect import Draft, Post
from bot.core.event import Event, MessagePosted
from bot.core.ports import Context, Pipeline
from bot.opening import connect, open_app
from bot.settings import load
from tests.connectors.slack.mini import (
    ADMIN_TOKEN,
    APP_TOKEN,
    BOT_TOKEN,
    ME,
    TEAM,
    Emulator,
    Fault,
    Json,
    buttons,
    shown,
)
from tests.connectors.slack.world import Town, until

ABUSE = "you are a stupid worthless idiot and nobody here likes you"


@dataclass(slots=True)
class House:
    """The bot with its store, in a town."""

    town: Town
    store: Path
    enforcing: bool = False

    @property
    def slack(self) -> Emulator:
        return self.town.slack

    @asynccontextmanager
    async def running(self, pipelines: Sequence[Pipeline] = ()) -> AsyncIterator[App]:
        """The bot, from when it listens; with `pipelines` in place of the shipped ones."""
        settings = load(None, self._environment())
        app = await open_app(settings)
        if pipelines:
            app = App(app.store, app.judging, pipelines=pipelines)
        connect(app, settings)
        task = asyncio.create_task(app.run())
        try:
            await until(lambda: task.done() or len(self.slack.sockets) > 1)
            for channel in (self.town.garden, self.town.mods):
                while not await app.store.position(f"slack:{TEAM}:{channel.id}"):  # noqa: ASYNC110  # the store rings no bell
                    await asyncio.sleep(0.01)
            yield app
        finally:
            task.cancel()
            await asyncio.wait([task])
            for connector in app.connectors.values():
                await connector.close()  # type: ignore[attr-defined]
            await app.store.close()

    def card(self, words: str) -> str:
        """The id of the newest message to moderators that holds these words."""
        messages = reversed(self.town.mods.messages.values())
        return next((f"{self.town.mods.id}:{each['ts']}" for each in messages if words in shown(each)), "")

    def message(self, message_id: str) -> Json:
        channel, _, ts = message_id.partition(":")
        return self.slack.channels[channel].messages[ts]

    async def mode(self, mode: str) -> None:
        before = len(self.slack.whispers)
        await self.slack.slash(self.town.mo, self.town.garden, f"mode {mode}")
        await until(lambda: len(self.slack.whispers) > before)

    def _environment(self) -> dict[str, str]:
        environment = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "PARLEY_CONNECTORS__SLACK__API_BASE": self.slack.api_base,
            "PARLEY_MODERATION__RULES__SEEDS__WORDS": '["seeds"]',
            "PARLEY_MODERATION__REVIEW_ROOM": str(self.town.address(self.town.mods)),
            # Nothing was reviewed here yet, so acting is allowed by hand; and no message is drawn as a check.
            "PARLEY_MODERATION__SURE": "0.99",
            "PARLEY_MODERATION__AUDIT_RATE": "0",
            "PARLEY_MODERATION__AUDIT_RATE_ACTED": "0",
            "PARLEY_STORE__URL": f"sqlite:///{self.store}",
        }
        return environment | ({"SLACK_ADMIN_TOKEN": ADMIN_TOKEN} if self.enforcing else {})


@pytest.fixture
def house(town: Town, tmp_path: Path) -> House:
    return House(town, tmp_path / "parley.db")


def is_gone(house: House, message: str) -> bool:
    return message.partition(":")[2] not in house.town.garden.messages


async def test_enforcing_abuse_goes_by_itself_or_by_a_press(house: House) -> None:
    house.enforcing = True
    slack, town = house.slack, house.town
    async with house.running():
        await house.mode("auto")
        kind = await slack.say(town.bea, town.garden, "good morning")
        unkind = await slack.say(town.bea, town.garden, ABUSE)
        await until(lambda: is_gone(house, unkind))
        await slack.edit(kind, ABUSE)
        await until(lambda: is_gone(house, kind))

        await house.mode("semi")
        asked = await slack.say(town.bea, town.garden, ABUSE)
        card = await until(lambda: house.card("nobody here likes you"))
        await slack.press(town.mo, card, "Remove")
        await slack.submit(town.mo, "No insults here.")
        await until(lambda: is_gone(house, asked))
        await until(lambda: "was removed" in shown(house.message(card)))
        await until(lambda: any("No insults here" in told for told in slack.seen(town.bea)))
    assert buttons(house.message(card)) == []
    assert slack.refused == []


async def test_advisory_abuse_is_asked_about_and_nobody_says_that_it_went(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running() as app:
        await house.mode("auto")
        unkind = await slack.say(town.bea, town.garden, ABUSE)
        card = await until(lambda: house.card("nobody here likes you"))
        assert {each["action_id"].rpartition(":")[2] for each in buttons(house.message(card))} == {"approve", "warn"}
        await until(lambda: slack.seen(town.bea))
        await slack.press(town.mo, card, "Warn")
        await until(lambda: "left standing with a warning" in shown(house.message(card)))
        await until(lambda: len(slack.seen(town.bea)) > 1)
        await app.idle()
    advised, warned = slack.seen(town.bea)
    assert "asked the moderators" in advised
    assert "mind the rules" in warned
    assert not is_gone(house, unkind)
    assert not any("removed" in text for text in (advised, warned, shown(house.message(card))))
    assert slack.made("chat.delete") == []
    assert slack.refused == []


async def test_a_refused_deletion_becomes_a_card_and_one_alert(house: House) -> None:
    house.enforcing = True
    slack, town = house.slack, house.town
    async with house.running() as app:
        await house.mode("auto")
        slack.revoked.add(ADMIN_TOKEN)
        said = [await slack.say(town.bea, town.garden, f"{ABUSE} {number}") for number in range(3)]
        await until(lambda: house.card("no longer accepts SLACK_ADMIN_TOKEN"))
        await app.idle()
        # From now on it is known, and nothing is tried.
        tried = len(slack.made("chat.delete"))
        said.append(await slack.say(town.bea, town.garden, f"{ABUSE} again"))
        await until(lambda: house.card("again"))
        await app.idle()
    assert not any(is_gone(house, message) for message in said)
    assert len(slack.made("chat.delete")) == tried
    alerts = [each for each in town.mods.messages.values() if not buttons(each)]
    assert len(alerts) == 1


async def test_an_event_that_comes_three_times_acts_once_also_after_a_restart(house: House) -> None:
    slack, town = house.slack, house.town
    ts = slack.ts()
    message = {"type": "message", "user": town.bea, "text": ABUSE, "ts": ts, "event_ts": ts, "channel": town.garden.id}
    town.garden.messages[ts] = message
    async with house.running() as app:
        for _ in range(3):
            await slack.event(message, "Ev-same")
        await until(lambda: house.card("nobody here likes you"))
        await app.idle()
    async with house.running() as app:
        await slack.event(message, "Ev-same")
        await slack.event(message, "Ev-other")
        await app.idle()
    assert len(town.mods.messages) == 1


@pytest.mark.parametrize("anonymous", [False, True])
async def test_many_votes_at_once_end_on_the_right_tally_in_few_updates(house: House, *, anonymous: bool) -> None:
    slack, town = house.slack, house.town
    voters = [slack.user(f"voter{number:02}") for number in range(60)]
    async with house.running() as app:
        secret = " anonymous" if anonymous else ""
        await slack.slash(town.bea, town.garden, f"poll lasts=1h{secret} Tea? | yes | no")
        await until(lambda: town.garden.messages)
        await app.idle()
        (poll,) = [f"{town.garden.id}:{ts}" for ts in town.garden.messages]
        began = time.monotonic()
        # Each votes, many change their mind, and some change it back: 120 votes.
        for who, label in ((voters, "yes"), (voters[:45], "no"), (voters[:15], "yes")):
            await asyncio.gather(*(slack.press(voter, poll, label) for voter in who))
        took_s = time.monotonic() - began
        await until(lambda: "60 votes so far" in shown(house.message(poll)), 20)
        await until(lambda: "30, 50%" in shown(house.message(poll)), 20)
        updates = len(slack.made("chat.update"))
    # One a second while votes come, and one after the last.
    assert updates <= max(5, took_s + 2)
    assert ("voter" in shown(house.message(poll))) is not anonymous
    assert slack.refused == []


async def test_a_poll_ends_with_its_result_in_its_thread(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running() as app:
        await slack.slash(town.bea, town.garden, "poll lasts=1h Tea? | yes | no")
        await until(lambda: town.garden.messages)
        await app.idle()
        (poll,) = [f"{town.garden.id}:{ts}" for ts in town.garden.messages]
        await slack.press(town.eve, poll, "yes")
        await until(lambda: "1 vote so far" in shown(house.message(poll)))
        await slack.slash(town.bea, town.garden, "endpoll 1")
        await until(lambda: "This poll has ended" in shown(house.message(poll)))
        await until(lambda: len(town.garden.messages) == 2)
    _, result = town.garden.messages.values()
    assert result["thread_ts"] == poll.partition(":")[2]
    assert "yes, with 1 vote" in shown(result)
    assert buttons(house.message(poll)) == []


async def test_reports_reach_the_moderators_by_menu_and_by_flag(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running():
        said = await slack.say(town.eve, town.garden, "buy my beans")
        await slack.point(town.bea, said, "report")
        await slack.submit(town.bea, "It is an advert.")
        card = await until(lambda: house.card("buy my beans"))
        await slack.react(town.olga, said, "triangular_flag_on_post")
        await until(lambda: "olga" in shown(house.message(card)))
        assert "It is an advert." in shown(house.message(card))
        await slack.point(town.eve, said, "menu:why-was-this-removed")
        await until(lambda: slack.seen(town.eve))
    assert f"https://fernhill.slack.com/archives/{town.garden.id}/p" in str(house.message(card)["blocks"])


async def test_mistakes_are_whispered_and_say_what_to_do(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running():
        await slack.slash(town.bea, town.garden, "halp")
        await slack.slash(town.bea, town.garden, "mode auto")
        root = (await slack.say(town.eve, town.garden, "hello")).partition(":")[2]
        await slack.say(town.bea, town.garden, f"<@{ME}> polls", thread=root)
        await until(lambda: len(slack.seen(town.bea)) == 3)
    whispers = "\n".join(slack.seen(town.bea))
    assert "Did you mean “help”?" in whispers
    assert "moderator" in whispers
    assert "No poll is open here" in whispers
    assert len(town.garden.messages) == 2


async def test_a_member_finds_open_polls_on_their_page_but_none_from_where_they_are_not(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running() as app:
        await slack.slash(town.bea, town.garden, "poll lasts=1h Tea? | yes | no")
        await slack.slash(town.mo, town.mods, "poll lasts=1h Ban? | yes | no")
        await until(lambda: town.garden.messages and town.mods.messages)
        await app.idle()
        await slack.open_home(town.bea)
        await slack.open_home(town.mo)
        await until(lambda: len(slack.homes) == 2)
    assert "Tea? in #garden" in shown(slack.homes[town.bea])
    assert "Ban?" not in shown(slack.homes[town.bea])
    assert "Ban? in #mods" in shown(slack.homes[town.mo])


@dataclass(frozen=True, slots=True)
class Slowly:
    """Answers every question word by word."""

    words: tuple[str, ...]
    name: str = "slowly"

    async def __call__(self, event: Event, context: Context) -> AsyncIterator[Action]:
        if isinstance(event, MessagePosted) and "slugs" in event.text:
            for count in range(1, len(self.words) + 1):
                yield Draft(
                    to=event.where, text=" ".join(self.words[:count]), stream=event.id, reply_to=event.message_id
                )
            yield Post(to=event.where, text=" ".join([*self.words, "end"]), stream=event.id, reply_to=event.message_id)

    def failed(self, event: Event) -> Sequence[Action]:
        return ()


async def test_an_answer_streams_to_the_thread_of_its_question_through_trouble(house: House) -> None:
    slack, town = house.slack, house.town
    words = tuple(f"word{number}" for number in range(200))
    slack.fail(Fault(method="chat.stopStream", status=503))
    async with house.running([Slowly(words)]):
        asked = await slack.say(town.bea, town.garden, "what about slugs?")
        await until(lambda: " ".join([*words, "end"]) in slack.texts(town.garden), 20)
    answers = [each for each in town.garden.messages.values() if each["user"] == ME]
    assert [each["thread_ts"] for each in answers] == [asked.partition(":")[2]]


async def test_trouble_of_slack_is_waited_out_and_nothing_lost_or_doubled(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running():
        slack.fail(Fault(method="chat.postMessage", status=429, error="ratelimited", retry_after=1))
        slack.fail(Fault(method="chat.postMessage", status=503))
        slack.fail(Fault(method="chat.postMessage", status=502, applied=True))
        said = [await slack.say(town.bea, town.garden, f"{ABUSE} {number}") for number in range(3)]
        await until(lambda: len(town.mods.messages) == len(said), 30)
        await asyncio.sleep(0.5)
    assert len(town.mods.messages) == len(said)
    assert len({shown(each) for each in town.mods.messages.values()}) == len(said)


async def test_a_stop_with_work_left_loses_nothing(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running():
        for number in range(40):
            await slack.say(town.bea, town.garden, f"{ABUSE} {number}")
    async with house.running() as app:
        await until(lambda: len(town.mods.messages) >= 40, 30)
        await app.idle()
    assert len(town.mods.messages) == 40


async def test_what_was_said_while_the_bot_was_away_is_judged(house: House) -> None:
    slack, town = house.slack, house.town
    async with house.running():
        pass
    for number in range(20):
        await slack.say(town.bea, town.garden, f"{ABUSE} {number}", silent=True)
    async with house.running():
        await until(lambda: len(town.mods.messages) == 20, 30)
