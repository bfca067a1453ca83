"""`mode` and `settings`, over the levels that the house really has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.assembly import Judging
from bot.core.action import Action, Configure
from bot.core.address import Address
from bot.core.effect import Post
from bot.core.event import Role
from pipelines.desk.settings import SettingsDesk
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.build import LOBBY, MO, OFFICE, all_of, asked
from tests.pipelines.fakes import House

HOME = "test/home"
EVERYWHERE = House(roles={(HOME, MO.id): Role.MODERATOR})
HERE = House(roles={(str(LOBBY), MO.id): Role.MODERATOR})
HOW = "“settings KEY VALUE” changes one here, “community” before it everywhere; the value “default” undoes it."


def desk(*stored: Configure) -> SettingsDesk:
    return SettingsDesk(Judging.of(ModerationSettings(), stored))


def stored(scope: Address, key: str, value: object) -> Configure:
    return Configure(scope=str(scope), key=f"moderation.{key}", value=value, by=MO.id)


def told(said: str) -> Post:
    return Post(to=LOBBY, text=said, whisper_to=MO.id)


async def mode(*options: tuple[str, str], house: House = EVERYWHERE, at: SettingsDesk | None = None) -> list[Action]:
    return await all_of((at or desk()).mode(asked("mode", *options), house.context))


async def settings(
    *options: tuple[str, str], house: House = EVERYWHERE, at: SettingsDesk | None = None, where: Address = LOBBY
) -> list[Action]:
    return await all_of((at or desk()).settings(asked("settings", *options, where=where), house.context))


async def test_the_mode_is_shown_with_the_level_it_comes_from() -> None:
    assert await mode() == [told("`mode` is **semi** (built-in)")]
    assert await mode(at=desk(stored(LOBBY.community, "mode", "auto"))) == [told("`mode` is **auto** (community)")]
    both = desk(stored(LOBBY.community, "mode", "auto"), stored(LOBBY, "mode", "manual"))
    assert await mode(at=both) == [told("`mode` is **manual** (channel)")]


async def test_the_mode_is_set_for_the_channel() -> None:
    assert await mode(("mode", "auto"), house=HERE) == [
        stored(LOBBY, "mode", "auto"),
        told("`mode` is **auto** for this channel from here on."),
    ]


async def test_the_mode_is_set_for_the_community() -> None:
    assert await mode(("mode", "auto"), ("community", "yes")) == [
        stored(LOBBY.community, "mode", "auto"),
        told("`mode` is **auto** for the whole community from here on."),
    ]


async def test_a_thread_has_the_settings_of_its_channel() -> None:
    (change, _) = await settings(("key", "sure"), ("value", "0.95"), where=replace(LOBBY, thread="t1"))
    assert change == stored(LOBBY, "sure", 0.95)


async def test_who_moderates_one_channel_changes_nothing_for_the_community() -> None:
    refused = [told("Only moderators of the whole community can change what holds everywhere in it.")]
    assert await mode(("mode", "shadow"), ("community", "yes"), house=HERE) == refused
    assert await settings(("community", "yes"), ("key", "model"), ("value", "no"), house=HERE) == refused


@pytest.mark.parametrize("room", ["test/other/public", "test/home/office", "elsewhere/x/y", "none"])
async def test_cards_go_only_to_rooms_that_whoever_sends_them_there_moderates(room: str) -> None:
    refused = "Cards can only go to a room that you moderate too; another one is set in the configuration file."
    assert await settings(("key", "review_room"), ("value", room), house=HERE) == [told(refused)]


async def test_bans_are_written_only_to_a_list_that_who_says_so_moderates() -> None:
    list_ = str(OFFICE)
    refused = "Bans can only be written to a list that you moderate too."
    assert await settings(("key", "own_list"), ("value", list_), house=HERE) == [told(refused)]
    assert (await settings(("key", "own_list"), ("value", list_)))[0] == stored(LOBBY, "own_list", list_)


async def test_a_moderator_of_both_rooms_sends_the_cards_of_one_to_the_other() -> None:
    assert await settings(("key", "review_room"), ("value", str(OFFICE))) == [
        stored(LOBBY, "review_room", str(OFFICE)),
        told("`review_room` is **test/home/office** for this channel from here on."),
    ]


async def test_all_settings_are_shown_in_words() -> None:
    (post,) = await settings()
    assert isinstance(post, Post)
    assert post.text.split("\n") == [
        "- `mode` is **semi** (built-in)",
        "- `review_room` is **none** (built-in)",
        "- `ban_lists` is **none** (built-in)",
        "- `own_list` is **none** (built-in)",
        "- `model` is **yes** (built-in)",
        "- `model_labels` is **none** (built-in)",
        "- `remote_texts` is **open** (built-in)",
        "- `judge_policy` is **none** (built-in)",
        "- `sure` is **none** (built-in)",
        "- `doubtful` is **none** (built-in)",
        "- `precision` is **0\\.98** (built-in)",
        "- `alarms` is **0\\.003** (built-in)",
        "- `abuse_rate` is **0\\.01** (built-in)",
        "- `asks` is **none** (built-in)",
        "- `audit_rate` is **0\\.002** (built-in)",
        "- `audit_rate_acted` is **0\\.05** (built-in)",
        "- `audits_a_day` is **5** (built-in)",
        "- `calibration` is **0** (built-in)",
        "- `measured_since` is **none** (built-in)",
        "- `tell_author` is **yes** (built-in)",
        "- `timeout` is **1h** (built-in)",
        "- `wave_penalty` is **none** (built-in)",
        "- `remind_after` is **1d** (built-in)",
        "- `preset` is **none** (built-in)",
        "- `rules` is **none** (built-in)",
        "",
        HOW,
    ]


@pytest.mark.parametrize("key", ["sure", "moderation.sure"])
async def test_one_setting_is_shown(key: str) -> None:
    assert await settings(("key", key)) == [told(f"- `sure` is **none** (built-in)\n\n{HOW}")]


async def test_a_group_of_settings_is_shown_together() -> None:
    at = desk(stored(LOBBY, "rules.spam.words", ["buy", "*now*"]))
    (post,) = await settings(("key", "rules"), at=at)
    assert isinstance(post, Post)
    assert "- `rules.spam.words` is **buy, \\*now\\*** (channel)" in post.text


async def test_what_does_not_exist_is_said_so_and_never_stored() -> None:
    nothing = [told("There is no setting “\\*x\\*”. “settings” lists them all.")]
    assert await settings(("key", "*x*")) == nothing
    assert await settings(("key", "*x*"), ("value", "default")) == nothing


async def test_default_takes_a_change_back() -> None:
    at = desk(stored(LOBBY, "sure", 0.95))
    assert await settings(("key", "sure"), ("value", "default"), at=at) == [
        stored(LOBBY, "sure", None),
        told("`sure` is **default** for this channel from here on."),
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("sure", "certainly", "sure"),
        ("sure", "1.5", "sure"),
        ("precision", "0.4", "precision"),
        ("mode", "off", "mode"),
        ("timeout", "forever", "timeout"),
        ("timeout", "0s", "timeout"),
        ("suer", "0.9", "sure"),
        ("rules.spam.pattern", "(", "the pattern cannot be used"),
        ("rules.spam.pattern", "spam|", "would find every message"),
        ("rules.spam.score", "1", "needs words or a pattern"),
        ("rules", "@everyone", "rules"),
        ("review_room", "a/b/c/d/e", "is no address"),
    ],
)
async def test_a_bad_value_gives_one_sentence_and_changes_nothing(key: str, value: str, words: str) -> None:
    (post,) = await settings(("key", key), ("value", value))
    assert isinstance(post, Post)
    assert post.text.startswith("Not changed: ")
    assert words in post.text.replace("\\", "")
    assert "\n" not in post.text
    assert "pydantic" not in post.text
