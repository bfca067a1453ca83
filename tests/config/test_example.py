"""The example file says everything and sets nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, Field

from config.check import check
from config.example import TOP, example
from config.load import read
from tests.config.samples import SECTIONS, Moderation, written

MATRIX = """
## A Matrix account.
[connectors.matrix]
## Environment: MATRIX_HOMESERVER
# homeserver = ""
## From your client.
## Environment: MATRIX_ACCESS_TOKEN
# access_token = ""
"""
MODERATION = """
## Keeps rooms safe.
##
## Rules come first.
[moderation]
## manual, semi or auto.
# mode = "semi"
## Act alone from here on, from 0 to 1.
# sure = 0.9
# doubtful = 0.5
# languages = ["en", "k\\"l"]
# limits = []
## greeting = (unset)
# quiet = false

## How fast is too fast.
[moderation.flood]
## How many messages are a flood.
# messages = 8
## In which time.
# within = "10s"

## Your own rules by name.
## Removes what matches.
## [moderation.rules.name]
## kind = "pattern"
## pattern = ""
## Removes listed words.
## [moderation.rules.name]
## kind = (must be set)
## words = []
"""


def test_the_example_explains_each_setting_with_its_default() -> None:
    wanted: dict[str, type[BaseModel]] = {"moderation": Moderation, "connectors.matrix": SECTIONS["connectors.matrix"]}
    assert example(wanted) == TOP + MODERATION + MATRIX


def test_the_example_as_it_stands_sets_nothing(tmp_path: Path) -> None:
    defaults = {name: model() for name, model in SECTIONS.items()}
    assert check(read(written(tmp_path, example(SECTIONS)), {}), SECTIONS) == defaults


def _uncommented(text: str) -> str:
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.split("\n"))


def test_with_one_mark_less_on_each_line_it_sets_the_defaults(tmp_path: Path) -> None:
    text = _uncommented(example(SECTIONS))
    assert set(tomllib.loads(text)["moderation"]) == set(Moderation.model_fields) - {"greeting", "rules"}
    defaults = {name: model() for name, model in SECTIONS.items()}
    assert check(read(written(tmp_path, text), {}), SECTIONS) == defaults


class Inner(BaseModel):
    name: str = "a\x7f\n\\ü"


class Needy(BaseModel):
    name: str


class Outer(BaseModel):
    """Tables that are there, may be there, or must be there; defaults of all sorts."""

    maybe: Inner | None = Field(default=None, description="Only if you want it.")
    needy: Needy | None = None
    named: dict[str, Inner] = {"x": Inner(name="y")}
    floats: list[float] = [1e-9, 1e22]
    required: int


def test_what_may_be_added_is_only_described() -> None:
    body = example({"outer": Outer}).removeprefix(TOP)
    assert (
        body
        == """
## Tables that are there, may be there, or must be there; defaults of all sorts.
[outer]
# named = { "x" = { "name" = "y" } }
# floats = [1e-09, 1e+22]
## required = (must be set)

## Only if you want it.
## [outer.maybe]
## name = "a\\u007f\\n\\\\ü"

## [outer.needy]
## name = (must be set)

## [outer.named.name]
## name = "a\\u007f\\n\\\\ü"
"""
    )
    assert tomllib.loads(_uncommented(body)) == {"outer": {"floats": [1e-9, 1e22], "named": {"x": {"name": "y"}}}}


class Node(BaseModel):
    """Holds itself."""

    name: str = "x"
    child: Node | None = None


def test_a_model_that_holds_itself_is_described_once() -> None:
    assert example({"node": Node}) == TOP + '\n## Holds itself.\n[node]\n# name = "x"\n\n'
