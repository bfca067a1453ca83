"""The narrowest level wins; a bad value is refused; a bad reload keeps the old settings."""

from __future__ import annotations

import timeit
from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import BaseModel, SecretStr

from bot.core.address import Address
from bot.core.errors import ConfigError
from config.levels import Levels, Shown, given
from tests.config.samples import Flood, Mode, Moderation, PatternRule, Rule

ROOM = Address("chat", "town", "main")
THREAD = Address("chat", "town", "main", "7")
ELSEWHERE = Address("chat", "town", "other")
UNCLOSED = "moderation.rules.a.pattern: '(' is no pattern (missing ), unterminated subpattern): close its brackets."


def _levels(base: Mapping[str, object] | None = None) -> Levels[Moderation, Moderation]:
    return Levels("moderation", Moderation, base or {}, lambda settings: settings)


def test_without_any_value_the_built_in_ones_hold() -> None:
    assert _levels().at(ROOM) == Moderation()


def test_the_configuration_goes_over_what_is_built_in() -> None:
    base = given(Moderation(mode=Mode.AUTO, flood=Flood(within=timedelta(minutes=1))))
    assert base == {"mode": Mode.AUTO, "flood": {"within": timedelta(minutes=1)}}
    assert _levels(base).at(ROOM) == Moderation(mode=Mode.AUTO, flood=Flood(within=timedelta(minutes=1)))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_narrowest_level_wins_in_whatever_order_they_are_set(order: tuple[int, ...]) -> None:
    levels = _levels({"sure": 0.6, "quiet": True})
    puts = [("", 0.7), ("chat", 0.75), ("chat/town", 0.8), ("chat/town/main", 0.85)]
    for index in order:
        levels.put(puts[index][0], "sure", puts[index][1])
    places = [Address("other", "x", "y"), Address("chat", "x", "y"), ELSEWHERE, ROOM, THREAD]
    assert [(levels.at(place).sure, levels.at(place).quiet) for place in places] == [
        (0.7, True),
        (0.75, True),
        (0.8, True),
        (0.85, True),
        (0.85, True),
    ]


def test_tables_are_merged_and_lists_replaced() -> None:
    scam = {"kind": "pattern", "pattern": "free"}
    levels = _levels({"rules": {"no-scams": scam}, "languages": ["en", "de"], "flood": {"messages": 3}})
    levels.put("chat/town", "rules.no-scams.pattern", "gratis")
    levels.put("chat/town", "rules.more", scam)
    levels.put("chat/town", "languages", ["fr"])
    levels.put("chat/town/main", "flood.within", "PT1M")
    rules: dict[str, Rule] = {"no-scams": PatternRule(pattern="gratis"), "more": PatternRule(pattern="free")}
    flood = Flood(messages=3, within=timedelta(minutes=1))
    assert levels.at(ROOM) == Moderation(rules=rules, languages=("fr",), flood=flood)


def test_none_takes_a_value_back() -> None:
    levels = _levels({"sure": 0.6})
    levels.put("chat/town", "sure", 0.8)
    assert levels.at(ROOM).sure == 0.8
    levels.put("chat/town", "sure", None)
    levels.put("chat/town", "quiet", None)
    assert levels.at(ROOM) == Moderation(sure=0.6)


def test_places_without_values_of_their_own_share_what_was_built() -> None:
    built: list[Moderation] = []
    levels = Levels("moderation", Moderation, {}, built.append)
    for number in range(50):
        levels.at(Address("chat", "town", str(number)))
    levels.put("chat/town/7", "quiet", value=True)
    for number in range(50):
        levels.at(Address("chat", "town", str(number)))
    assert built == [Moderation(), Moderation(quiet=True)]


def test_a_look_up_costs_about_a_microsecond() -> None:
    levels = _levels()
    levels.put("chat/town", "sure", 0.8)
    assert min(timeit.repeat(lambda: levels.at(THREAD), number=10_000, repeat=5)) / 10_000 < 10e-6


@pytest.mark.parametrize(
    ("scope", "key", "value", "said"),
    [
        ("chat/town", "sure", 0.8, ""),
        ("", "sure", None, ""),
        ("chat", "old.key", None, ""),
        ("chat/town", "sur", 0.8, "moderation.sur is not a setting: did you mean moderation.sure?"),
        ("chat/town", "sure", 3, "moderation.sure (in chat/town) must be at most 1, not 3."),
        ("", "mode", "atuo", 'moderation.mode must be manual, semi or auto, not "atuo": did you mean auto?'),
        ("", "doubtful", 0.95, "moderation.doubtful: 0.95 is above sure (0.9): lower it."),
        ("chat", "sure", 0.6, "moderation.doubtful (in chat/town/main): 0.7 is above sure (0.6): lower it."),
        ("other", "sure", 0.6, ""),
        (
            "chat",
            "rules.a",
            {"kind": "pattern", "pattern": "("},
            UNCLOSED.replace(":", " (in chat):", 1),
        ),
        (
            "chat/town/main/7",
            "sure",
            0.8,
            "moderation.sure cannot be set on chat/town/main/7: name a platform, a community or a channel.",
        ),
    ],
)
def test_a_value_is_judged_with_all_it_touches(scope: str, key: str, value: object, said: str) -> None:
    levels = _levels()
    levels.put("chat/town/main", "doubtful", 0.7)
    assert (levels.problem(scope, key, value), levels.at(ROOM)) == (said, Moderation(doubtful=0.7))


def test_what_the_builder_refuses_is_a_problem() -> None:
    def build(settings: Moderation) -> str:
        if "tlh" in settings.languages:
            raise ValueError("no model knows tlh: take it out of languages")
        return ",".join(settings.languages)

    levels = Levels("moderation", Moderation, {}, build)
    said = "moderation (in chat): no model knows tlh: take it out of languages."
    assert levels.problem("chat", "languages", ["tlh"]) == said


def test_stored_values_that_no_longer_fit_are_told_and_can_be_mended_one_by_one() -> None:
    levels = _levels()
    levels.put("chat/town", "sure", 3)
    levels.put("chat/town", "mode", "harsh")
    with pytest.raises(ConfigError):
        levels.at(ROOM)
    assert levels.faults() == [
        'moderation.mode (in chat/town) must be manual, semi or auto, not "harsh".',
        "moderation.sure (in chat/town) must be at most 1, not 3.",
    ]
    assert levels.problem("chat/town", "sure", None) == ""
    assert levels.problem("chat/town", "quiet", value=True) == ""
    levels.put("chat/town", "sure", None)
    levels.put("chat/town", "mode", None)
    assert levels.at(ROOM) == Moderation()


def test_a_reload_changes_every_place() -> None:
    levels = _levels({"sure": 0.6})
    levels.put("chat/town/main", "quiet", value=True)
    assert levels.at(ROOM) == Moderation(sure=0.6, quiet=True)
    levels.rebase({"sure": 0.7})
    assert (levels.at(ROOM), levels.at(ELSEWHERE)) == (Moderation(sure=0.7, quiet=True), Moderation(sure=0.7))


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ({"sure": "high"}, 'moderation.sure must be a number, not "high".'),
        ({"sure": 0.6}, "moderation.doubtful (in chat/town/main): 0.7 is above sure (0.6): lower it."),
    ],
)
def test_a_bad_reload_keeps_the_old_settings(base: Mapping[str, object], said: str) -> None:
    levels = _levels({"mode": "auto"})
    levels.put("chat/town/main", "doubtful", 0.7)
    with pytest.raises(ConfigError) as caught:
        levels.rebase(base)
    assert (caught.value.problems[0], levels.at(ROOM)) == (said, Moderation(mode=Mode.AUTO, doubtful=0.7))


class Small(BaseModel):
    """A few settings to show."""

    a: int = 1
    b: int = 1
    c: int = 1
    d: int = 1
    e: int = 1
    f: int = 1
    token: SecretStr = SecretStr("")
    table: dict[str, int] = {}


def test_every_setting_is_shown_with_its_level_and_secrets_masked() -> None:
    levels = Levels("small", Small, {"token": SecretStr("hunter2"), "a": 2, "table": {"x": 1}}, lambda small: small)
    for key, scope in {"b": "", "c": "chat", "d": "chat/town", "e": "chat/town/main", "table.y": "chat/town"}.items():
        levels.put("chat", key, 9)
        levels.put(scope, key, 3)
    levels.put("chat", "b", None)
    shown = [(one.key, one.value, one.level) for one in levels.shown(THREAD)]
    assert shown == [
        ("a", 2, "configuration"),
        ("b", 3, "everywhere"),
        ("c", 3, "platform"),
        ("d", 3, "community"),
        ("e", 3, "channel"),
        ("f", 1, "built-in"),
        ("token", "**********", "configuration"),
        ("table.x", 1, "configuration"),
        ("table.y", 3, "community"),
    ]


def test_what_is_shown_is_plain() -> None:
    levels = _levels({"mode": Mode.AUTO})
    shown = levels.shown(ROOM)
    assert shown[0] == Shown(key="mode", value="auto", level="configuration")
    assert shown[-2:] == [
        Shown(key="flood.within", value="PT10S", level="built-in"),
        Shown(key="rules", value={}, level="built-in"),
    ]
