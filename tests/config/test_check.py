"""Every problem is told at once, with its place and its fix; no secret is ever in it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, HttpUrl, SecretStr

from bot.core.errors import ConfigError
from config.check import check
from config.load import Source, read
from tests.config.samples import (
    SECTIONS,
    SOUND,
    Desk,
    Flood,
    Matrix,
    Mode,
    Moderation,
    PatternRule,
    Rule,
    Store,
    WordRule,
    written,
)

DEFAULTS = {"moderation": Moderation(), "store": Store(), "connectors.matrix": Matrix()}
UNCLOSED = "'(a' is no pattern (missing ), unterminated subpattern): close its brackets."


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_nothing_set_gives_the_defaults(desk: Desk) -> None:
    assert desk.settings() == DEFAULTS


def test_the_file_sets_what_it_names(desk: Desk) -> None:
    text = """
[moderation]
mode = "auto"
languages = ["de"]
flood = { within = "2m" }
[moderation.rules.no-scams]
kind = "pattern"
pattern = "free (nitro|steam)"
[moderation.rules.no-insults]
kind = "words"
words = ["twit"]
"""
    rules: dict[str, Rule] = {
        "no-scams": PatternRule(pattern="free (nitro|steam)"),
        "no-insults": WordRule(kind="words", words=("twit",)),
    }
    flood = Flood(within=timedelta(minutes=2))
    wanted = Moderation(mode=Mode.AUTO, languages=("de",), flood=flood, rules=rules)
    assert desk.settings(text) == {**DEFAULTS, "moderation": wanted}


def test_the_environment_goes_over_the_file(desk: Desk) -> None:
    text = '[moderation]\nmode = "auto"\nsure = 0.8\n[store]\nurl = "file"'
    found = desk.settings(text, PARLEY_MODERATION__MODE="manual", PARLEY_STORE__URL="variable")
    assert found == {**DEFAULTS, "moderation": Moderation(mode=Mode.MANUAL, sure=0.8), "store": Store(url="variable")}


def test_a_variable_reaches_into_tables_and_finds_names_with_dashes(desk: Desk) -> None:
    text = '[moderation.rules.no-scams]\nkind = "pattern"\npattern = "x"'
    found = desk.settings(
        text,
        PARLEY_MODERATION__RULES__NO_SCAMS__PATTERN="y",
        PARLEY_MODERATION__FLOOD__WITHIN="1m 30s",
        PARLEY_CONNECTORS__MATRIX__HOMESERVER="https://example.org",
        PARLEY_CONNECTORS__MATRIX__ACCESS_TOKEN="syt",
    )
    rules: dict[str, Rule] = {"no-scams": PatternRule(pattern="y")}
    assert found == {
        **DEFAULTS,
        "moderation": Moderation(rules=rules, flood=Flood(within=timedelta(seconds=90))),
        "connectors.matrix": Matrix(homeserver="https://example.org", access_token=SecretStr("syt")),
    }


@pytest.mark.parametrize("text", ["de, fr", '["de", "fr"]', "['de', 'fr']"])
def test_a_variable_may_hold_a_list(desk: Desk, text: str) -> None:
    found = desk.settings(PARLEY_MODERATION__LANGUAGES=text)
    assert found == {**DEFAULTS, "moderation": Moderation(languages=("de", "fr"))}


def test_a_well_known_variable_goes_over_ours(desk: Desk) -> None:
    found = desk.settings(MATRIX_ACCESS_TOKEN="known", PARLEY_CONNECTORS__MATRIX__ACCESS_TOKEN="ours")
    assert found == {**DEFAULTS, "connectors.matrix": Matrix(access_token=SecretStr("known"))}


@pytest.mark.parametrize("name", ["MATRIX_ACCESS_TOKEN_FILE", "PARLEY_CONNECTORS__MATRIX__ACCESS_TOKEN_FILE"])
def test_a_secret_may_lie_in_a_file(desk: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / "token").write_text("syt_secret\n")
    found = desk.settings(**{name: str(tmp_path / "token")})
    assert found == {**DEFAULTS, "connectors.matrix": Matrix(access_token=SecretStr("syt_secret"))}


def test_a_secret_file_that_is_not_there_is_told(desk: Desk) -> None:
    said = "MATRIX_ACCESS_TOKEN_FILE: connectors.matrix.access_token cannot be read from /no/x: name a text file."
    assert desk.problems(MATRIX_ACCESS_TOKEN_FILE="/no/x") == [said]


def test_a_secret_given_twice_is_told(desk: Desk) -> None:
    said = (
        "MATRIX_ACCESS_TOKEN: connectors.matrix.access_token is also given by MATRIX_ACCESS_TOKEN_FILE:"
        " keep one of the two."
    )
    assert desk.problems(MATRIX_ACCESS_TOKEN="a", MATRIX_ACCESS_TOKEN_FILE="/b") == [said]


def test_a_token_that_looks_like_a_number_stays_text(desk: Desk) -> None:
    found = desk.settings(PARLEY_CONNECTORS__MATRIX__ACCESS_TOKEN="0123", PARLEY_STORE__URL="[1]")
    assert found == {**DEFAULTS, "connectors.matrix": Matrix(access_token=SecretStr("0123")), "store": Store(url="[1]")}


def test_empty_variables_count_as_unset(desk: Desk) -> None:
    assert desk.settings(MATRIX_ACCESS_TOKEN="", PARLEY_STORE__URL="") == DEFAULTS


MANY_FAULTS = """
colour = "red"
[moderatoin]
x = 1
[moderation]
mode = "atuo"
sure = "much"
thing = 1
quiet = 3
[moderation.flood]
mesages = 3
messages = 0
within = "soon"
[moderation.rules.a]
kind = "pattern"
pattern = "(a"
[moderation.rules.b]
kind = "other"
[connectors.matirx]
homeserver = "x"
[store]
url = 7
"""


def test_all_problems_are_told_at_once(desk: Desk) -> None:
    assert desk.problems(
        MANY_FAULTS,
        PARLEY_MODERATION__SURE="2",
        PARLEY_MODERATION__LIMITS="1,x",
        PARLEY_STORE__ULR="x",
        PARLEY_STOER__URL="x",
    ) == [
        "PARLEY_STOER__URL: stoer is not a setting: did you mean store?",
        "PARLEY_STORE__ULR: store.ulr is not a setting: did you mean store.url?",
        "parley.toml:2: colour is not a setting: remove it, or use one of connectors, moderation, store.",
        "parley.toml:3: moderatoin is not a setting: did you mean moderation?",
        "parley.toml:8: moderation.thing is not a setting: remove it.",
        "parley.toml:11: moderation.flood.mesages is not a setting: did you mean moderation.flood.messages?",
        "parley.toml:19: connectors.matirx is not a setting: did you mean connectors.matrix?",
        'parley.toml:6: moderation.mode must be manual, semi or auto, not "atuo": did you mean auto?',
        'PARLEY_MODERATION__SURE: moderation.sure must be at most 1, not "2".',
        'PARLEY_MODERATION__LIMITS: moderation.limits.1 must be a whole number, not "x".',
        "parley.toml:9: moderation.quiet must be true or false, not 3.",
        "parley.toml:12: moderation.flood.messages must be more than 0, not 0.",
        'parley.toml:13: moderation.flood.within must be a duration such as "10m" or "2h 30m", not "soon".',
        f"parley.toml:16: moderation.rules.a.pattern: {UNCLOSED}",
        "parley.toml:17: moderation.rules.b must be a table whose kind is one of pattern, words.",
        "parley.toml:22: store.url must be text in quotes, not 7.",
    ]


def test_a_section_must_be_a_table(desk: Desk) -> None:
    assert desk.problems("store = 1\nconnectors = 'x'") == [
        "parley.toml:1: store must be a table: write [store] and its keys on the lines below.",
        "parley.toml:2: connectors must be a table: write [connectors] and its keys on the lines below.",
    ]


def test_a_missing_secret_is_told_by_its_model(desk: Desk) -> None:
    said = "parley.toml:2: connectors.matrix.access_token: it is missing, set MATRIX_ACCESS_TOKEN."
    assert desk.problems('[connectors]\nmatrix.homeserver = "x"') == [said]


def test_a_missing_key_is_told_with_every_way_to_set_it() -> None:
    class Needy(BaseModel):
        name: str

    with pytest.raises(Exception, match="is missing") as caught:
        check(Source(file="p.toml", tree={}, lines={}, environ={}), {"a": Needy})
    said = "p.toml: a.name is missing: set PARLEY_A__NAME, or write name = ... under [a] in p.toml."
    assert str(caught.value) == said


def test_one_underscore_too_few_is_told_and_foreign_variables_are_not(desk: Desk) -> None:
    said = "PARLEY_STORE_URL is not read: two underscores part a section from its key, so write PARLEY_STORE__URL."
    assert desk.problems(PARLEY_STORE_URL="x", PARLEY_PORT="tcp://10.0.0.1:80", PARLEY_SERVICE_HOST="x") == [said]


def test_a_secret_is_never_shown(desk: Desk) -> None:
    text = "[connectors.matrix]\naccess_token = 123456789\nacess_token = 'hunter2222'"
    assert desk.problems(text) == [
        "parley.toml:3: connectors.matrix.acess_token is not a setting: did you mean connectors.matrix.access_token?",
        "parley.toml:2: connectors.matrix.access_token must be text in quotes.",
    ]


def test_a_secret_quoted_by_its_validator_is_masked() -> None:
    class Account(BaseModel):
        token: SecretStr

        def problems(self) -> list[tuple[str, str]]:
            return [("token", f"{self.token.get_secret_value()} begins with the wrong letters")]

    with pytest.raises(Exception, match="begins") as caught:
        check(Source(file="p", tree={}, lines={}, environ={"PARLEY_A__TOKEN": "hunter2222"}), {"a": Account})
    assert str(caught.value) == "PARLEY_A__TOKEN: a.token: *** begins with the wrong letters."


def test_a_long_word_list_is_checked_in_time(desk: Desk) -> None:
    text = "[moderation]\nlanguages = [\n" + '  "word", # ok\n' * 20_000 + "]\nmod = 1"
    begun = time.process_time()
    assert desk.problems(text) == ["parley.toml:20004: moderation.mod is not a setting: did you mean moderation.mode?"]
    assert time.process_time() - begun < 2


def test_the_sections_are_those_that_were_asked_for(desk: Desk) -> None:
    assert list(desk.settings()) == list(SECTIONS)


class Odd(BaseModel):
    """Types and names beside the usual ones."""

    model_config = SOUND
    color: str = Field(default="red", pattern="^[a-z]+$", alias="colour")
    many: int | list[str] = 1
    names: list[str] = ["a"]
    when: datetime | None = None
    path: Path = Path("x")
    pages: list[Flood] = []
    secrets: dict[str, SecretStr] = {}
    step: float = Field(default=0.5, multiple_of=0.25)
    link: HttpUrl | None = None
    one_of: Literal[1, 2] = 1


def _odd(tmp_path: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(read(written(tmp_path, text), environ), {"odd": Odd})
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_unusual_types_are_told_in_plain_words_too(tmp_path: Path) -> None:
    text = """[odd]
colour = "RED"
many = {}
names = []
when = "soon"
path = 3
step = 0.1
link = "nope"
one_of = 3
pages = [{ messages = 1 }, { messages = "x" }]
secrets.a = 12345678
"""
    assert _odd(tmp_path, text, PARLEY_ODD__NAMES__0="x") == [
        'parley.toml:2: odd.colour must be text that matches ^[a-z]+$, not "RED".',
        'parley.toml:3: odd.many must be a whole number or a list such as ["a", "b"].',
        'parley.toml:4: odd.names must be a list such as ["a", "b"].',
        'parley.toml:5: odd.when must be a date and time such as 2030-12-31T18:00:00Z, not "soon".',
        "parley.toml:6: odd.path must be text in quotes, not 3.",
        'parley.toml:10: odd.pages.1.messages must be a whole number, not "x".',
        "parley.toml:11: odd.secrets.a must be text in quotes.",
        "parley.toml:7: odd.step must be a multiple of 0.25, not 0.1.",
        'parley.toml:8: odd.link must be an address such as https://example.org, not "nope".',
        "parley.toml:9: odd.one_of must be 1 or 2, not 3.",
    ]


def test_a_list_of_tables_is_no_section(tmp_path: Path) -> None:
    said = "parley.toml:1: odd must be a table: write [odd] and its keys on the lines below."
    assert _odd(tmp_path, "[[odd]]\nmany = 1") == [said]


def test_a_variable_below_a_key_is_named_when_the_key_is_nowhere_else(tmp_path: Path) -> None:
    said = 'PARLEY_ODD__NAMES__0: odd.names must be a list such as ["a", "b"].'
    assert _odd(tmp_path, "", PARLEY_ODD__NAMES__0="x") == [said]


def test_a_variable_may_hold_a_number_a_date_or_a_table(tmp_path: Path) -> None:
    environ = {"PARLEY_ODD__ONE_OF": "2", "PARLEY_ODD__WHEN": "2030-12-31", "PARLEY_ODD__SECRETS": '{"a": "b"}'}
    found = check(read(written(tmp_path, ""), environ), {"odd": Odd})
    wanted = {"one_of": 2, "when": "2030-12-31", "secrets": {"a": "b"}}
    assert found == {"odd": Odd.model_validate(wanted)}
